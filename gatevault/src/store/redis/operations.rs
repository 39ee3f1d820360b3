//! The operations of the session store: the arguments of each script, and its reply.

use std::time::Duration;

use redis::from_redis_value;

use super::backend::RedisBackend;
use super::replies::{RotateReply, active_sessions, revocations};
use super::scripts::{LIST, OPEN, PRUNE_REVOCATIONS, REVOCATIONS_SINCE, REVOKE, ROTATE};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::session::{
    NewSession, RevocationBatch, RevocationCursor, RevokeTarget, Rotation, RotationOutcome, Session, Verdict,
};

impl RedisBackend {
    pub(super) async fn open(self, session: NewSession) -> Result<(), BoxError> {
        let user = json(&session.user)?;
        let ticket = &session.ticket;
        let first_expiry = session.expires_at.min(ticket.expires_at);
        let mut call = OPEN.prepare_invoke();
        call.key(self.keys.session(&session.id))
            .key(self.keys.user(&user))
            .arg(self.keys.session_prefix())
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

    /// Rotates a current token within the script. Any other token is evaluated here; if it revokes its session, a second
    /// script does that, which is sound because an older token never becomes a newer one.
    pub(super) async fn rotate(self, rotation: Rotation) -> Result<RotationOutcome, BoxError> {
        let mut call = ROTATE.prepare_invoke();
        call.key(self.keys.session(&rotation.session))
            .arg(&rotation.presented)
            .arg(&rotation.security_stamp)
            .arg(rotation.now.seconds())
            .arg(&rotation.successor.id)
            .arg(rotation.successor.issued_at.seconds())
            .arg(rotation.successor.expires_at.seconds())
            .arg(milliseconds(SLACK));
        let Some(reply) = RotateReply::parse(self.connection.call(call).await?)? else {
            return Ok(RotationOutcome::Unknown);
        };
        if reply.has_rotated {
            let successor = rotation.successor_within(reply.record.expires_at);
            return Ok(RotationOutcome::Rotated(successor));
        }
        match reply.record.evaluate(&rotation) {
            Verdict::Keep(outcome) => Ok(outcome),
            Verdict::Revoke(outcome) => {
                let revoked = self.revoke_scope(&reply.user, RevokeScope::One(&rotation.session)).await?;
                Ok(if revoked.is_empty() { RotationOutcome::Revoked } else { outcome })
            }
            Verdict::Rotate => Err("rotate.lua did not rotate the current token of an active session".into()),
        }
    }

    pub(super) async fn revoke(self, target: RevokeTarget) -> Result<Vec<String>, BoxError> {
        match &target {
            RevokeTarget::Session { user, session } => {
                self.revoke_scope(&json(user)?, RevokeScope::One(session)).await
            }
            RevokeTarget::All { user } => self.revoke_scope(&json(user)?, RevokeScope::All).await,
            RevokeTarget::Others { user, kept, security_stamp } => {
                self.revoke_scope(&json(user)?, RevokeScope::Others { kept, security_stamp }).await
            }
        }
    }

    async fn revoke_scope(&self, user: &str, scope: RevokeScope<'_>) -> Result<Vec<String>, BoxError> {
        let mut call = REVOKE.prepare_invoke();
        call.key(self.keys.user(user))
            .key(self.keys.revocations())
            .key(self.keys.position())
            .arg(self.keys.session_prefix())
            .arg(user);
        match scope {
            RevokeScope::One(session) => call.arg("one").arg(session),
            RevokeScope::All => call.arg("all"),
            RevokeScope::Others { kept, security_stamp } => call.arg("others").arg(kept).arg(security_stamp),
        };
        Ok(from_redis_value(self.connection.call(call).await?)?)
    }

    pub(super) async fn list(self, user: UserId, now: Timestamp) -> Result<Vec<Session>, BoxError> {
        let mut call = LIST.prepare_invoke();
        call.key(self.keys.user(&json(&user)?)).arg(self.keys.session_prefix());
        active_sessions(self.connection.call(call).await?, now)
    }

    pub(super) async fn revocations_since(
        self,
        cursor: RevocationCursor,
    ) -> Result<RevocationBatch, BoxError> {
        let first = match cursor {
            RevocationCursor::Time(time) => time.seconds().saturating_mul(1_000_000),
            RevocationCursor::Position(position) => position.saturating_add(1),
        };
        let batch = self.revocations_from(first).await?;
        match cursor {
            // The server lost data, so that a new revocation may reuse a number that the reader has already seen.
            RevocationCursor::Position(position) if batch.position < position => {
                self.revocations_from(0).await
            }
            _ => Ok(batch),
        }
    }

    async fn revocations_from(&self, first: u64) -> Result<RevocationBatch, BoxError> {
        let mut call = REVOCATIONS_SINCE.prepare_invoke();
        call.key(self.keys.revocations()).key(self.keys.position()).arg(first);
        let (position, sessions) = revocations(self.connection.call(call).await?)?;
        Ok(RevocationBatch::new(sessions, position))
    }

    /// Removes the revocations of expired sessions that are older than `keep_revoked`. Redis expires the sessions themselves.
    pub(super) async fn remove_expired(self, keep_revoked: Duration) -> Result<u64, BoxError> {
        let kept = keep_revoked.as_secs();
        let mut removed = 0_u64;
        loop {
            let mut call = PRUNE_REVOCATIONS.prepare_invoke();
            call.key(self.keys.revocations()).arg(self.keys.session_prefix()).arg(BATCH).arg(kept);
            let gone: u64 = from_redis_value(self.connection.call(call).await?)?;
            removed = removed.saturating_add(gone);
            if gone < BATCH {
                return Ok(removed);
            }
        }
    }
}

/// The sessions of a user to revoke.
enum RevokeScope<'e> {
    One(&'e str),
    All,
    Others { kept: &'e str, security_stamp: &'e str },
}

/// Writes the user id as JSON, which distinguishes 42 from "42".
fn json(user: &UserId) -> Result<String, serde_json::Error> {
    serde_json::to_string(user)
}

/// Returns the milliseconds for which Redis keeps an entry: a duration and not a time, so that no two clocks are compared.
fn kept_for(from: Timestamp, until: Timestamp) -> u64 {
    let span = Duration::from_secs(until.seconds().saturating_sub(from.seconds()));
    milliseconds(span.saturating_add(SLACK))
}

fn milliseconds(span: Duration) -> u64 {
    span.as_millis().try_into().unwrap_or(u64::MAX)
}

/// The extra time for which an expired session is kept, for nodes whose clocks are behind.
const SLACK: Duration = Duration::from_hours(1);
/// The number of revocations that one script examines. Redis serves no other client meanwhile.
const BATCH: u64 = 1000;
