//! What the macros' output names: not for people, and free to change in any release.

use serde::de::{Deserializer, Error, Unexpected};

pub use crate::claims::{ClaimMap, FromValue, ToValue, lent};
pub use crate::guard::{Guard, Requirement, Role, has_any_role, has_any_scope, has_scopes, unmet};
pub use crate::token::TokenText;
pub use serde;

/// Reads a text that is one of a few names.
///
/// # Errors
///
/// When it is none of them.
pub fn read_name<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let crate::claims::Text(name) = serde::Deserialize::deserialize(deserializer)?;
    read(&name).ok_or_else(|| D::Error::invalid_value(Unexpected::Other("another name"), &"a known name"))
}
