//! Detached signatures over messages that are not those of a JWS: of CSRF tokens and purpose tokens.

use super::TokenManager;
use crate::error::{InvalidReason, TokenError};
use crate::key::VerifyingKey;

impl TokenManager {
    /// Signs a message with the signing key and returns only the signature, in base64url.
    ///
    /// The message must contain a colon before its first dot (domain separation): the header of a token never contains one,
    /// so this signature never verifies as a token's, nor a token's as this.
    pub(crate) fn sign_detached(&self, message: &str) -> Result<String, TokenError> {
        let keys = self.settings.first_party().ok_or(InvalidReason::NoSigningKey)?.keys.load();
        let mut signed = message.to_owned();
        keys.signing().ok_or(InvalidReason::NoSigningKey)?.sign(&mut signed)?;
        Ok(signed.rsplit('.').next().unwrap_or_default().to_owned())
    }

    /// Returns whether one of our current keys made this signature over the message.
    ///
    /// Every key is tried: the work is the same for each of them, and for a forgery.
    pub(crate) fn verify_detached(&self, message: &str, signature: &str) -> bool {
        let (Ok(now), Some(first_party)) = (self.now(), self.settings.first_party()) else {
            return false;
        };
        let is_by = |key: &&VerifyingKey| key.verifies_any(message.as_bytes(), signature);
        first_party.keys.load().current(now).filter(is_by).count() > 0
    }
}
