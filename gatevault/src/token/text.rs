//! The decoded text of a token, kept where its claims can borrow from it.

use std::fmt;

/// Holds the claims of a token as text, for claims types that borrow from it.
///
/// An empty one is made with `default()`; see
/// [`decode_access_token_in`](crate::TokenManager::decode_access_token_in).
#[derive(Default)]
pub struct TokenText(Vec<u8>);

impl TokenText {
    pub(super) fn hold(&mut self, json: Vec<u8>) -> &[u8] {
        self.0 = json;
        &self.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenText").finish_non_exhaustive()
    }
}
