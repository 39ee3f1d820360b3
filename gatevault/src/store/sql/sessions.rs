//! `SqlSessions`: the operations of a store, composed of the statements of a dialect.

use std::time::Duration;

use sqlx::Pool;

use super::dialect::{Dialect, Parameter, ReadRow};
use super::pool::SqlPool;
use super::revoking::{RevokingKind, RevokingRequest};
use super::rows::{active_session, json, list_entry, record, revocation, stored};
use super::transaction::run;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::session::{
    ActiveSession, EvaluateSession as _, FindSession, ListSessions, NewRevocation, NewSession,
    RevocationBatch, RevocationCursor, RevocationKind, RevokeSessions, RevokeTarget, Rotation,
    RotationOutcome, Session, SessionKind, SpendToken, StoredSession, Verdict,
};
use crate::store::record::SessionRecord;

/// The sessions in one database. Clones share the pool.
pub(super) struct SqlSessions<D: Dialect> {
    pub(super) pool: SqlPool<D>,
}

impl<D: Dialect> Clone for SqlSessions<D> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone() }
    }
}

impl<D: Dialect> SqlSessions<D> {
    pub(super) fn new(pool: Pool<D>) -> Self {
        Self { pool: SqlPool::new(pool) }
    }

    pub(super) async fn migrate(self) -> Result<(), StoreError> {
        D::migrate(&self.pool).await
    }

    /// Stores a session and revokes the user's logins above the limit, in one step.
    ///
    /// In a database where logins do not see each other until they commit, several at once can exceed the limit. Near the
    /// limit each of them therefore looks again. More than [`LOGINS_AT_ONCE`] can leave too many, until the next login.
    pub(super) async fn open(self, session: NewSession) -> Result<Vec<String>, StoreError> {
        let limit = session.limit.map(|limit| u64::try_from(limit.max(1)).unwrap_or(u64::MAX));
        let (user, pool) = (json(&session.user)?, json(&session.pool)?);
        let again = [user, pool, session.ticket.issued_at.into(), limit.unwrap_or(u64::MAX).into()];
        let kind = match session.previous_security_stamp {
            Some(_) => RevokingKind::OpenAndRestamp,
            None => RevokingKind::Open,
        };
        let opening = RevokingRequest::new(kind, opening_parameters(session, limit)?);
        let rows = D::revoke(&self.pool, opening).await?;
        let mut ended = strings(&rows, 1)?;
        let others = rows.first().map_or(Ok(None), |row| row.integer(0))?;
        if let (Some(limit), Some(others)) = (limit, others)
            && others.unsigned_abs().saturating_add(LOGINS_AT_ONCE) > limit
        {
            let excess = RevokingRequest::new(RevokingKind::Excess, again);
            ended.extend(strings(&D::revoke(&self.pool, excess).await?, 1)?);
        }
        Ok(ended)
    }

    /// Rotates a token with one conditional update. If the token is not current, reads and evaluates the session.
    pub(super) async fn rotate(self, rotation: Rotation) -> Result<RotationOutcome, StoreError> {
        let pool = json(&rotation.pool)?;
        for _ in 0..MAX_ROTATION_ATTEMPTS {
            if let Some(session) = self.rotate_current(&rotation, &pool).await? {
                return Ok(RotationOutcome::Rotated(session));
            }
            let (session, now) = (&rotation.session, rotation.now);
            let Some((user, record)) = self.read(session, now, &pool).await? else {
                return Ok(RotationOutcome::Unknown);
            };
            let verdict = record.evaluate(&rotation);
            if let Some(outcome) = self.apply(verdict, session, user, &pool, now).await? {
                return Ok(outcome);
            }
        }
        Err(conflicting_updates())
    }

    /// Applies the decision about a session that did not rotate. Returns `None` if it may rotate now.
    pub(super) async fn apply(
        &self,
        verdict: Verdict,
        session: &str,
        user: Parameter,
        pool: &Parameter,
        now: Timestamp,
    ) -> Result<Option<RotationOutcome>, StoreError> {
        match verdict {
            Verdict::Keep(outcome) => Ok(Some(outcome)),
            Verdict::Revoke(outcome) => {
                let session = session.to_owned().into();
                let parameters = [user, session, Parameter::Text(None), now.into(), pool.clone()];
                let request = RevokingRequest::new(RevokingKind::One, parameters);
                let revoked = D::revoke(&self.pool, request).await?;
                // Of concurrent callers with this verdict, only the one that revoked the session reports the reason.
                Ok(Some(if revoked.is_empty() { RotationOutcome::Revoked } else { outcome }))
            }
            // The session got this stamp between the two statements.
            Verdict::Rotate => Ok(None),
        }
    }

    /// Rotates the token if it is the current one.
    async fn rotate_current(
        &self,
        rotation: &Rotation,
        pool: &Parameter,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let successor = &rotation.successor;
        let parameters = [
            rotation.session.clone().into(),
            rotation.presented.clone().into(),
            rotation.security_stamp.clone().into(),
            rotation.now.into(),
            successor.id.clone().into(),
            successor.issued_at.into(),
            successor.expires_at.into(),
            pool.clone(),
        ];
        let rows = run(&self.pool, D::STATEMENTS.rotate, &parameters).await?;
        Ok(rows.first().map(|row| active_session(row, successor)).transpose()?)
    }

