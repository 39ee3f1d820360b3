//! The denial of a call that the handler is not set up for.

use crate::error::{ConfigError, GuardError};

/// Returns the denial for a setting that the program lacks, and logs it: a fault of the program, not of the caller.
pub(super) fn misconfigured(error: ConfigError) -> GuardError {
    tracing::error!(target: "gatevault", %error, "login handler not set up");
    GuardError::Config(error)
}
