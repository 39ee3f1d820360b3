//! `SqlSessions`: the operations of a store, composed of the statements of a dialect.

use std::time::Duration;

use sqlx::Pool;

use super::dialect::{Dialect, Parameter, ReadRow};
use super::transaction::run;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::session::{
    NewSession, RefreshTicket, RevocationBatch, RevocationCursor, RevokeTarget, Rotation, RotationOutcome,
    Session, SessionRecord, Verdict,
};

/// The sessions in one database. Clones share the pool.
pub(super) struct SqlSessions<D: Dialect> {
    pool: Pool<D>,
}

impl<D: Dialect> Clone for SqlSessions<D> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone() }
    }
}

impl<D: Dialect> SqlSessions<D> {
    pub(super) fn new(pool: Pool<D>) -> Self {
        Self { pool }
    }

    pub(super) fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    pub(super) async fn migrate(self) -> Result<(), BoxError> {
        run(&self.pool, D::STATEMENTS.migrate, &[]).await?;
        Ok(())
    }

    pub(super) async fn open(self, session: NewSession) -> Result<(), BoxError> {
        let ticket = session.ticket;
        let script = match session.previous_security_stamp {
            Some(_) => D::STATEMENTS.open_and_restamp,
            None => D::STATEMENTS.open,
        };
        let mut parameters = vec![
            session.id.into(),
            canonical(&session.user)?,
            session.label.into(),
            session.authenticated_at.into(),
            session.expires_at.into(),
            ticket.id.into(),
            ticket.issued_at.into(),
            ticket.expires_at.into(),
            session.security_stamp.into(),
        ];
        parameters.extend(session.previous_security_stamp.map(Parameter::from));
        run(&self.pool, script, &parameters).await?;
        Ok(())
    }

    /// Rotates a token with one conditional update. If the token is not current, reads and evaluates the session.
    pub(super) async fn rotate(self, rotation: Rotation) -> Result<RotationOutcome, BoxError> {
        for _ in 0..MAX_ROTATION_ATTEMPTS {
            if let Some(expires_at) = self.rotate_current(&rotation).await? {
                let successor = RefreshTicket { expires_at, ..rotation.successor.clone() };
                return Ok(RotationOutcome::Rotated(successor));
            }
            let Some((user, record)) = self.find(&rotation).await? else {
                return Ok(RotationOutcome::Unknown);
            };
            match record.evaluate(&rotation) {
                Verdict::Keep(outcome) => return Ok(outcome),
                Verdict::Revoke(outcome) => {
                    let session = rotation.session.clone();
                    let parameters = revocation_parameters(user, session, String::new(), rotation.now);
                    let revoked = run(&self.pool, D::STATEMENTS.revoke_one, &parameters).await?;
                    // Of concurrent callers with this verdict, only the one that revoked the session reports the reason.
                    return Ok(if revoked.is_empty() { RotationOutcome::Revoked } else { outcome });
                }
                // The session got this stamp between the two statements.
                Verdict::Rotate => {}
            }
        }
        Err(format!("gave up after {MAX_ROTATION_ATTEMPTS} conflicting updates of the session").into())
    }

    /// Rotates the token if it is the current one, and returns the successor's expiry.
    async fn rotate_current(&self, rotation: &Rotation) -> Result<Option<Timestamp>, BoxError> {
        let successor = &rotation.successor;
        let parameters = [
            rotation.session.clone().into(),
            rotation.presented.clone().into(),
            rotation.security_stamp.clone().into(),
            rotation.now.into(),
            successor.id.clone().into(),
            successor.issued_at.into(),
            successor.expires_at.into(),
        ];
        let rows = run(&self.pool, D::STATEMENTS.rotate, &parameters).await?;
        Ok(rows.first().map(|row| row.timestamp(0)).transpose()?)
    }

    /// Reads the session and its user.
    async fn find(&self, rotation: &Rotation) -> Result<Option<(Parameter, SessionRecord)>, BoxError> {
        let parameters = [rotation.session.clone().into(), rotation.now.into()];
        let rows = run(&self.pool, D::STATEMENTS.find, &parameters).await?;
        Ok(rows.first().map(user_and_record).transpose()?)
    }

