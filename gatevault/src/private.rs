//! The names that the macros' output uses. Not for people, and free to change in any release.

use serde::de::{Deserializer, Error, Unexpected};
use serde::ser::Serializer;

pub use crate::claims::{ClaimMap, FromValue, Role, ToValue, borrowed};
pub use crate::guard::{Guard, Requirement, has_any_role, has_any_scope, has_scopes, unmet};
use crate::json::JsonStr;
pub use crate::token::TokenText;
pub use serde;

/// Writes the value of a newtype.
///
/// # Errors
///
/// If JSON cannot represent it.
pub fn write_value<V: ToValue, S: Serializer>(value: &V, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

/// Reads the value of a newtype.
///
/// # Errors
///
/// If it has another type.
pub fn read_value<'de, V: FromValue<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<V, D::Error> {
    V::deserialize(deserializer)
}

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
