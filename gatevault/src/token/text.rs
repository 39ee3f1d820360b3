//! The decoded text of a token, kept where its claims can borrow from it.

use std::fmt;

use crate::base64url;

/// Holds the claims of a token as text, for claims types that borrow from it.
///
/// Those of most tokens, up to 512 bytes, are held in place, without an allocation. An empty one is made with
/// `default()`; see [`decode_access_token_in`](crate::TokenManager::decode_access_token_in).
pub struct TokenText {
    /// The text, while it is short.
    short: [u8; SHORT],
    /// The text, when it is longer.
    long: Vec<u8>,
}

impl TokenText {
    /// Decodes a segment of a token; `None` for what is not base64url.
    pub(super) fn decode(&mut self, segment: &str) -> Option<&[u8]> {
        // Three bytes for each four characters.
        if segment.len() / 4 < SHORT / 3 {
            return base64url::decode(segment, &mut self.short);
        }
        self.long = base64url::decoded(segment)?;
        Some(&self.long)
    }
}

impl Default for TokenText {
    fn default() -> Self {
        Self { short: [0; SHORT], long: Vec::new() }
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenText").finish_non_exhaustive()
    }
}

const SHORT: usize = 512;
