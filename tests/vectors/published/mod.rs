//! Vectors that others publish, in the folder `data`, each set with its source, its license and its counts.
//!
//! Most of them sign a payload that is not the claims of a token. The manager reads claims only after it has verified the
//! signature, so the reason of the refusal shows the verdict on the signature: the claims are malformed, or the signature is
//! wrong. A vector counts as verified if the refusal is about its claims, and if the same token with one flipped bit in its
//! signature is refused for its signature.

mod cookbook;
mod readme;
mod rfc;
mod tally;
mod wycheproof;
mod wycheproof_sets;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{KeyRing, Payload, TokenError, TokenManager, VerifyingKey};
use gatevault_tests::START;
use serde_json::Value;
use std::time::{Duration, SystemTime};

pub(crate) use tally::Tally;

/// Returns a manager that verifies with these keys only.
fn reader(keys: impl IntoIterator<Item = VerifyingKey>) -> TokenManager {
    let ring = KeyRing::verifying(keys).unwrap();
    let clock = ManualClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    TokenManager::builder().key_ring(ring).clock(clock).build().unwrap()
}

/// Returns the reason why a token is refused. No vector is a token of ours.
fn refusal(tokens: &TokenManager, jws: &str) -> String {
    format!("{:?}", tokens.decode_token::<Payload>(jws).unwrap_err())
}

/// Returns whether the signature is verified: the refusal is about the payload, which is not a JSON object, and a flipped bit in
/// the signature is noticed.
fn is_verified(tokens: &TokenManager, jws: &str) -> bool {
    refusal(tokens, jws) == NOT_CLAIMS && is_bound(tokens, jws)
}

/// Returns whether a flipped bit in the first and in the last byte of the signature makes it wrong.
fn is_bound(tokens: &TokenManager, jws: &str) -> bool {
    let (message, signature) = jws.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    [0, signature.len() - 1].into_iter().all(|place| {
        let mut flipped = signature.clone();
        flipped[place] ^= 1;
        let flipped = format!("{message}.{}", URL_SAFE_NO_PAD.encode(flipped));
        let wrong = TokenError::Invalid(InvalidReason::Signature);
        tokens.decode_token::<Payload>(&flipped).unwrap_err() == wrong
    })
}

/// The refusal of a payload that is not a JSON object, whose signature was verified before.
const NOT_CLAIMS: &str = "Decode(Json(Claims))";

/// Parses a data file.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("no `{member}` in {value}"))
}
