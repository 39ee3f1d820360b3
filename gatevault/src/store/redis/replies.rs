//! The replies of the session scripts.

use std::time::Duration;

use redis::{ParsingError, Value, from_redis_value};

use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::session::{RefreshTicket, Session, SessionRecord};

/// The reply of `rotate.lua` for an existing session.
pub(super) struct RotateReply {
    pub(super) has_rotated: bool,
    pub(super) user: String,
    /// The session before the rotation.
    pub(super) record: SessionRecord,
}

impl RotateReply {
    /// Parses the reply. Returns `None` if the session does not exist.
    pub(super) fn parse(reply: Value) -> Result<Option<Self>, BoxError> {
        let Some(fields) = from_redis_value::<Option<RotateFields>>(reply)? else {
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
            revoked,
        ) = fields;
        let record = SessionRecord {
            current: ticket(token, issued_at, token_expires_at)?,
            previous,
            since_rotation: Duration::from_millis(age),
            security_stamp,
            expires_at: timestamp(expires_at)?,
            is_revoked: revoked.is_some(),
        };
        Ok(Some(Self { has_rotated, user, record }))
    }
}

/// Parses the reply of `list.lua`, and returns the sessions that have not expired, the newest login first.
pub(super) fn active_sessions(reply: Value, now: Timestamp) -> Result<Vec<Session>, BoxError> {
    let mut sessions = Vec::new();
    for fields in from_redis_value::<Vec<ListFields>>(reply)? {
        let (id, label, authenticated_at, expires_at, token, issued_at, token_expires_at) = fields;
        let ticket = ticket(token, issued_at, token_expires_at)?;
        if now < timestamp(expires_at)?.min(ticket.expires_at) {
            sessions.push(Session::new(id, label, timestamp(authenticated_at)?, &ticket));
        }
    }
    sessions.sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
    Ok(sessions)
}

/// Parses the reply of `revocations_since.lua`: the last position and the ids of the sessions.
pub(super) fn revocations(reply: Value) -> Result<(u64, Vec<String>), ParsingError> {
    from_redis_value(reply)
}

fn ticket(id: String, issued_at: u64, expires_at: u64) -> Result<RefreshTicket, &'static str> {
    Ok(RefreshTicket { id, issued_at: timestamp(issued_at)?, expires_at: timestamp(expires_at)? })
}

fn timestamp(seconds: u64) -> Result<Timestamp, &'static str> {
    Timestamp::from_seconds(seconds).ok_or("a session in Redis has an invalid timestamp")
}

/// The fields in the order of `rotate.lua`.
type RotateFields = (bool, String, String, u64, u64, Option<String>, u64, String, u64, Option<String>);

/// The fields in the order of `list.lua`.
type ListFields = (String, Option<String>, u64, u64, String, u64, u64);
