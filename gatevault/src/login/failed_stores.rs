//! Stores of the application that fail: their events and denials.

use std::error::Error;

use super::misconfigured::misconfigured;
use crate::error::{BoxError, ConfigError, GuardError};
use crate::event::{Decision, Event, StoreOperation};

/// Returns the denial for a user store that gave no answer. Its error may quote input of the client, so the log escapes it.
pub(super) fn lookup_failed(error: BoxError) -> GuardError {
    match error.downcast::<ConfigError>() {
        Ok(error) => misconfigured(*error),
        Err(error) => {
            store_failed(StoreOperation::FindUser, &*error);
            GuardError::unavailable(error)
        }
    }
}

/// Emits the event of a store that failed.
pub(super) fn store_failed(operation: StoreOperation, error: &(dyn Error + Send + Sync)) {
    Event::new(Decision::StoreFailed { operation, error: error.to_string() }).emit();
}
