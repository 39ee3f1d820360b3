//! The challenges in the headers of a denied handler's response, in the types of the `http` crate.

use http::HeaderMap;

use super::scopes::with_scopes;
use crate::guard::GuardedHandler;
use crate::web::headers::edit_challenges;

/// Adds the scopes that the handler demands to the challenges of a denial.
pub(super) fn add_scopes<H: GuardedHandler>(headers: &mut HeaderMap) {
    if !H::SCOPES.is_empty() {
        edit_challenges(headers, |challenge| with_scopes::<H>(challenge));
    }
}
