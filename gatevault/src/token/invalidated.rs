//! Waiting until a verified token is no longer valid.

use std::time::Duration;

use super::invalidation::State;
use super::revocation::{TokenAge, Watched};
use super::trusted::TrustedIssuer;
use super::{Invalidated, Invalidation, TokenManager, VerifiedPurpose};
use crate::claims::{ClaimWriter, ToClaims, TokenKind, UserId, Verified};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::random;

impl TokenManager {
    /// Returns a future that is ready once this token is no longer valid, for connections that live longer than a request:
    /// `WebSocket`s, server-sent events, streams.
    ///
    /// It is ready
    ///
    /// - when the token expires by the manager's [`clock`](crate::token::TokenManagerBuilder::clock), with the leeway that a
    ///   guard allows. [`ignoring_expiry`](Invalidation::ignoring_expiry) waits for the end of the session instead.
    /// - when the token, its user or its session is revoked: here, or in another process if a
    ///   [`RevocationFeed`](crate::RevocationFeed) follows the session store. The same revocations count as for a guard, those
    ///   before the first poll included.
    /// - when a feed is stale under [`StalePolicy::Deny`](crate::session::StalePolicy::Deny), while guards deny every token:
    ///   the result is `Revoked`, since that is what cannot be ruled out. A client that connects again is denied with 503
    ///   until the store is reachable.
    ///
    /// A refresh of the session, the revocation of another token of it, and that of another user leave the future waiting.
    /// [`OAuthHandler::revoke_access_tokens`](crate::OAuthHandler::revoke_access_tokens) ends the connections that were
    /// authorized by the former role, and leaves those that were opened with a token of a refresh after it.
    ///
    /// It works under any executor. A revocation wakes the futures that it concerns; a thread of the manager, which exists
    /// while a future waits, looks at the clock five times a second. If it cannot be started, the future is ready at once.
    /// Guards do not do more for it. The future keeps the manager's settings: if the manager is dropped it still expires.
    ///
    /// # Security
    ///
    /// The user is the one that the claims write into a token. A claims type whose subject reads as another value than it
    /// writes is not found by the revocation of its user.
    ///
    /// Removing a key from a [`KeyRing`](crate::KeyRing) ends no connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::token::Invalidated;
    /// use gatevault::{Payload, TokenManager};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), gatevault::Error> {
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// let caller = tokens.decode_access_token::<Payload>(&access)?;
    ///
    /// let invalidated = tokens.invalidated(&caller);
    /// tokens.revoke_token(None, caller.token_id().unwrap_or_default(), caller.expires_at())?;
    /// assert_eq!(invalidated.await, Invalidated::Revoked);
    /// # Ok(())
    /// # }
    /// ```
    pub fn invalidated<C: ToClaims>(&self, verified: &Verified<C>) -> Invalidation {
        let limits = self.limits(verified.foreign_issuer());
        let (leeway, _) = limits.unwrap_or_default();
        let expiry = verified.expires().after(leeway);
        let is_of_session = verified.session_id().is_some() && verified.foreign_issuer().is_none();
        let session_end = verified.token_id().filter(|_| is_of_session).and_then(session_end);
        let state = if let Some(((_, skew), user)) = limits.zip(ClaimWriter::subject_of(&**verified)) {
            self.watch(&watched(verified, &user, skew), expiry)
        } else {
            let error = "the token has no user, or its issuer is not accepted by this manager";
            tracing::error!(target: "gatevault", error, "connection not watched");
            State::Invalidated(Invalidated::Revoked)
        };
        Invalidation { tokens: self.clone(), state, expiry, session_end, ignores_expiry: false }
    }

