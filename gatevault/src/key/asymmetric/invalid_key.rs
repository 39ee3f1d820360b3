//! The error of every constructor in this module.

use crate::error::ConfigError;

/// Creates the error for a key that cannot be used: what the constructor received, and what to give instead.
pub(super) fn invalid_key(
    given_to: &'static str,
    found: impl Into<String>,
    instead: &'static str,
) -> ConfigError {
    ConfigError::InvalidKey { given_to, found: found.into(), instead }
}
