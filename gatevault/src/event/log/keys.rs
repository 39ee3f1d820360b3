//! The messages of keys.

use super::super::{Decision, Event};

/// Writes a change of keys.
pub(super) fn write(event: &Event) {
    match &event.decision {
        Decision::KeyRingChanged { change, key } => {
            let change = change.name();
            tracing::info!(target: "gatevault", change, ?key, "key ring changed");
        }
        Decision::RemoteKeysChanged { source, keys, skipped } => {
            tracing::info!(target: "gatevault", ?source, ?keys, ?skipped, "remote keys changed");
        }
        Decision::RemoteKeysFailed { source, url, reason, retry } => {
            tracing::warn!(target: "gatevault", ?source, ?url, ?reason, ?retry, "remote key fetch failed");
        }
        Decision::SigningFailed { error } => {
            tracing::warn!(target: "gatevault", ?error, "external signer failed");
        }
        _ => {}
    }
}