    /// Reads the session and its user.
    pub(super) async fn read(
        &self,
        session: &str,
        now: Timestamp,
        pool: &Parameter,
    ) -> Result<Option<(Parameter, SessionRecord)>, StoreError> {
        let parameters = [session.to_owned().into(), now.into(), pool.clone()];
        let rows = run(&self.pool, D::STATEMENTS.read, &parameters).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((row.required_text(0)?.into(), record(row, 1)?)))
    }

    pub(super) async fn find(self, request: FindSession) -> Result<Option<StoredSession>, StoreError> {
        let parameters = [request.session.into(), request.now.into(), json(&request.pool)?];
        let rows = run(&self.pool, D::STATEMENTS.find, &parameters).await?;
        Ok(rows.first().map(stored).transpose()?)
    }

    pub(super) async fn spend(self, request: SpendToken) -> Result<bool, StoreError> {
        let parameters = [request.id.into(), request.expires_at.after(SpendToken::KEPT_FOR).into()];
        Ok(!run(&self.pool, D::STATEMENTS.spend, &parameters).await?.is_empty())
    }

    pub(super) async fn revoke(self, request: RevokeSessions) -> Result<Vec<String>, StoreError> {
        let RevokeSessions { pool, user, target, now } = request;
        let (kind, session, security_stamp) = match target {
            RevokeTarget::One(session) => (RevokingKind::One, Some(session), None),
            RevokeTarget::All => (RevokingKind::All, None, None),
            RevokeTarget::Logins => (RevokingKind::Logins, None, None),
            RevokeTarget::Others { kept, security_stamp } => {
                (RevokingKind::Others, Some(kept), Some(security_stamp))
            }
        };
        let parameters = [json(&user)?, session.into(), security_stamp.into(), now.into(), json(&pool)?];
        Ok(strings(&D::revoke(&self.pool, RevokingRequest::new(kind, parameters)).await?, 0)?)
    }

    pub(super) async fn list(self, request: ListSessions) -> Result<Vec<Session>, StoreError> {
        let parameters = [json(&request.user)?, request.now.into(), json(&request.pool)?];
        let rows = run(&self.pool, D::STATEMENTS.list, &parameters).await?;
        Ok(rows.iter().map(list_entry).collect::<Result<_, _>>()?)
    }

    pub(super) async fn record_revocation(self, request: NewRevocation) -> Result<(), StoreError> {
        let NewRevocation { revocation, now } = request;
        let id = match revocation.kind {
            RevocationKind::Session | RevocationKind::Token => json(&revocation.id)?,
            // JSON already.
            RevocationKind::User | RevocationKind::AccessTokens => revocation.id.into(),
        };
        let parameters = [
            revocation.kind.name().to_owned().into(),
            json(&revocation.issuer)?,
            json(&revocation.pool)?,
            id,
            revocation.until.map(Timestamp::seconds).into(),
            now.into(),
        ];
        D::revoke(&self.pool, RevokingRequest::new(RevokingKind::Record, parameters)).await?;
        Ok(())
    }

    pub(super) async fn revocations_since(
        self,
        cursor: RevocationCursor,
    ) -> Result<RevocationBatch, StoreError> {
        let (position, time) = match cursor {
            RevocationCursor::Position(position) => (position, Timestamp::FIRST_SECOND),
            RevocationCursor::Time(time) => (0, time),
        };
        let rows = run(&self.pool, D::STATEMENTS.revocations_since, &[position.into(), time.into()]).await?;
        let position = rows.first().map_or(Ok(0), |row| row.unsigned(0))?;
        let revocations = rows.iter().filter_map(|row| revocation(row, 1).transpose());
        Ok(RevocationBatch::new(revocations.collect::<Result<_, _>>()?, position))
    }
}

/// Returns the parameters that the opening statements share.
fn opening_parameters(session: NewSession, limit: Option<u64>) -> Result<Vec<Parameter>, StoreError> {
    let (ticket, details) = (session.ticket, session.details);
    // The new session is one of those within the limit, if it counts.
    let counts = u64::from(details.kind == SessionKind::Login);
    let others = limit.unwrap_or(u64::MAX).saturating_sub(counts);
    Ok(vec![
        session.id.into(),
        json(&session.user)?,
        json(&session.pool)?,
        ticket.issued_at.into(),
        session.expires_at.into(),
        ticket.id.into(),
        details.authenticated_at.into(),
        ticket.expires_at.into(),
        session.security_stamp.into(),
        session.label.into(),
        details.kind.name().to_owned().into(),
        details.acr.into(),
        json(&details.amr)?,
        json(&details.scopes)?,
        u64::from(details.is_persistent).into(),
        details.refresh_lifetime.as_ref().map(Duration::as_secs).into(),
        details.grace.map(|grace| u64::try_from(grace.as_millis()).unwrap_or(u64::MAX)).into(),
        others.into(),
        session.previous_security_stamp.into(),
    ])
}

/// Reads a column of all rows, without nulls.
fn strings(rows: &[impl ReadRow], column: usize) -> Result<Vec<String>, sqlx::Error> {
    rows.iter().filter_map(|row| row.text(column).transpose()).collect()
}

pub(super) fn conflicting_updates() -> StoreError {
    format!("gave up after {MAX_ROTATION_ATTEMPTS} conflicting updates of the session").into()
}

/// A second attempt is needed only if the session's stamp changes at the same time.
pub(super) const MAX_ROTATION_ATTEMPTS: u32 = 3;

/// The number of logins of one user at the same time for which the limit holds exactly.
const LOGINS_AT_ONCE: u64 = 16;
