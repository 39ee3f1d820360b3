//! Texts on loan from the token, where they have no escapes: what the derive reads a `Cow<'_, str>` with.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::json::Text;

/// The text, which is written as it is.
pub fn encode<T>(text: &T) -> &T {
    text
}

/// The text as it was read.
///
/// # Errors
///
/// Never.
#[must_use]
pub fn decode(Text(text): Text<'_>) -> Result<Cow<'_, str>, Infallible> {
    Ok(text)
}

/// A text that may be absent.
pub mod option {
    pub use super::encode;
    use super::{Cow, Infallible, Text};

    /// The text as it was read, if it was there.
    ///
    /// # Errors
    ///
    /// Never.
    #[must_use]
    pub fn decode(text: Option<Text<'_>>) -> Result<Option<Cow<'_, str>>, Infallible> {
        Ok(text.map(|Text(text)| text))
    }
}
