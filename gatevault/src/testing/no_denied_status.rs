//! The same without the feature `http`: no error is a status.

use std::error::Error;

use super::denial_kind::DenialKind;

/// Returns `None`.
pub(super) fn kind_of_status(_: &(dyn Error + 'static)) -> Option<DenialKind> {
    None
}
