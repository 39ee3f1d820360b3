//! The start of a session: its stamp, and the limit of sessions of its user.

use redis::{ScriptInvocation, from_redis_value};

use super::backend::RedisBackend;
use super::keys::Owner;
use super::listed::{BATCH, Declared, OverList};
use super::operations::kept_for;
use super::rows::{active_sessions, json, new_row};
use super::scripts::{OPEN, RESTAMP};
use crate::error::StoreError;
use crate::session::{NewSession, SessionKind};

impl RedisBackend {
    /// Opens a session, in one call if possible. Returns the ids of the sessions that the limit ended.
    pub(super) async fn open(self, session: NewSession) -> Result<Vec<String>, StoreError> {
        let opening = Opening::new(&self, &session)?;
        let ids = match self.over_whole_list(|declared| opening.call(declared)).await? {
            OverList::Whole(revoked) => return Ok(from_redis_value(revoked)?),
            OverList::Ids(ids) => ids,
        };
        opening.run_in_parts(&ids).await
    }
}

/// A new session on its way into the store.
struct Opening<'s> {
    backend: &'s RedisBackend,
    session: &'s NewSession,
    owner: Owner,
    /// The session as Redis keeps it.
    row: String,
    security_stamp: String,
    /// The stamp of the sessions that get the new one.
    previous_stamp: String,
    /// The milliseconds for which Redis keeps it.
    kept_for: u64,
    /// The number of logins that may stay beside the session.
    most: Option<usize>,
}

impl<'s> Opening<'s> {
    fn new(backend: &'s RedisBackend, session: &'s NewSession) -> Result<Self, StoreError> {
        let owner = Owner::new(session.pool.as_ref(), &session.user);
        let kept_for = kept_for(session.ticket.issued_at, session.expires_at.min(session.ticket.expires_at));
        let row = new_row(session, &owner, kept_for)?;
        let security_stamp = json(&session.security_stamp)?;
        let previous = session.previous_security_stamp.as_deref();
        let previous_stamp = json(previous.unwrap_or(&session.security_stamp))?;
        let counts = usize::from(session.details.kind == SessionKind::Login);
        let most = session.limit.map(|limit| limit.max(1).saturating_sub(counts));
        Ok(Self { backend, session, owner, row, security_stamp, previous_stamp, kept_for, most })
    }

    /// Opens the session, and changes and ends others in the same step.
    fn call(&self, declared: Declared<'_>) -> ScriptInvocation<'static> {
        self.call_with(&self.previous_stamp, self.most, declared)
    }

    fn call_with(
        &self,
        previous: &str,
        most: Option<usize>,
        declared: Declared<'_>,
    ) -> ScriptInvocation<'static> {
        let (keys, session) = (&self.backend.keys, self.session);
        let now = session.ticket.issued_at;
        let mut call = OPEN.prepare_invoke();
        call.key(keys.session(&session.id))
            .key(keys.user(&self.owner))
            .key(keys.revocations())
            .key(keys.position())
            .key(self.backend.session_keys(declared.ids()))
            .arg(keys.session_prefix())
            .arg(&session.id)
            .arg(previous)
            .arg(&self.security_stamp)
            .arg(self.kept_for)
            .arg(kept_for(now, session.expires_at))
            .arg(most.map(|most| most.to_string()).unwrap_or_default())
            .arg(now.seconds())
            .arg(&self.row);
        call
    }

    /// Opens the session of a user whose list is too long for one call. Other stamps change first: the user's password hash
    /// has changed already.
    async fn run_in_parts(&self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let (backend, stamp) = (self.backend, &self.security_stamp);
        if self.previous_stamp != *stamp {
            for part in ids.chunks(BATCH) {
                let mut restamp = RESTAMP.prepare_invoke();
                restamp.key(backend.session_keys(part)).arg(&self.previous_stamp).arg(stamp);
                backend.connection.call(restamp).await?;
            }
        }
        backend.over_part(self.call_with(stamp, None, Declared::Part(&[]))).await?;
        let mut revoked = Vec::new();
        for part in self.above_limit().await?.chunks(BATCH) {
            revoked.extend(backend.revoke_part(&self.owner, part).await?);
        }
        Ok(revoked)
    }

    /// Returns the ids of the oldest logins above the limit.
    async fn above_limit(&self) -> Result<Vec<String>, StoreError> {
        let Some(most) = self.most else { return Ok(Vec::new()) };
        let listed = self.backend.list_of(&self.owner).await?;
        let sessions = active_sessions(listed, self.session.ticket.issued_at)?;
        let is_other_login = |id: &str, kind| id != self.session.id && kind == SessionKind::Login;
        let logins = sessions.into_iter().filter(|other| is_other_login(&other.id, other.details.kind));
        // The newest logins come first.
        Ok(logins.skip(most).map(|login| login.id).collect())
    }
}
