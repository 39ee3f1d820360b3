//! `SkippedKey`.

use crate::error::ConfigError;

/// A key of a set that cannot be used here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Its `kid`, if it has one.
    pub id: Option<String>,
    /// The reason why it was skipped.
    pub reason: ConfigError,
}
