//! The validated settings of a `TokenManager`.

use std::sync::Arc;
use std::time::Duration;

use super::pools::UserPools;
use super::revocation::Revocations;
use super::signature_cache::SignatureCache;
use super::trusted::TrustedIssuer;
use crate::claims::TokenKind;
use crate::clock::Clock;

pub(super) struct Settings {
    /// The issuers whose tokens are accepted. We are the first, if the manager has a key of its own.
    pub(super) trusted: Vec<TrustedIssuer>,
    pub(super) access_expiry: Duration,
    pub(super) refresh_expiry: Duration,
    /// A cache of verified signatures, if `remember_signatures` is set.
    pub(super) signature_cache: Option<SignatureCache>,
    pub(super) revocations: Revocations,
    pub(super) pools: UserPools,
    pub(super) max_token_bytes: usize,
    pub(super) clock: Arc<dyn Clock>,
}

impl Settings {
    /// Returns ourselves as an issuer, if the manager has a key of its own.
    pub(super) fn first_party(&self) -> Option<&TrustedIssuer> {
        self.trusted.first().filter(|issuer| !issuer.is_foreign())
    }

    /// Returns how long a token of this kind lives.
    pub(super) fn lifetime(&self, kind: TokenKind) -> Duration {
        match kind {
            TokenKind::Access => self.access_expiry,
            TokenKind::Refresh => self.refresh_expiry,
        }
    }
}
