//! A buffer for the decoded claims of a token, from which claims types can borrow.

use std::fmt;

use crate::base64url;

/// A buffer for the claims of a token as JSON, for claims types with borrowed fields.
///
/// Create an empty one with [`new`](Self::new) and pass it to [`decode_access_token_in`](crate::TokenManager::decode_access_token_in).
/// Claims of up to 512 bytes, which most tokens have, are stored inline, without an allocation.
pub struct TokenText {
    /// The claims, if they are short.
    short: [u8; SHORT],
    /// The claims, if they are long.
    long: Vec<u8>,
}

impl TokenText {
    /// Creates an empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self { short: [0; SHORT], long: Vec::new() }
    }

    /// Decodes a base64url segment of a token. Returns `None` if it is malformed.
    pub(super) fn decode(&mut self, segment: &str) -> Option<&[u8]> {
        // Four characters decode to three bytes.
        if segment.len() / 4 < SHORT / 3 {
            return base64url::decode(segment, &mut self.short);
        }
        self.long = base64url::decoded(segment)?;
        Some(&self.long)
    }
}

impl Default for TokenText {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenText").finish_non_exhaustive()
    }
}

const SHORT: usize = 512;
