//! Statuses of gRPC as outcomes of `assert_denied!`.

use std::error::Error;

use super::denial_kind::DenialKind;
use super::denied_response::kind_of;
use crate::error::GuardError;
use crate::web::denial_of_status;

/// Returns the kind of a denial that became a status of gRPC: that of the response which its code and its metadata stand for. The
/// message tells what a challenge without an error is about, and a store that is down from a server that cannot be reached.
pub(super) fn kind_of_status(error: &(dyn Error + 'static)) -> Option<DenialKind> {
    let (status, challenge, message) = denial_of_status(error)?;
    let is = |denial: GuardError| denial.to_string() == message;
    if status == 503 && !is(GuardError::unavailable("")) {
        return None;
    }
    let bare = if is(GuardError::MissingToken) {
        Some(DenialKind::MissingToken)
    } else {
        is(GuardError::invalid_credentials("")).then_some(DenialKind::WrongCredentials)
    };
    kind_of(status, challenge, bare)
}
