//! What the macros' output names: not for people, and free to change in any release.

use serde::de::{Deserializer, Error, Unexpected};
use serde::ser::Serializer;

pub use crate::claims::{ClaimMap, FromValue, Role, ToValue, borrowed};
pub use crate::guard::{Guard, Requirement, has_any_role, has_any_scope, has_scopes, unmet};
pub use crate::token::TokenText;
pub use serde;

/// Writes what a newtype holds.
///
/// # Errors
///
/// When JSON cannot hold it.
pub fn write_value<V: ToValue, S: Serializer>(value: &V, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

/// Reads what a newtype holds.
///
/// # Errors
///
/// When it is of another type.
pub fn read_value<'de, V: FromValue<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<V, D::Error> {
    V::deserialize(deserializer)
}

/// Reads a text that is one of a few names.
///
/// # Errors
///
/// When it is none of them.
pub fn read_name<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let crate::json::Text(name) = serde::Deserialize::deserialize(deserializer)?;
    read(&name).ok_or_else(|| D::Error::invalid_value(Unexpected::Other("another name"), &"a known name"))
}
