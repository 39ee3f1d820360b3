//! How it is said that a key cannot be used.

use crate::error::ConfigError;

pub(super) fn refusal(
    given_to: &'static str,
    found: impl Into<String>,
    instead: &'static str,
) -> ConfigError {
    ConfigError::InvalidKey { given_to, found: found.into(), instead }
}
