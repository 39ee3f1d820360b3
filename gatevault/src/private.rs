//! The names that the macros' output uses. Not for people, and free to change in any release.

use serde::de::{Deserializer, Error, Unexpected};

pub use crate::claims::{
    BareClaims, BareRole, ClaimMap, Field, FieldValue, PossibleId, RoleField, SubjectField, SubjectType,
    Unwritable, borrowed,
};
pub use crate::event::{CallerClaims, Function, KeptCaller, Parent};
pub use crate::guard::{
    Guard, Input, ProofOfToken, RequiredAuthentication, Requirement, denied, has_any_role, has_any_scope,
    has_scopes, opened, unmet,
};
use crate::json::JsonStr;
pub use crate::login::{AnyId, IdField, IdType, PasswordField, StampField};
pub use crate::token::TokenText;
pub use serde;

/// Completes a condition that its author is still typing, beside the error for it.
pub trait HalfTyped {
    /// Completes `payload.`, so that an editor sees an expression.
    #[doc(hidden)]
    fn half_typed(&self) -> bool {
        false
    }
}

impl<T: ?Sized> HalfTyped for T {}

/// Reads a string that is one of a few names.
///
/// # Errors
///
/// If it is none of them.
pub fn read_name<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let JsonStr(name) = serde::Deserialize::deserialize(deserializer)?;
    read(&name).ok_or_else(|| D::Error::invalid_value(Unexpected::Other("another name"), &"a known name"))
}
