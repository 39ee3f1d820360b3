//! The operations of the session store: the arguments of each script, and its reply.

use std::time::Duration;

use redis::{ScriptInvocation, Value, from_redis_value};

use super::backend::RedisBackend;
use super::keys::{Owner, pool_json};
use super::listed::Declared;
use super::revocations::{batch, member};
use super::rows::{ACTIVE, NONE, Row, RowReply, active, active_sessions, json};
use super::scripts::{LIST, RECORD_REVOCATION, REVOCATIONS_SINCE, REVOKE, ROTATE};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::session::{
    EvaluateSession as _, ListSessions, NewRevocation, RevocationBatch, RevocationCursor, RevokeSessions,
    RevokeTarget, Rotation, RotationOutcome, Session, Verdict,
};
use crate::store::executor::Executor;

impl RedisBackend {
    /// Rotates a current token within the script. Any other token is evaluated here; if it revokes its session, a second
    /// script does that, which is sound because an older token never becomes a newer one.
    pub(super) async fn rotate(
        self,
        rotation: Rotation,
        executor: Executor,
    ) -> Result<RotationOutcome, StoreError> {
        let pool = pool_json(rotation.pool.as_ref());
        let successor = &rotation.successor;
        let (presented, next) = (json(&rotation.presented)?, json(&successor.id)?);
        let stamp = json(&rotation.security_stamp)?;
        let head = format!("{ACTIVE}\n{}\n{stamp}\n", pool.as_deref().unwrap_or(NONE));
        let issued_at = successor.issued_at.seconds();
        let mut call = ROTATE.prepare_invoke();
        call.key(self.keys.session(&rotation.session))
            .arg(format!("{head}{presented}\n"))
            .arg(format!("{head}{next}\n{presented}\n{issued_at}\n"))
            .arg(rotation.now.seconds())
            .arg(issued_at)
            .arg(successor.expires_at.seconds())
            .arg(kept_for(rotation.now, successor.expires_at))
            .arg(milliseconds(SLACK));
        let (row, expires_in) = match RowReply::parse(self.connection.call(call).await?)? {
            None => return Ok(RotationOutcome::Unknown),
            Some(RowReply::Changed(lasting)) => {
                return Ok(RotationOutcome::Rotated(active(&lasting, successor)?));
            }
            Some(RowReply::Unchanged(row, expires_in)) => (row, expires_in),
        };
        let row = Row::parse(&row)?;
        if row.pool() != pool.as_deref() {
            return Ok(RotationOutcome::Unknown);
        }
        let verdict = row.record(expires_in)?.evaluate(&rotation);
        let owner = Owner { pool, user: row.lasting.user.to_owned() };
        self.apply(verdict, owner, rotation.session, executor).await
    }

    /// Applies the decision about a session that its script did not rotate.
    pub(super) async fn apply(
        self,
        verdict: Verdict,
        owner: Owner,
        session: String,
        executor: Executor,
    ) -> Result<RotationOutcome, StoreError> {
        match verdict {
            Verdict::Keep(outcome) => Ok(outcome),
            Verdict::Revoke(outcome) => {
                // A task of its own: a reused token ends the session even if nothing polls the caller any more.
                let revoked = executor.run(async move { self.revoke_part(&owner, &[session]).await }).await?;
                Ok(if revoked.is_empty() { RotationOutcome::Revoked } else { outcome })
            }
            Verdict::Rotate => Err("a Redis script did not rotate the token of an active session".into()),
        }
    }

    pub(super) async fn revoke(self, request: RevokeSessions) -> Result<Vec<String>, StoreError> {
        let owner = Owner::new(request.pool.as_ref(), &request.user);
        match request.target {
            RevokeTarget::One(session) => self.revoke_part(&owner, &[session]).await,
            RevokeTarget::All => self.revoke_all(&owner, EVERY_SESSION).await,
            RevokeTarget::Logins => self.revoke_all(&owner, LOGINS).await,
            RevokeTarget::Others { kept, security_stamp } => {
                let stamp = json(&security_stamp)?;
                self.revoke_all(&owner, RevokeChoice { kept: &kept, stamp: &stamp, ..LOGINS }).await
            }
        }
    }

