//! The settings of a manager that hold for the keys of its ring, also for those that are added later.

use std::sync::Arc;

use super::VerifyingKey;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::error::{ConfigError, Warning};

/// The settings of the managers that use a ring. They hold for keys that are added later, too.
#[derive(Default)]
pub(super) struct RingPolicy {
    /// The clock of the first manager. Without a manager, keys are never dropped.
    clock: Option<Arc<dyn Clock>>,
    short_key: ShortKey,
}

/// The reaction to an HMAC secret that is shorter than its hash. If managers differ, the stricter one decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum ShortKey {
    #[default]
    Warn,
    Deny,
}

impl RingPolicy {
    /// Adds the settings of a manager.
    pub(super) fn adopt(&mut self, clock: &Arc<dyn Clock>, short_key: ShortKey) {
        self.clock.get_or_insert_with(|| Arc::clone(clock));
        self.short_key = self.short_key.max(short_key);
    }

    /// Returns whether a manager uses the ring.
    pub(super) fn is_adopted(&self) -> bool {
        self.clock.is_some()
    }

    /// Logs a warning for a weak key that is added, or returns an error if weak keys are denied.
    pub(super) fn judge(&self, key: &VerifyingKey) -> Result<(), ConfigError> {
        // The manager judges the keys that it finds.
        if self.is_adopted() { self.short_key.judge(key) } else { Ok(()) }
    }

    /// Reads the clock. Returns `None` if it is outside the years 1970 to 9999.
    pub(super) fn now(&self) -> Option<Timestamp> {
        Timestamp::now(self.clock.as_deref().unwrap_or(&SystemClock)).ok()
    }
}

impl ShortKey {
    /// Logs a warning for a weak key, or returns an error if weak keys are denied.
    pub(super) fn judge(self, key: &VerifyingKey) -> Result<(), ConfigError> {
        let Some(warning) = key.warning() else { return Ok(()) };
        let Warning::ShortKey { bytes, recommended } = warning;
        if self == Self::Deny {
            return Err(ConfigError::ShortKey { bytes, recommended });
        }
        tracing::warn!(target: "gatevault", %warning, "weak configuration");
        Ok(())
    }
}
