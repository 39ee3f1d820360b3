//! The scopes of a handler in the challenge of a denial.

use crate::guard::GuardedHandler;
use crate::web::challenge;

/// Returns the challenge with the scopes that the handler demands, each once.
pub(super) fn with_scopes<H: GuardedHandler>(challenge: &str) -> String {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in H::SCOPES.iter().copied().flatten() {
        if !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    challenge::with_scopes(challenge, &scopes)
}