    /// Revokes these sessions of the user.
    pub(super) async fn revoke_part(&self, owner: &Owner, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let call = self.revoke_call(owner, EVERY_SESSION, Declared::Part(ids));
        Ok(from_redis_value(self.over_part(call).await?)?)
    }

    /// Revokes the sessions of the user that match the choice.
    async fn revoke_all(&self, owner: &Owner, which: RevokeChoice<'_>) -> Result<Vec<String>, StoreError> {
        let mut revoked = Vec::new();
        for result in self.over_list(|declared| self.revoke_call(owner, which, declared)).await? {
            revoked.extend(from_redis_value::<Vec<String>>(result)?);
        }
        Ok(revoked)
    }

    fn revoke_call(
        &self,
        owner: &Owner,
        which: RevokeChoice<'_>,
        declared: Declared<'_>,
    ) -> ScriptInvocation<'static> {
        let mut call = REVOKE.prepare_invoke();
        call.key(self.keys.user(owner))
            .key(self.keys.revocations())
            .key(self.keys.position())
            .key(self.session_keys(declared.ids()))
            .arg(self.keys.session_prefix())
            .arg(declared.coverage())
            .arg(&owner.user)
            .arg(owner.pool())
            .arg(which.only)
            .arg(which.kept)
            .arg(which.stamp);
        call
    }

    pub(super) async fn list(self, request: ListSessions) -> Result<Vec<Session>, StoreError> {
        let owner = Owner::new(request.pool.as_ref(), &request.user);
        active_sessions(self.list_of(&owner).await?, request.now)
    }

    /// Returns the results of `list.lua` for a user.
    pub(super) async fn list_of(&self, owner: &Owner) -> Result<Vec<Value>, StoreError> {
        let listed = self.keys.user(owner);
        let call = |declared: Declared<'_>| {
            let mut call = LIST.prepare_invoke();
            call.key(&listed)
                .key(self.session_keys(declared.ids()))
                .arg(self.keys.session_prefix())
                .arg(declared.coverage());
            call
        };
        self.over_list(call).await
    }

    pub(super) fn session_keys(&self, ids: &[String]) -> Vec<String> {
        ids.iter().map(|id| self.keys.session(id)).collect()
    }

    pub(super) async fn record_revocation(self, request: NewRevocation) -> Result<(), StoreError> {
        let mut call = RECORD_REVOCATION.prepare_invoke();
        call.key(self.keys.revocations()).key(self.keys.position()).arg(member(&request.revocation));
        self.connection.call(call).await?;
        Ok(())
    }

    pub(super) async fn revocations_since(
        self,
        cursor: RevocationCursor,
    ) -> Result<RevocationBatch, StoreError> {
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

    async fn revocations_from(&self, first: u64) -> Result<RevocationBatch, StoreError> {
        let mut call = REVOCATIONS_SINCE.prepare_invoke();
        call.key(self.keys.revocations()).key(self.keys.position()).arg(first);
        batch(self.connection.call(call).await?)
    }
}

/// The choice of `revoke.lua` among the declared sessions. An empty string is none.
#[derive(Clone, Copy)]
struct RevokeChoice<'r> {
    /// The only kind of session to revoke.
    only: &'r str,
    /// The session to keep, which gets the stamp.
    kept: &'r str,
    /// JSON.
    stamp: &'r str,
}

const EVERY_SESSION: RevokeChoice<'_> = RevokeChoice { only: "", kept: "", stamp: "" };
const LOGINS: RevokeChoice<'_> = RevokeChoice { only: "login", ..EVERY_SESSION };

/// Returns the milliseconds for which Redis keeps an entry: a duration and not a time, so that no two clocks are compared.
pub(super) fn kept_for(from: Timestamp, until: Timestamp) -> u64 {
    let span = Duration::from_secs(until.seconds().saturating_sub(from.seconds()));
    milliseconds(span.saturating_add(SLACK))
}

pub(super) fn milliseconds(span: Duration) -> u64 {
    span.as_millis().try_into().unwrap_or(u64::MAX)
}

/// The extra time for which an expired session is kept, for nodes whose clocks are behind.
pub(super) const SLACK: Duration = Duration::from_hours(1);
