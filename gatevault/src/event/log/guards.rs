//! The messages of guards.

use tracing::field::display;

use super::super::{Decision, Event};

/// Writes a decision of a guard. A fault of the program is an error; every other denial is normal.
pub(super) fn write(event: &Event) {
    let function = event.function.map(display);
    match &event.decision {
        Decision::Opened => log!(debug, event, "opened", function),
        Decision::Denied { status: 500, denial, reason } => {
            log!(error, event, "denied", function, %denial, reason);
        }
        Decision::Denied { denial, reason, .. } => log!(info, event, "denied", function, %denial, reason),
        _ => {}
    }
}
