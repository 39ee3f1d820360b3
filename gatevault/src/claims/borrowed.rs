//! Strings that borrow from the token unless they have escapes: how the derive reads a `Cow<'_, str>`.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::json::JsonStr;

/// Returns the string, which is written unchanged.
pub fn encode<T>(string: &T) -> &T {
    string
}

/// Returns the string that was read.
///
/// # Errors
///
/// Never.
#[must_use]
pub fn decode(JsonStr(string): JsonStr<'_>) -> Result<Cow<'_, str>, Infallible> {
    Ok(string)
}

/// Strings that may be absent.
pub mod option {
    pub use super::encode;
    use super::{Cow, Infallible, JsonStr};

    /// Returns the string that was read, if there was one.
    ///
    /// # Errors
    ///
    /// Never.
    #[must_use]
    pub fn decode(string: Option<JsonStr<'_>>) -> Result<Option<Cow<'_, str>>, Infallible> {
        Ok(string.map(|JsonStr(string)| string))
    }
}
