//! The settings of a [`PasswordHasher`].

use super::{PasswordHasher, Schemes};
use crate::error::ConfigError;

/// Settings for a [`PasswordHasher`], from [`PasswordHasher::builder`].
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
#[must_use = "a builder does nothing until `build()`"]
pub struct PasswordHasherBuilder {
    pub(super) schemes: Schemes,
}

impl PasswordHasherBuilder {
    /// Sets the bcrypt cost of new hashes, 4 to 31: each step doubles the work. 12 unless set.
    pub fn cost(mut self, cost: u32) -> Self {
        self.schemes.bcrypt_mut().cost = cost;
        self
    }

    /// Sets the highest bcrypt cost that a stored hash may ask for, up to 31. 16 unless set.
    ///
    /// # Security
    ///
    /// Whoever can write a stored hash chooses how long its verification runs: hours at cost 31. Hashes
    /// over the ceiling match nothing, before any work.
    pub fn cost_ceiling(mut self, ceiling: u32) -> Self {
        self.schemes.bcrypt_mut().ceiling = ceiling;
        self
    }

    /// Builds the hasher.
    ///
    /// # Errors
    ///
    /// `NumberOutOfBounds`, naming `cost_ceiling` outside of 4 to 31, or `cost` outside of 4 to the ceiling.
    pub fn build(self) -> Result<PasswordHasher, ConfigError> {
        self.schemes.validated().map(PasswordHasher::new)
    }
}

impl Default for PasswordHasherBuilder {
    fn default() -> Self {
        Self { schemes: Schemes::DEFAULT }
    }
}
