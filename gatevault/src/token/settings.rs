//! The validated settings of a `TokenManager`.

use std::sync::Arc;
use std::time::Duration;

use super::pools::UserPools;
use super::revocation::Revocations;
use super::signature_cache::SignatureCache;
use super::trusted::TrustedIssuer;
use crate::clock::Clock;
use crate::error::InvalidReason;

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

    /// Returns the longest lifetime of a token of our own: an access, refresh or purpose token.
    pub(super) fn longest_own_lifetime(&self) -> Duration {
        let longest_access = self.first_party().map(|issuer| issuer.times.max_lifetime).unwrap_or_default();
        longest_access.max(self.access_expiry).max(self.refresh_expiry)
    }

    /// Returns an error for a token that is longer than the limit.
    pub(super) fn validate_length(&self, token: &str) -> Result<(), InvalidReason> {
        let (bytes, limit) = (token.len(), self.max_token_bytes);
        if bytes > limit { Err(InvalidReason::TooLong { bytes, limit }) } else { Ok(()) }
    }
}
