//! The same without the feature `tonic`: no error is a status.

use std::error::Error;

/// Returns `None`.
pub(crate) fn denial_of_status<'e>(_: &'e (dyn Error + 'static)) -> Option<(u16, Option<&'e str>, &'e str)> {
    None
}
