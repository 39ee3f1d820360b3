//! The messages of guards.

use tracing::field::{debug, display};

use super::super::{Decision, Event};

/// Writes a decision of a guard. A fault of the program is an error; every other denial is normal.
pub(super) fn write(event: &Event) {
    let function = event.function.map(display);
    let user = event.user.as_ref().map(debug);
    let token_id = event.token_id.as_ref().map(debug);
    let session = event.session_id.as_ref().map(debug);
    let issuer = event.issuer.as_ref().map(debug);
    match &event.decision {
        Decision::Opened => {
            tracing::debug!(target: "gatevault", function, user, token_id, session, issuer, "opened");
        }
        Decision::Denied { status: 500, denial, reason } => {
            tracing::error!(target: "gatevault", function, %denial, reason, user, token_id, session, issuer, "denied");
        }
        Decision::Denied { denial, reason, .. } => {
            tracing::info!(target: "gatevault", function, %denial, reason, user, token_id, session, issuer, "denied");
        }
        _ => {}
    }
}
