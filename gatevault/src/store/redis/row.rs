//! What scripts answer about sessions, read into what it means.

use std::time::Duration;

use redis::{ParsingError, Value, from_redis_value};

use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::session::{Record, RefreshTicket, Session};

/// What `rotate.lua` answers about a session that is there.
pub(super) struct Presented {
    pub(super) has_rotated: bool,
    pub(super) user: String,
    /// The session as it was before.
    pub(super) record: Record,
}

impl Presented {
    /// `None` where there is no such session.
    pub(super) fn read(answer: Value) -> Result<Option<Self>, BoxError> {
        let Some(fields) = from_redis_value::<Option<PresentedFields>>(answer)? else {
            return Ok(None);
        };
        let (
            has_rotated,
            user,
            token,
            issued_at,
            token_expires_at,
            previous,
            age,
            security_stamp,
            expires_at,
            ended,
        ) = fields;
        let record = Record {
            current: ticket(token, issued_at, token_expires_at)?,
            previous,
            since_rotation: Duration::from_millis(age),
            security_stamp,
            expires_at: moment(expires_at)?,
            has_ended: ended.is_some(),
        };
        Ok(Some(Self { has_rotated, user, record }))
    }
}

/// The sessions that `list.lua` answers with, as far as they go on at `now`, the one that began last first.
pub(super) fn live_sessions(answer: Value, now: Timestamp) -> Result<Vec<Session>, BoxError> {
    let mut sessions = Vec::new();
    for fields in from_redis_value::<Vec<ListedFields>>(answer)? {
        let (id, label, authenticated_at, expires_at, token, issued_at, token_expires_at) = fields;
        let ticket = ticket(token, issued_at, token_expires_at)?;
        if now < moment(expires_at)?.min(ticket.expires_at) {
            sessions.push(Session::new(id, label, moment(authenticated_at)?, &ticket));
        }
    }
    sessions.sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
    Ok(sessions)
}

/// The ids and the number that `ended.lua` answers with.
pub(super) fn ends(answer: Value) -> Result<(u64, Vec<String>), ParsingError> {
    from_redis_value(answer)
}

fn ticket(id: String, issued_at: u64, expires_at: u64) -> Result<RefreshTicket, &'static str> {
    Ok(RefreshTicket { id, issued_at: moment(issued_at)?, expires_at: moment(expires_at)? })
}

fn moment(seconds: u64) -> Result<Timestamp, &'static str> {
    Timestamp::from_seconds(seconds).ok_or("a session in Redis has a time that is none")
}

/// In the order in which `rotate.lua` returns them.
type PresentedFields = (bool, String, String, u64, u64, Option<String>, u64, String, u64, Option<String>);

/// In the order in which `list.lua` returns them.
type ListedFields = (String, Option<String>, u64, u64, String, u64, u64);
