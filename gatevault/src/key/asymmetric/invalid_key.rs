//! The error of every constructor in this module.

use std::borrow::Cow;

use crate::error::ConfigError;

/// Input without the requested key.
#[derive(Clone)]
pub(super) struct Mismatch {
    /// The input, as a noun phrase.
    found: Cow<'static, str>,
    /// The remedy, if it is more specific than "give the requested key".
    instead: Option<&'static str>,
}

impl Mismatch {
    /// Describes input that needs its own remedy.
    pub(super) fn new(found: impl Into<Cow<'static, str>>, instead: &'static str) -> Self {
        Self { found: found.into(), instead: Some(instead) }
    }

    /// Converts into the error of a constructor.
    pub(super) fn into_error(self, given_to: &'static str, expected: &'static str) -> ConfigError {
        invalid_key(given_to, self.found, self.instead.unwrap_or(expected))
    }
}

impl From<&'static str> for Mismatch {
    fn from(found: &'static str) -> Self {
        Self { found: found.into(), instead: None }
    }
}

impl From<String> for Mismatch {
    fn from(found: String) -> Self {
        Self { found: found.into(), instead: None }
    }
}

/// Creates the error for a key that cannot be used: what the constructor received, and what to give instead.
pub(super) fn invalid_key(
    given_to: &'static str,
    found: impl Into<String>,
    instead: &'static str,
) -> ConfigError {
    ConfigError::InvalidKey { given_to, found: found.into(), instead }
}
