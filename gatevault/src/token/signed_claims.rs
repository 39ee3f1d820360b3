//! Features `testing` and `asymmetric`: tokens of a test's issuer with claims of any form.

use super::{TokenManager, jws};
use crate::error::{InvalidReason, TokenError};
use crate::key::TokenType;

impl TokenManager {
    /// Signs claims as they are, and writes no claim of its own.
    pub(crate) fn sign_claims(&self, json: &[u8]) -> Result<String, TokenError> {
        let first_party = self.settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        let keys = first_party.keys.load();
        jws::sign(json, TokenType::Jwt, keys.signing().ok_or(InvalidReason::NoSigningKey)?)
    }
}
