//! The entries of users: up to when all their tokens, or their access tokens alone, were revoked.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{ACCESS, Entry, Revocations, USER, time_of};
use crate::claims::{RawRegistered, TokenKind, UserId};
use crate::clock::Timestamp;

/// The claims of a token that the entries of its user are compared with.
#[derive(Debug, Clone, Copy)]
pub(in crate::token) struct TokenAge {
    pub(in crate::token) issued_at: Option<Timestamp>,
    /// The latest revocation of the user's access tokens that was known when the user's claims were read.
    pub(in crate::token) claims_since: Option<Timestamp>,
    /// True if the revocation of access tokens concerns the token.
    pub(in crate::token) is_access: bool,
    /// The time by which the clock of the issuer may be ahead.
    pub(in crate::token) skew: Duration,
}

impl TokenAge {
    pub(super) fn of(
        claims: &RawRegistered<'_>,
        issuer: Option<&str>,
        kind: TokenKind,
        skew: Duration,
    ) -> Self {
        // Another issuer may mean something else by the name.
        let claims_since = claims.claims_since.filter(|_| issuer.is_none());
        Self {
            issued_at: claims.iat.map(|iat| iat.0),
            claims_since: claims_since.map(|since| since.0),
            is_access: kind == TokenKind::Access,
            skew,
        }
    }

    /// Returns whether an entry of the user revokes the token. A token without a time counts as created before the revocation.
    ///
    /// `iat` alone cannot show that the claims are newer than a revocation of access tokens: a node whose clock is ahead created
    /// tokens with a later `iat` before it. So such a token must say that its node knew of the revocation when it read the user.
    pub(super) fn is_revoked_by(&self, kind: u8, entry: Entry) -> bool {
        let until = time_of(entry);
        let is_older = |latest| self.issued_at.is_none_or(|iat| iat <= latest);
        match kind {
            USER => is_older(until.after(self.skew)),
            ACCESS if self.is_access && self.claims_since.is_none_or(|since| since < until) => {
                is_older(until.after(self.skew).after(LONGEST_ISSUE))
            }
            _ => false,
        }
    }
}

impl Revocations {
    /// Returns whether the user of a token was revoked.
    ///
    /// Another issuer may write a `pool` of its own, which the revocation of its user need not name.
    pub(super) fn contains_user(
        &self,
        issuer: Option<&str>,
        pool: Option<&str>,
        user: &UserId,
        age: TokenAge,
    ) -> bool {
        let is_revoked = |pool| self.contains_pool_user(issuer, pool, user, age);
        is_revoked(pool) || issuer.is_some() && pool.is_some() && is_revoked(None)
    }

    /// Returns the same for this pool exactly.
    pub(super) fn contains_pool_user(
        &self,
        issuer: Option<&str>,
        pool: Option<&str>,
        user: &UserId,
        age: TokenAge,
    ) -> bool {
        let kinds = self.kinds.load(Ordering::Acquire);
        [USER, ACCESS].into_iter().filter(|kind| kinds & kind != 0).any(|kind| {
            let entry = self.table.load().find(self.fingerprint(kind, issuer, &(pool, user)));
            entry.is_some_and(|entry| age.is_revoked_by(kind, entry))
        })
    }

    /// Returns whether a refresh token or a session of our user, created at this time, was revoked with the user.
    pub(in crate::token) fn contains_own_user(
        &self,
        pool: Option<&str>,
        user: &UserId,
        issued_at: Timestamp,
        skew: Duration,
    ) -> bool {
        let age = TokenAge { issued_at: Some(issued_at), claims_since: None, is_access: false, skew };
        self.contains_user(None, pool, user, age)
    }

    /// Returns the time up to which the access tokens of a user were revoked.
    pub(in crate::token) fn access_tokens_until(
        &self,
        issuer: Option<&str>,
        pool: Option<&str>,
        user: &UserId,
    ) -> Option<Timestamp> {
        if self.kinds.load(Ordering::Acquire) & ACCESS == 0 {
            return None;
        }
        self.table.load().find(self.fingerprint(ACCESS, issuer, &(pool, user))).map(time_of)
    }
}

/// The longest time between reading a user and the `iat` of the access token with the claims.
///
/// Short, because guards refuse tokens for so much longer; long enough for a login that waits for its password to be hashed.
pub(crate) const LONGEST_ISSUE: Duration = Duration::from_secs(10);
