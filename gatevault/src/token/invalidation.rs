//! The future that is ready once a verified token is no longer valid, so that a connection ends with it.

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::invalidation_waiters::Polled;
use super::{TokenManager, invalidation_clock};
use crate::clock::Timestamp;

/// The reason why a verified token is no longer valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Invalidated {
    /// The token has expired. Its session may be active: the client refreshes and connects again.
    Expired,
    /// The token or its user was revoked, or may have been: see [`TokenManager::invalidated`] for what cannot be known.
    Revoked,
    /// The session of the token has ended: the user logged out, say, or logged in elsewhere with too many sessions.
    SessionEnded,
}

impl fmt::Display for Invalidated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the token has expired",
            Self::Revoked => "the token or its user was revoked",
            Self::SessionEnded => "the session has ended",
        })
    }
}

/// A future that is ready once a token is no longer valid: see [`TokenManager::invalidated`].
///
/// Create one for each connection, and poll the same one until the connection ends: pin it outside of the loop that reads
/// messages.
#[must_use = "a future does nothing unless it is polled"]
pub struct Invalidation {
    pub(super) tokens: TokenManager,
    pub(super) state: State,
    /// The time at which the token expires.
    pub(super) expiry: Timestamp,
    /// The time at which the session of the token ends unless it is refreshed, if the token says so.
    pub(super) session_end: Option<Timestamp>,
    pub(super) ignores_expiry: bool,
}

pub(super) enum State {
    /// The token is valid, and has this number among the waiters.
    Waiting(u64),
    Invalidated(Invalidated),
}

impl Invalidation {
    /// Waits beyond the expiry of the token, until its session ends: for connections that stay open while the client
    /// refreshes its tokens.
    ///
    /// An access token of a session says when that session ends unless it is refreshed. The future is ready with
    /// [`SessionEnded`](Invalidated::SessionEnded) then, also if the client has refreshed the session: it connects again
    /// with a newer token, after days. Other tokens do not say it, such as those of another issuer or without a session, and
    /// keep their expiry.
    ///
    /// # Security
    ///
    /// The token must be valid when the future is created, because the revocation of one that has expired may be forgotten:
    /// otherwise it is ready at once with [`Expired`](Invalidated::Expired).
    pub fn ignoring_expiry(mut self) -> Self {
        self.ignores_expiry = true;
        self
    }
}

impl Invalidation {
    /// Evaluates the token. `start` starts the thread that follows the clock.
    fn poll_with(
        &mut self,
        waker: &Waker,
        start: impl FnOnce(&TokenManager) -> io::Result<()>,
    ) -> Poll<Invalidated> {
        let number = match self.state {
            State::Invalidated(reason) => return Poll::Ready(reason),
            State::Waiting(number) => number,
        };
        let waiters = &self.tokens.revocations().waiters;
        let (end, at_end) = self.end();
        let reason = match self.evaluate(end, at_end) {
            Some(reason) => waiters.remove(number).unwrap_or(reason),
            None => match waiters.poll(number, end, waker) {
                Polled::Waiting => return Poll::Pending,
                Polled::Revoked(reason) => waiters.remove(number).unwrap_or(reason),
                Polled::Unfollowed => match start(&self.tokens) {
                    Ok(()) => return Poll::Pending,
                    Err(error) => {
                        tracing::error!(target: "gatevault", %error, "connection not watched");
                        let reason = waiters.remove(number).unwrap_or(at_end);
                        waiters.unfollow();
                        reason
                    }
                },
            },
        };
        self.state = State::Invalidated(reason);
        Poll::Ready(reason)
    }

    /// Returns when the wait ends in any case, and with which result.
    fn end(&self) -> (Timestamp, Invalidated) {
        match self.session_end.filter(|_| self.ignores_expiry) {
            Some(session_end) => (session_end, Invalidated::SessionEnded),
            None => (self.expiry, Invalidated::Expired),
        }
    }

    /// Returns the reason if the end has come, or guards deny every token.
    fn evaluate(&self, end: Timestamp, at_end: Invalidated) -> Option<Invalidated> {
        match self.tokens.now() {
            Ok(now) if now < end => {
                self.tokens.revocations().validate_trust(now).is_err().then_some(Invalidated::Revoked)
            }
            _ => Some(at_end),
        }
    }
}

impl Future for Invalidation {
    type Output = Invalidated;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Invalidated> {
        self.get_mut().poll_with(context.waker(), invalidation_clock::start)
    }
}

impl Drop for Invalidation {
    fn drop(&mut self) {
        if let State::Waiting(number) = self.state {
            self.tokens.revocations().waiters.remove(number);
        }
    }
}

impl fmt::Debug for Invalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invalidation")
            .field("expiry", &self.expiry)
            .field("session_end", &self.session_end)
            .field("ignores_expiry", &self.ignores_expiry)
            .finish_non_exhaustive()
    }
}
