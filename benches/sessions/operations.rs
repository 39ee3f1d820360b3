//! The operations on a store, with the arguments that a handler would give.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{
    NewSession, RefreshTicket, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SessionDetails,
};
use gatevault::{SessionStore, Timestamp};
use uuid::Uuid;

use crate::BenchResult;

pub(crate) type Store = Arc<dyn SessionStore>;

/// A session and its current token, as a client holds them.
#[derive(Debug, Clone)]
pub(crate) struct HeldSession {
    pub(crate) user: u64,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl HeldSession {
    /// Creates a session of a user, which no store has yet.
    pub(crate) fn of(user: u64) -> Self {
        Self { user, id: random_id(), token: random_id() }
    }

    /// Opens a session of a user.
    pub(crate) async fn open(store: &Store, user: u64) -> BenchResult<Self> {
        let session = Self::of(user);
        store.open(session.to_open(now()?, later()?)).await?;
        Ok(session)
    }

    /// Returns the session for a store, with the times of the login and of the expiry.
    pub(crate) fn to_open(&self, now: Timestamp, expires_at: Timestamp) -> NewSession {
        let ticket = RefreshTicket::new(self.token.clone(), now, expires_at);
        let (id, stamp, details) = (self.id.clone(), SECURITY_STAMP.to_owned(), SessionDetails::new(now));
        NewSession::new(id, self.user.into(), expires_at, ticket, stamp, details)
    }

    /// Rotates the token. After an error the next call presents the same token again.
    pub(crate) async fn rotate(&mut self, store: &Store) -> BenchResult<()> {
        let rotation = self.to_rotate()?;
        self.accept(store.rotate(rotation).await?)
    }

    /// Returns the rotation of the token, to a random successor.
    pub(crate) fn to_rotate(&self) -> BenchResult<Rotation> {
        let successor = RefreshTicket::new(random_id(), now()?, later()?);
        Ok(rotation(self.id.clone(), self.token.clone(), successor))
    }

    /// Takes the token over that a store returned.
    pub(crate) fn accept(&mut self, outcome: RotationOutcome) -> BenchResult<()> {
        match outcome {
            RotationOutcome::Rotated(active) | RotationOutcome::Current(active) => {
                self.token = active.ticket.id;
                Ok(())
            }
            outcome => Err(format!("a token was not rotated: {outcome:?}").into()),
        }
    }

    /// Revokes the session.
    pub(crate) async fn end(&self, store: &Store) -> BenchResult<()> {
        store.revoke(revocation(self.user, RevokeTarget::One(self.id.clone()))?).await?;
        Ok(())
    }
}

/// Creates a rotation of a token, presented when its successor is issued.
pub(crate) fn rotation(session: String, presented: String, successor: RefreshTicket) -> Rotation {
    let (stamp, grace, now) = (SECURITY_STAMP.to_owned(), Duration::from_secs(10), successor.issued_at);
    Rotation::new(session, presented, successor, stamp, grace, now)
}

/// Creates a request to revoke sessions of a user.
pub(crate) fn revocation(user: u64, target: RevokeTarget) -> BenchResult<RevokeSessions> {
    Ok(RevokeSessions::new(user.into(), target, now()?))
}

pub(crate) fn random_id() -> String {
    Uuid::new_v4().to_string()
}

pub(crate) fn now() -> BenchResult<Timestamp> {
    let now = std::time::UNIX_EPOCH.elapsed()?.as_secs();
    Ok(Timestamp::from_seconds(now).ok_or("the clock is wrong")?)
}

/// Returns the time in a day.
pub(crate) fn later() -> BenchResult<Timestamp> {
    let later = now()?.seconds().saturating_add(86_400);
    Ok(Timestamp::from_seconds(later).ok_or("the clock is wrong")?)
}

/// In the form of a stamp that the library derives from a hash.
pub(crate) const SECURITY_STAMP: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";

/// The first user besides those whose sessions are written past the store.
pub(crate) const OTHER_USERS: u64 = 1_000_000_000;