    /// Returns a future as [`invalidated`](Self::invalidated) does, for a ticket that was redeemed: a purpose token for a
    /// connection that cannot send a header.
    ///
    /// Its result is ready when the session ends for which the ticket was created, as with
    /// [`ignoring_expiry`](Invalidation::ignoring_expiry), when the user or the user's access tokens are revoked, or if the access token was of no session
    /// when that token expires. A ticket that was not created from a `&Verified<_>` does not know these times: the future is
    /// ready when the ticket expires.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::token::{Invalidated, Purpose};
    /// use gatevault::{Payload, TokenManager};
    ///
    /// const TICKET: Purpose = Purpose::new("socket-ticket", Duration::from_secs(30)).once();
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), gatevault::Error> {
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// let caller = tokens.decode_access_token::<Payload>(&access)?;
    /// let ticket = tokens.create_purpose_token(&TICKET, &caller, "")?; // for `wss://host/socket?ticket=..`
    ///
    /// let redeemed = tokens.decode_purpose_token(&TICKET, &ticket, "")?; // or `OAuthHandler::redeem_purpose_token`
    /// let invalidated = tokens.invalidated_purpose(&redeemed);
    /// tokens.revoke_user(None, &42.into(), std::time::SystemTime::now())?;
    /// assert_eq!(invalidated.await, Invalidated::Revoked);
    /// # Ok(())
    /// # }
    /// ```
    pub fn invalidated_purpose(&self, redeemed: &VerifiedPurpose) -> Invalidation {
        let end = session_end(&redeemed.token_id);
        let (expiry, session_end) = match end.filter(|_| redeemed.session_id.is_none()) {
            Some(expiry) => (expiry, None),
            None => (redeemed.expires_at, end),
        };
        // A ticket of an access token opens a connection with the role of that token, which may be older than the ticket.
        let state = self.watch(&self.watched_purpose(redeemed, end.is_some()), expiry);
        Invalidation { tokens: self.clone(), state, expiry, session_end, ignores_expiry: true }
    }

    /// Returns an error if a purpose token, its user or its session was revoked since it was verified.
    pub(crate) fn validate_purpose_not_revoked(&self, verified: &VerifiedPurpose) -> Result<(), TokenError> {
        let number = self.revocations().watch(&self.watched_purpose(verified, false));
        let number = number.map_err(|_| InvalidReason::Revoked)?;
        self.revocations().waiters.remove(number).map_or(Ok(()), |_| Err(InvalidReason::Revoked.into()))
    }

    /// Returns the claims by which a purpose token is revoked.
    fn watched_purpose<'v>(&self, verified: &'v VerifiedPurpose, is_access: bool) -> Watched<'v> {
        Watched {
            issuer: None,
            service: verified.service.as_deref(),
            token_id: Some(&verified.token_id),
            session_id: verified.session_id.as_deref(),
            pool: verified.pool.as_deref(),
            user: &verified.user_id,
            age: TokenAge {
                issued_at: verified.access_issued_at.filter(|_| is_access).or(Some(verified.issued_at)),
                claims_since: verified.claims_since,
                is_access,
                skew: self.clock_skew(),
            },
        }
    }

    /// Adds a token to the waiters, unless it is invalid now. The list may have forgotten the revocation of a token that has
    /// expired, so `ignoring_expiry` cannot wait for such a token.
    fn watch(&self, token: &Watched<'_>, expiry: Timestamp) -> State {
        match self.revocations().watch(token) {
            Err(reason) => State::Invalidated(reason),
            Ok(number) if self.is_past(expiry) => {
                self.revocations().waiters.remove(number);
                State::Invalidated(Invalidated::Expired)
            }
            Ok(number) => State::Waiting(number),
        }
    }

    /// Returns the leeway and the clock skew for the tokens of an issuer, the stricter ones of several with this name.
    fn limits(&self, issuer: Option<&str>) -> Option<(Duration, Duration)> {
        let Some(name) = issuer else {
            let times = self.settings.first_party().map(|issuer| issuer.times);
            return Some(
                times.map_or((Duration::ZERO, Duration::ZERO), |times| (times.leeway, times.clock_skew)),
            );
        };
        let named = || self.settings.trusted.iter().filter(|issuer| issuer.is_named(name));
        let exactness = named().map(TrustedIssuer::exactness).max()?;
        let times = || named().filter(|issuer| issuer.exactness() == exactness).map(|issuer| issuer.times);
        Some((times().map(|times| times.leeway).min()?, times().map(|times| times.clock_skew).max()?))
    }

    /// Returns whether the clock has reached `time`. A clock that cannot be read has.
    fn is_past(&self, time: Timestamp) -> bool {
        self.now().map_or(true, |now| now >= time)
    }
}

/// Returns the claims by which a token is revoked.
fn watched<'v, C>(verified: &'v Verified<C>, user: &'v UserId, skew: Duration) -> Watched<'v> {
    let authentication = verified.authentication();
    Watched {
        issuer: verified.foreign_issuer(),
        service: authentication.and_then(|known| known.service.as_deref()),
        token_id: verified.token_id(),
        session_id: verified.session_id(),
        pool: authentication.and_then(|known| known.pool.as_deref()),
        user,
        age: TokenAge {
            issued_at: verified.issued(),
            claims_since: verified.claims_since(),
            is_access: verified.kind() == TokenKind::Access,
            skew,
        },
    }
}

/// Returns the time in the `jti` of an access token at which its session ends unless it is refreshed.
pub(super) fn session_end(token_id: &str) -> Option<Timestamp> {
    Timestamp::from_seconds(random::session_end(token_id)?)
}