    pub(super) async fn revoke(self, target: RevokeTarget, now: Timestamp) -> Result<Vec<String>, BoxError> {
        let (script, user, session, security_stamp) = match target {
            RevokeTarget::Session { user, session } => {
                (D::STATEMENTS.revoke_one, user, session, String::new())
            }
            RevokeTarget::All { user } => (D::STATEMENTS.revoke_all, user, String::new(), String::new()),
            RevokeTarget::Others { user, kept, security_stamp } => {
                (D::STATEMENTS.revoke_others, user, kept, security_stamp)
            }
        };
        let parameters = revocation_parameters(canonical(&user)?, session, security_stamp, now);
        let rows = run(&self.pool, script, &parameters).await?;
        Ok(rows.iter().map(|row| row.required_text(0)).collect::<Result<_, _>>()?)
    }

    pub(super) async fn list(self, user: UserId, now: Timestamp) -> Result<Vec<Session>, BoxError> {
        let rows = run(&self.pool, D::STATEMENTS.list, &[canonical(&user)?, now.into()]).await?;
        Ok(rows.iter().map(list_entry).collect::<Result<_, _>>()?)
    }

    pub(super) async fn revocations_since(
        self,
        cursor: RevocationCursor,
    ) -> Result<RevocationBatch, BoxError> {
        let (position, time) = match cursor {
            RevocationCursor::Position(position) => (position, Timestamp::FIRST_SECOND),
            RevocationCursor::Time(time) => (0, time),
        };
        let rows = run(&self.pool, D::STATEMENTS.revocations_since, &[position.into(), time.into()]).await?;
        let position = rows.first().map_or(Ok(0), |row| row.unsigned(0))?;
        let sessions = rows.iter().filter_map(|row| row.text(1).transpose()).collect::<Result<_, _>>()?;
        Ok(RevocationBatch::new(sessions, position))
    }

    /// Removes expired sessions in batches, each a transaction of its own, so that no other caller waits for all of them.
    pub(super) async fn remove_expired(
        self,
        now: Timestamp,
        keep_revoked: Duration,
    ) -> Result<u64, BoxError> {
        let parameters = [now.into(), keep_revoked.as_secs().into()];
        let mut removed = 0_u64;
        loop {
            match run(&self.pool, D::STATEMENTS.remove_expired, &parameters).await?.len().try_into()? {
                0 => return Ok(removed),
                batch => removed = removed.saturating_add(batch),
            }
        }
    }
}

/// Returns the parameters that all revoking statements share.
fn revocation_parameters(
    user: Parameter,
    session: String,
    security_stamp: String,
    now: Timestamp,
) -> [Parameter; 4] {
    [user, session.into(), security_stamp.into(), now.into()]
}

/// Writes the user id as JSON, so that 42 and "42" stay two users.
fn canonical(user: &UserId) -> Result<Parameter, BoxError> {
    Ok(serde_json::to_string(user)?.into())
}

/// Returns the user of the session, and the session for evaluation.
fn user_and_record(row: &impl ReadRow) -> Result<(Parameter, SessionRecord), sqlx::Error> {
    let user = row.required_text(0)?.into();
    // Clocks can be set back, so only the distance counts.
    let since_rotation = Duration::from_millis(row.integer(5)?.map_or(0, i64::unsigned_abs));
    let record = SessionRecord {
        current: ticket(row, 1)?,
        previous: row.text(4)?,
        since_rotation,
        security_stamp: row.required_text(6)?,
        expires_at: row.timestamp(7)?,
        is_revoked: row.integer(8)?.is_some(),
    };
    Ok((user, record))
}

fn list_entry(row: &impl ReadRow) -> Result<Session, sqlx::Error> {
    Ok(Session::new(row.required_text(0)?, row.text(1)?, row.timestamp(2)?, &ticket(row, 3)?))
}

/// Reads a ticket from three columns, beginning with `first`.
fn ticket(row: &impl ReadRow, first: usize) -> Result<RefreshTicket, sqlx::Error> {
    let (second, third) = (first.saturating_add(1), first.saturating_add(2));
    let (issued_at, expires_at) = (row.timestamp(second)?, row.timestamp(third)?);
    Ok(RefreshTicket { id: row.required_text(first)?, issued_at, expires_at })
}

/// A second attempt is needed only if the session's stamp changes at the same time.
const MAX_ROTATION_ATTEMPTS: u32 = 3;
