//! The operations of a store, put together from statements.

use std::time::Duration;

use sqlx::Pool;

use super::dialect::{Dialect, Parameter, Read};
use super::script::run;
use super::statements::Script;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::session::{
    NewSession, Record, RefreshTicket, RevocationBatch, RevocationCursor, RevokeTarget, Rotation,
    RotationOutcome, Session, Verdict,
};

/// The tables in one database.
pub(super) struct Table<D: Dialect> {
    pub(super) pool: Pool<D>,
}

impl<D: Dialect> Clone for Table<D> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone() }
    }
}

impl<D: Dialect> Table<D> {
    pub(super) async fn migrate(&self) -> Result<(), BoxError> {
        self.run(D::STATEMENTS.migrate, []).await.map(drop)
    }

    pub(super) async fn open(&self, session: NewSession) -> Result<(), BoxError> {
        let ticket = session.ticket;
        let script = match session.previous_security_stamp {
            Some(_) => D::STATEMENTS.open_restamping,
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
        self.run(script, parameters).await.map(drop)
    }

    /// One statement, unless the token is not the current one: then the session is read and judged.
    pub(super) async fn rotate(&self, rotation: &Rotation) -> Result<RotationOutcome, BoxError> {
        for _ in 0..ROTATIONS_TRIED {
            if let Some(expires_at) = self.exchange(rotation).await? {
                let successor = RefreshTicket { expires_at, ..rotation.successor.clone() };
                return Ok(RotationOutcome::Rotated(successor));
            }
            let Some((user, record)) = self.find(rotation).await? else {
                return Ok(RotationOutcome::Unknown);
            };
            match record.judge(rotation) {
                Verdict::Stay(outcome) => return Ok(outcome),
                Verdict::End(outcome) => {
                    let session = rotation.session.clone();
                    let parameters = ending(user, session, String::new(), rotation.now);
                    let ended = self.run(D::STATEMENTS.end_one, parameters).await?;
                    // Of all who come to this verdict, one is told what the session has ended for.
                    return Ok(if ended.is_empty() { RotationOutcome::Revoked } else { outcome });
                }
                // It was given this stamp between the two statements.
                Verdict::Rotate => {}
            }
        }
        Err("the session changed with every look at it".into())
    }

    /// The end of the successor, if the token was the current one.
    async fn exchange(&self, rotation: &Rotation) -> Result<Option<Timestamp>, BoxError> {
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
        let rows = self.run(D::STATEMENTS.rotate, parameters).await?;
        Ok(rows.first().map(|row| row.moment(0)).transpose()?)
    }

    /// The session as it is, and whose it is.
    async fn find(&self, rotation: &Rotation) -> Result<Option<(Parameter, Record)>, BoxError> {
        let parameters = [rotation.session.clone().into(), rotation.now.into()];
        let rows = self.run(D::STATEMENTS.find, parameters).await?;
        Ok(rows.first().map(recorded).transpose()?)
    }

    pub(super) async fn revoke(&self, what: RevokeTarget, now: Timestamp) -> Result<Vec<String>, BoxError> {
        let (script, user, session, security_stamp) = match what {
            RevokeTarget::Session { user, session } => (D::STATEMENTS.end_one, user, session, String::new()),
            RevokeTarget::All { user } => (D::STATEMENTS.end_all, user, String::new(), String::new()),
            RevokeTarget::Others { user, kept, security_stamp } => {
                (D::STATEMENTS.end_others, user, kept, security_stamp)
            }
        };
        let rows = self.run(script, ending(canonical(&user)?, session, security_stamp, now)).await?;
        Ok(rows.iter().map(|row| row.required_text(0)).collect::<Result<_, _>>()?)
    }

    pub(super) async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, BoxError> {
        let rows = self.run(D::STATEMENTS.list, [canonical(user)?, now.into()]).await?;
        Ok(rows.iter().map(listed).collect::<Result<_, _>>()?)
    }

    pub(super) async fn revocations_since(
        &self,
        since: RevocationCursor,
    ) -> Result<RevocationBatch, BoxError> {
        let (position, moment) = match since {
            RevocationCursor::Position(position) => (position, Timestamp::FIRST_SECOND),
            RevocationCursor::Time(moment) => (0, moment),
        };
        let rows = self.run(D::STATEMENTS.ended, [position.into(), moment.into()]).await?;
        let position = rows.first().map_or(Ok(0), |row| row.count(0))?;
        let sessions = rows.iter().filter_map(|row| row.text(1).transpose()).collect::<Result<_, _>>()?;
        Ok(RevocationBatch::new(sessions, position))
    }

    /// In batches, each a transaction of its own, so that nobody waits for the whole.
    pub(super) async fn remove_expired(&self, now: Timestamp) -> Result<u64, BoxError> {
        let mut removed = 0_u64;
        loop {
            match self.run(D::STATEMENTS.remove_expired, [now.into()]).await?.len().try_into()? {
                0 => return Ok(removed),
                batch => removed = removed.saturating_add(batch),
            }
        }
    }

    async fn run(
        &self,
        script: Script,
        parameters: impl AsRef<[Parameter]> + Send,
    ) -> Result<Vec<D::Row>, BoxError> {
        Ok(run(&self.pool, script, parameters.as_ref()).await?)
    }
}

/// The parameters of everything that ends sessions.
fn ending(user: Parameter, session: String, security_stamp: String, now: Timestamp) -> [Parameter; 4] {
    [user, session.into(), security_stamp.into(), now.into()]
}

/// A number as digits and a text as JSON, so that 42 and "42" stay two users.
fn canonical(user: &UserId) -> Result<Parameter, BoxError> {
    Ok(serde_json::to_string(user)?.into())
}

/// Whose session it is, and the session to be judged.
fn recorded(row: &impl Read) -> Result<(Parameter, Record), sqlx::Error> {
    let user = row.required_text(0)?.into();
    // Clocks can be set back: what counts is how far away the rotation is.
    let since_rotation = Duration::from_millis(row.number(5)?.map_or(0, i64::unsigned_abs));
    let record = Record {
        current: ticket(row, 1)?,
        previous: row.text(4)?,
        since_rotation,
        security_stamp: row.required_text(6)?,
        expires_at: row.moment(7)?,
        has_ended: row.number(8)?.is_some(),
    };
    Ok((user, record))
}

fn listed(row: &impl Read) -> Result<Session, sqlx::Error> {
    Ok(Session::new(row.required_text(0)?, row.text(1)?, row.moment(2)?, &ticket(row, 3)?))
}

/// The ticket in three columns, from the first on.
fn ticket(row: &impl Read, first: usize) -> Result<RefreshTicket, sqlx::Error> {
    let (second, third) = (first.saturating_add(1), first.saturating_add(2));
    let (issued_at, expires_at) = (row.moment(second)?, row.moment(third)?);
    Ok(RefreshTicket { id: row.required_text(first)?, issued_at, expires_at })
}

/// More than one is for a session whose stamp is changed in the same moment.
const ROTATIONS_TRIED: u32 = 3;
