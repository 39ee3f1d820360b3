//! What each operation of a store asks of Redis, and what becomes of the answer.

use std::sync::Arc;
use std::time::Duration;

use redis::from_redis_value;

use super::connection::Connection;
use super::keys::Keys;
use super::row::{Presented, ends, live_sessions};
use super::script::{END, ENDED, FORGET, LIST, OPEN, ROTATE};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::session::{
    NewSession, RevocationBatch, RevocationCursor, RevokeTarget, Rotation, RotationOutcome, Session, Verdict,
};

/// The place where the sessions are.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) connection: Arc<dyn Connection>,
    pub(super) keys: Keys,
}

impl Place {
    pub(super) async fn open(self, session: NewSession) -> Result<(), BoxError> {
        let user = text_of(&session.user)?;
        let ticket = &session.ticket;
        let first_expiry = session.expires_at.min(ticket.expires_at);
        let mut call = OPEN.prepare_invoke();
        call.key(self.keys.of_session(&session.id))
            .key(self.keys.of_user(&user))
            .arg(self.keys.of_sessions())
            .arg(&session.id)
            .arg(session.previous_security_stamp.as_ref().unwrap_or(&session.security_stamp))
            .arg(&session.security_stamp)
            .arg(kept_for(session.authenticated_at, first_expiry))
            .arg(kept_for(session.authenticated_at, session.expires_at))
            .arg(("user", &user))
            .arg(("stamp", &session.security_stamp))
            .arg(("authenticated_at", session.authenticated_at.seconds()))
            .arg(("expires_at", session.expires_at.seconds()))
            .arg(("token", &ticket.id))
            .arg(("issued_at", ticket.issued_at.seconds()))
            .arg(("token_expires_at", ticket.expires_at.seconds()));
        if let Some(label) = &session.label {
            call.arg(("label", label));
        }
        self.connection.call(call).await?;
        Ok(())
    }

    /// The script rotates the token that nothing speaks against. Any other is judged here, and for one that ends its session
    /// there is a second call: what ends a session does so whatever has happened in between.
    pub(super) async fn rotate(self, rotation: Rotation) -> Result<RotationOutcome, BoxError> {
        let mut call = ROTATE.prepare_invoke();
        call.key(self.keys.of_session(&rotation.session))
            .arg(&rotation.presented)
            .arg(&rotation.security_stamp)
            .arg(rotation.now.seconds())
            .arg(&rotation.successor.id)
            .arg(rotation.successor.issued_at.seconds())
            .arg(rotation.successor.expires_at.seconds())
            .arg(milliseconds(SLACK));
        let Some(presented) = Presented::read(self.connection.call(call).await?)? else {
            return Ok(RotationOutcome::Unknown);
        };
        if presented.has_rotated {
            let successor = rotation.successor_within(presented.record.expires_at);
            return Ok(RotationOutcome::Rotated(successor));
        }
        match presented.record.judge(&rotation) {
            Verdict::Stay(outcome) => Ok(outcome),
            Verdict::End(outcome) => {
                let ended = self.end_those(&presented.user, Which::One(&rotation.session)).await?;
                Ok(if ended.is_empty() { RotationOutcome::Revoked } else { outcome })
            }
            Verdict::Rotate => Err("a token was not rotated that should have been".into()),
        }
    }

    pub(super) async fn revoke(self, ending: RevokeTarget) -> Result<Vec<String>, BoxError> {
        match &ending {
            RevokeTarget::Session { user, session } => {
                self.end_those(&text_of(user)?, Which::One(session)).await
            }
            RevokeTarget::All { user } => self.end_those(&text_of(user)?, Which::All).await,
            RevokeTarget::Others { user, kept, security_stamp } => {
                self.end_those(&text_of(user)?, Which::Others { kept, security_stamp }).await
            }
        }
    }

    async fn end_those(&self, user: &str, which: Which<'_>) -> Result<Vec<String>, BoxError> {
        let mut call = END.prepare_invoke();
        call.key(self.keys.of_user(user))
            .key(self.keys.of_ends())
            .key(self.keys.of_position())
            .arg(self.keys.of_sessions())
            .arg(user);
        match which {
            Which::One(session) => call.arg("one").arg(session),
            Which::All => call.arg("all"),
            Which::Others { kept, security_stamp } => call.arg("others").arg(kept).arg(security_stamp),
        };
        Ok(from_redis_value(self.connection.call(call).await?)?)
    }

    pub(super) async fn list(self, user: UserId, now: Timestamp) -> Result<Vec<Session>, BoxError> {
        let mut call = LIST.prepare_invoke();
        call.key(self.keys.of_user(&text_of(&user)?)).arg(self.keys.of_sessions());
        live_sessions(self.connection.call(call).await?, now)
    }

    pub(super) async fn revocations_since(
        self,
        since: RevocationCursor,
    ) -> Result<RevocationBatch, BoxError> {
        let first = match since {
            RevocationCursor::Time(moment) => moment.seconds().saturating_mul(1_000_000),
            RevocationCursor::Position(heard_of) => heard_of.saturating_add(1),
        };
        let ended = self.ended_from(first).await?;
        match since {
            // The server has lost what it had told, so that a later end may have a number that was told before.
            RevocationCursor::Position(heard_of) if ended.position < heard_of => self.ended_from(0).await,
            _ => Ok(ended),
        }
    }

    async fn ended_from(&self, first: u64) -> Result<RevocationBatch, BoxError> {
        let mut call = ENDED.prepare_invoke();
        call.key(self.keys.of_ends()).key(self.keys.of_position()).arg(first);
        let (position, sessions) = ends(self.connection.call(call).await?)?;
        Ok(RevocationBatch::new(sessions, position))
    }

    /// Redis forgets sessions by itself; what is left to forget is that they had ended.
    pub(super) async fn remove_expired(self) -> Result<u64, BoxError> {
        let mut removed = 0_u64;
        loop {
            let mut call = FORGET.prepare_invoke();
            call.key(self.keys.of_ends()).arg(self.keys.of_sessions()).arg(AT_ONCE);
            let gone: u64 = from_redis_value(self.connection.call(call).await?)?;
            removed = removed.saturating_add(gone);
            if gone < AT_ONCE {
                return Ok(removed);
            }
        }
    }
}

/// Which sessions of a user are to end.
enum Which<'e> {
    One(&'e str),
    All,
    Others { kept: &'e str, security_stamp: &'e str },
}

/// The user as JSON, which tells 42 from "42".
fn text_of(user: &UserId) -> Result<String, serde_json::Error> {
    serde_json::to_string(user)
}

/// For how many milliseconds Redis keeps what expires: a span and not a moment, lest the clocks of two machines matter.
fn kept_for(from: Timestamp, until: Timestamp) -> u64 {
    let span = Duration::from_secs(until.seconds().saturating_sub(from.seconds()));
    milliseconds(span.saturating_add(SLACK))
}

fn milliseconds(span: Duration) -> u64 {
    span.as_millis().try_into().unwrap_or(u64::MAX)
}

/// A session that is over is kept a little longer: a node whose clock is behind has not seen its end yet.
const SLACK: Duration = Duration::from_hours(1);
/// How many ends are looked at while Redis serves nobody else.
const AT_ONCE: u64 = 1000;
