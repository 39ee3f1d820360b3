//! `PasswordHasherBuilder`.

use super::{PasswordHasher, Schemes};
use crate::error::ConfigError;

/// Builds a [`PasswordHasher`]; start with [`PasswordHasher::builder`].
///
/// # Examples
///
/// ```
/// use gatevault::PasswordHasher;
///
/// let hasher = PasswordHasher::builder().cost(13).cost_ceiling(14).build()?;
/// # Ok::<(), gatevault::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build()` is called"]
pub struct PasswordHasherBuilder {
    pub(super) schemes: Schemes,
}

impl PasswordHasherBuilder {
    /// Sets the bcrypt cost of new hashes, 4 to 31. Each step doubles the work. Default: 12.
    pub fn cost(mut self, cost: u32) -> Self {
        self.schemes.bcrypt_mut().cost = cost;
        self
    }

    /// Sets the highest bcrypt cost of a stored hash, up to 31. Default: 16.
    ///
    /// # Security
    ///
    /// An attacker who can write a stored hash chooses how long its verification takes: hours at cost 31. A hash above
    /// the ceiling matches nothing and causes no work.
    pub fn cost_ceiling(mut self, ceiling: u32) -> Self {
        self.schemes.bcrypt_mut().ceiling = ceiling;
        self
    }

    /// Validates the settings and builds the hasher.
    ///
    /// # Errors
    ///
    /// `NumberOutOfBounds`: `cost_ceiling` is not in 4 to 31, or `cost` is not in 4 to the ceiling.
    pub fn build(self) -> Result<PasswordHasher, ConfigError> {
        self.schemes.validated().map(PasswordHasher::new)
    }
}

impl Default for PasswordHasherBuilder {
    fn default() -> Self {
        Self { schemes: Schemes::DEFAULT }
    }
}
