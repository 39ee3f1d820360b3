//! The messages of stores that fail. Their errors may quote what a client sent, so they are escaped.

use super::super::{Decision, Event, StoreOperation};

/// Writes trouble with a store, or its end.
pub(super) fn write(event: &Event) {
    match &event.decision {
        Decision::StoreFailed { operation, error } => write_failure(*operation, error),
        Decision::CleaningFailed { error, retry_in } => {
            tracing::warn!(target: "gatevault", ?error, ?retry_in, "expired sessions not removed");
        }
        Decision::FeedUnreachable { error, since, denies } => {
            let policy = if *denies { "Deny" } else { "Allow" };
            tracing::warn!(target: "gatevault", ?error, since, %policy, "revocation feed unreachable");
        }
        Decision::FeedRecovered => tracing::info!(target: "gatevault", "revocation feed recovered"),
        _ => {}
    }
}

fn write_failure(operation: StoreOperation, error: &str) {
    match operation {
        StoreOperation::Session => tracing::warn!(target: "gatevault", ?error, "session store failed"),
        StoreOperation::FindUser => tracing::warn!(target: "gatevault", ?error, "user lookup failed"),
        StoreOperation::AddUser => tracing::warn!(target: "gatevault", ?error, "user not added"),
        StoreOperation::FindAddedUser => {
            tracing::warn!(target: "gatevault", "registered user not found by name");
        }
        StoreOperation::ChangePassword => tracing::warn!(target: "gatevault", ?error, "password not changed"),
        StoreOperation::ReplaceHash => {
            tracing::warn!(target: "gatevault", ?error, "outdated hash not replaced");
        }
        StoreOperation::CountAttempt => {
            tracing::warn!(target: "gatevault", ?error, "login denied: attempt store unavailable");
        }
        StoreOperation::CountAttemptAllowed => {
            tracing::warn!(target: "gatevault", ?error, "login allowed without throttling: attempt store unavailable");
        }
        StoreOperation::RecordOutcome => {
            tracing::warn!(target: "gatevault", ?error, "attempt outcome not recorded: attempt store unavailable");
        }
    }
}
