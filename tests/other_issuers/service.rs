//! A service that accepts issuers, and what it makes of a token.

use std::error::Error as _;

use gatevault::error::InvalidReason;
use gatevault::token::TokenManagerBuilder;
use gatevault::{GateVault, GuardError, Issuer, Payload, TokenError, TokenManager, Verified, protected};
use gatevault_tests::timed;

/// Returns a manager that accepts these issuers and has no key of its own. Its clock is at the start of the tests.
pub(crate) fn service(issuers: impl IntoIterator<Item = Issuer>) -> TokenManager {
    let builder = TokenManager::builder().clock(timed().1);
    issuers.into_iter().fold(builder, TokenManagerBuilder::accept).build().unwrap()
}

/// Returns services that accept the issuers in both orders, with and without a cache of signatures.
pub(crate) fn services(issuers: [Issuer; 2]) -> Vec<TokenManager> {
    let [one, two] = issuers;
    let orders = [[one.clone(), two.clone()], [two, one]];
    let build = |[first, second]: [Issuer; 2], cached: bool| {
        let builder = TokenManager::builder().clock(timed().1).accept(first).accept(second);
        let builder = if cached { builder.remember_signatures(100) } else { builder };
        builder.build().unwrap()
    };
    orders.iter().flat_map(|order| [false, true].map(|cached| build(order.clone(), cached))).collect()
}

#[protected(gate = gate)]
fn whoami(gate: &GateVault, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

/// Calls a guarded function with the token. Returns the id of the user.
pub(crate) fn open(tokens: &TokenManager, token: &str) -> Result<String, GuardError> {
    whoami(token.to_owned(), &GateVault::new(tokens.clone()))
}

pub(crate) fn decode(tokens: &TokenManager, token: &str) -> Result<Verified<Payload>, TokenError> {
    tokens.decode_access_token::<Payload>(token)
}

/// Returns the reason why the token is refused.
pub(crate) fn refusal(tokens: &TokenManager, token: &str) -> InvalidReason {
    // A second verification may be answered from the cache.
    let first = decode(tokens, token).map(drop);
    assert_eq!(first, decode(tokens, token).map(drop));
    match first {
        Err(TokenError::Invalid(reason)) => reason,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Returns the issuer that the service takes the token for.
pub(crate) fn issuer_of(tokens: &TokenManager, token: &str) -> Option<String> {
    let first = decode(tokens, token).unwrap().foreign_issuer().map(str::to_owned);
    let second = decode(tokens, token).unwrap().foreign_issuer().map(str::to_owned);
    assert_eq!(first, second);
    first
}

/// Returns the text for the log.
pub(crate) fn logged(error: &TokenError) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}
