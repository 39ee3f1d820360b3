//! aide 0.15: the extractors of axum in API documents, with what the guard of a handler demands.
//!
//! The security scheme is called `bearerAuth`. The application adds it to its document, because an extractor cannot.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response, SecurityRequirement};
use aide::{OperationInput, OperationOutput};

use super::cloned_claims::ClonedClaims;
use super::openapi::{BEARER, DENIALS, REFRESH, alternatives};
use super::{Bearer, PageToken};
use crate::claims::Verified;
use crate::error::GuardError;
use crate::guard::{GuardedHandler, HandlerGuard};

/// The `security` of a handler with `#[protected(handler)]`, with its scopes.
///
/// If they can be combined in more than 100 ways, it is one alternative with all of them.
impl<H: GuardedHandler> OperationInput for HandlerGuard<H> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let all = || vec![H::SCOPES.iter().copied().flatten().copied().collect()];
        let scheme = if H::REFRESH { REFRESH } else { BEARER };
        let anonymous = H::OPTIONAL.then(SecurityRequirement::new);
        let scopes = alternatives(H::SCOPES).unwrap_or_else(all);
        let guarded = scopes.iter().map(|scopes| requirement(scheme, scopes));
        operation.security = anonymous.into_iter().chain(guarded).collect();
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        denials()
    }
}

/// The scheme without scopes, which the extractor does not know.
impl OperationInput for Bearer {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        need_token(operation);
    }
}

/// The scheme without scopes. aide shows `Option<Verified<C>>` as it shows `Verified<C>`.
impl<C: ClonedClaims> OperationInput for Verified<C> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        need_token(operation);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        denials()
    }
}

/// Pages are not in an API document.
impl OperationInput for PageToken {}

/// The responses to denied calls of a handler that returns `Result<_, GuardError>`.
impl OperationOutput for GuardError {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        denials()
    }
}

/// Adds the scheme, unless a guard has said more.
fn need_token(operation: &mut Operation) {
    if operation.security.is_empty() {
        operation.security.push(requirement(BEARER, &[]));
    }
}

fn requirement(scheme: &str, scopes: &[&str]) -> SecurityRequirement {
    [(scheme.to_owned(), scopes.iter().map(|scope| (*scope).to_owned()).collect())].into_iter().collect()
}

fn denials() -> Vec<(Option<u16>, Response)> {
    let responses = DENIALS.iter().filter_map(|denial| {
        let response = serde_json::from_value(denial.response()).ok()?;
        Some((Some(denial.status.parse().ok()?), response))
    });
    responses.collect()
}
