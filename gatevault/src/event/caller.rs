//! The caller of a guarded function, read from the claims of a token only when an event needs it.

use serde::de::Deserialize as _;
use serde_json::{Map, Value};

use super::Event;
use crate::user_id::UserId;

/// The claims of a token whose signature is verified, as JSON.
///
/// A guard passes them on as a reference: they are parsed again only for an event, so a call that emits none pays nothing.
#[derive(Debug, Clone, Copy)]
pub struct CallerClaims<'t> {
    json: &'t [u8],
    /// The name of the claim with the id of the user. Static, because the gate may not live as long as the check.
    subject_claim: &'static str,
}

impl<'t> CallerClaims<'t> {
    /// Creates the claims of a call without a token whose signature is verified.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { json: &[], subject_claim: "" }
    }

    /// Creates the claims of a token.
    pub(crate) fn new(json: &'t [u8], subject_claim: &'static str) -> Self {
        Self { json, subject_claim }
    }
}

/// A copy of [`CallerClaims`], for conditions that are checked after the token is gone.
#[derive(Debug, Default)]
pub struct KeptCaller {
    json: Box<[u8]>,
    subject_claim: &'static str,
}

impl KeptCaller {
    /// Copies the claims.
    #[must_use]
    pub fn of(caller: CallerClaims<'_>) -> Self {
        Self { json: caller.json.into(), subject_claim: caller.subject_claim }
    }

    /// Returns the claims.
    #[must_use]
    pub fn claims(&self) -> CallerClaims<'_> {
        CallerClaims::new(&self.json, self.subject_claim)
    }
}

impl Event {
    /// Sets the user, the token, the session and the issuer from the claims of a token.
    pub(crate) fn of_caller(self, caller: CallerClaims<'_>) -> Self {
        if caller.json.is_empty() {
            return self;
        }
        let claims: Map<String, Value> = serde_json::from_slice(caller.json).unwrap_or_default();
        let string = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let user = claims.get(caller.subject_claim).and_then(|id| UserId::deserialize(id).ok());
        Self { user, token_id: string("jti"), session_id: string("sid"), issuer: string("iss"), ..self }
    }
}
