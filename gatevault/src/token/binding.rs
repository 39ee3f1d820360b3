//! Signatures over what is no token: proofs that something was said by us, for a purpose of its own.

use super::TokenManager;
use crate::error::{InvalidReason, TokenError};

impl TokenManager {
    /// The signature of our key over a message, which must have a colon before its first dot: no header of a token has one,
    /// so that nothing signed here is a token, nor the reverse.
    pub(crate) fn bind(&self, message: &str) -> Result<String, TokenError> {
        let keys = self.settings.own().ok_or(InvalidReason::NoSigningKey)?.keys.load();
        let mut signed = message.to_owned();
        keys.signing().ok_or(InvalidReason::NoSigningKey)?.sign(&mut signed)?;
        Ok(signed.rsplit('.').next().unwrap_or_default().to_owned())
    }

    /// Whether this is the signature of one of our keys over the message.
    pub(crate) fn is_bound(&self, message: &str, signature: &str) -> bool {
        let (Ok(now), Some(own)) = (self.now(), self.settings.own()) else {
            return false;
        };
        own.keys.load().current(now).any(|key| key.verifies(message.as_bytes(), signature))
    }
}
