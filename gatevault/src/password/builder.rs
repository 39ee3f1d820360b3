//! The settings of a [`PasswordHasher`].

use super::PasswordHasher;
use super::bcrypt::{Bcrypt, COSTS};
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
    cost: u32,
    ceiling: u32,
}

impl PasswordHasherBuilder {
    /// Sets the bcrypt cost of new hashes, 4 to 31: each step doubles the work. 12 unless set.
    pub fn cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    /// Sets the highest bcrypt cost that a stored hash may ask for, up to 31. 16 unless set.
    ///
    /// # Security
    ///
    /// Whoever can write a stored hash chooses how long its verification runs: hours at cost 31. Hashes
    /// over the ceiling match nothing, before any work.
    pub fn cost_ceiling(mut self, ceiling: u32) -> Self {
        self.ceiling = ceiling;
        self
    }

    /// Builds the hasher.
    ///
    /// # Errors
    ///
    /// `NumberOutOfBounds`, naming `cost_ceiling` outside of 4 to 31, or `cost` outside of 4 to the ceiling.
    pub fn build(self) -> Result<PasswordHasher, ConfigError> {
        let Self { cost, ceiling } = self;
        require_within("cost_ceiling", ceiling, *COSTS.end())?;
        require_within("cost", cost, ceiling)?;
        Ok(PasswordHasher::new(Bcrypt { cost, ceiling }))
    }
}

impl Default for PasswordHasherBuilder {
    fn default() -> Self {
        let Bcrypt { cost, ceiling } = Bcrypt::DEFAULT;
        Self { cost, ceiling }
    }
}

fn require_within(setting: &'static str, given: u32, most: u32) -> Result<(), ConfigError> {
    let least = *COSTS.start();
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let [given, least, most] = [given, least, most].map(u64::from);
    Err(ConfigError::NumberOutOfBounds { setting, given, least, most })
}
