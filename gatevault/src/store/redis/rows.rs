//! The string of a session, and the replies that contain it.
//!
//! It has a line for each value, in the order of [`Row`], [`LastingLines`] and `row.lua`. Strings are JSON, which escapes line ends,
//! so that `rotate.lua` can compare the first lines as bytes. An absent string is `null`. An empty line separates the lines that a
//! rotation changes from the others.

use std::time::Duration;

use redis::{Value, from_redis_value};
use serde::de::DeserializeOwned;

use super::keys::Owner;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::session::{
    ActiveSession, NewSession, RefreshTicket, Session, SessionDetails, SessionKind, StoredSession,
};
use crate::store::record::SessionRecord;

/// Returns the string of a new session.
pub(super) fn new_row(session: &NewSession, owner: &Owner, kept_for: u64) -> Result<String, StoreError> {
    let (ticket, details) = (&session.ticket, &session.details);
    let scopes = (&session.label, &details.scopes, details.is_persistent, details.grace);
    let lines = [
        ACTIVE,
        owner.pool(),
        &json(&session.security_stamp)?,
        &json(&ticket.id)?,
        NONE,
        &ticket.issued_at.seconds().to_string(),
        &ticket.expires_at.seconds().to_string(),
        &kept_for.to_string(),
        "",
        &session.expires_at.seconds().to_string(),
        &details.refresh_lifetime.map(seconds).unwrap_or_default(),
        &owner.user,
        details.kind.name(),
        &details.authenticated_at.seconds().to_string(),
        &authentication(details.acr.as_deref(), &details.amr)?,
        &serde_json::to_string(&scopes)?,
        "",
    ];
    Ok(lines.join("\n"))
}

/// Returns the class and the methods of an authentication as JSON.
pub(super) fn authentication(acr: Option<&str>, amr: &[String]) -> Result<String, StoreError> {
    Ok(serde_json::to_string(&(acr, amr))?)
}

/// Returns the string as JSON.
pub(super) fn json(text: &str) -> Result<String, StoreError> {
    Ok(serde_json::to_string(text)?)
}

/// Returns the seconds as a decimal number, which is exact.
fn seconds(span: Duration) -> String {
    format!("{}.{:09}", span.as_secs(), span.subsec_nanos())
}

/// The reply of `rotate.lua` or `step_up.lua` for an existing session.
pub(super) enum RowReply {
    /// The script has changed the session. These are its lines that no rotation changes.
    Changed(String),
    /// The session, and the milliseconds until Redis removes it.
    Unchanged(String, i64),
}

impl RowReply {
    /// Parses the reply. Returns `None` if the session does not exist.
    pub(super) fn parse(reply: Value) -> Result<Option<Self>, StoreError> {
        Ok(match reply {
            Value::Nil => None,
            Value::Array(_) => {
                let (row, expires_in) = from_redis_value(reply)?;
                Some(Self::Unchanged(row, expires_in))
            }
            _ => Some(Self::Changed(from_redis_value(reply)?)),
        })
    }
}

/// Parses the reply of `find.lua`. Returns the session if it is an active one of the pool.
pub(super) fn active_session(
    reply: Value,
    pool: Option<&str>,
    now: Timestamp,
) -> Result<Option<StoredSession>, StoreError> {
    let Some(text) = from_redis_value::<Option<String>>(reply)? else { return Ok(None) };
    let row = Row::parse(&text)?;
    if row.pool() != pool || row.is_ended()? {
        return Ok(None);
    }
    let (expires_at, ticket) = (row.lasting.expires_at()?, row.ticket()?);
    if now >= expires_at.min(ticket.expires_at) {
        return Ok(None);
    }
    let (label, details) = row.lasting.label_and_details()?;
    Ok(Some(StoredSession { user: value(row.lasting.user, "user")?, label, expires_at, ticket, details }))
}

/// Parses the results of `list.lua`, and returns the sessions that have not expired, the newest login first.
pub(super) fn active_sessions(results: Vec<Value>, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let mut sessions = Vec::new();
    for result in results {
        for (id, text) in from_redis_value::<Vec<(String, String)>>(result)? {
            let row = Row::parse(&text)?;
            let ticket = row.ticket()?;
            if !row.is_ended()? && now < row.lasting.expires_at()?.min(ticket.expires_at) {
                let (label, details) = row.lasting.label_and_details()?;
                sessions.push(Session::new(id, label, &ticket, details));
            }
        }
    }
    sessions.sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
    Ok(sessions)
}

/// The lines of a session in Redis.
pub(super) struct Row<'r> {
    state: &'r str,
    /// JSON, or `null`.
    pool: &'r str,
    stamp: &'r str,
    token: &'r str,
    /// JSON, or `null` before the first rotation.
    previous: &'r str,
    issued_at: &'r str,
    token_expires_at: &'r str,
    /// The milliseconds until Redis would remove the session, at the last rotation. Those that are left now tell how long ago that
    /// was by the server's clock.
    kept_for: &'r str,
    pub(super) lasting: LastingLines<'r>,
}

/// The lines of a session that no rotation changes.
pub(super) struct LastingLines<'r> {
    expires_at: &'r str,
    /// The session's own lifetime of refresh tokens in seconds, or empty.
    refresh_lifetime: &'r str,
    /// JSON.
    pub(super) user: &'r str,
    kind: &'r str,
    authenticated_at: &'r str,
    /// The class and the methods.
    authentication: &'r str,
    /// The label, the scopes, whether the session is persistent, and its own grace.
    details: &'r str,
}

impl<'r> Row<'r> {
    pub(super) fn parse(text: &'r str) -> Result<Self, StoreError> {
        let mut lines = text.splitn(10, '\n');
        let mut line = || lines.next().ok_or("a session in Redis is malformed");
        Ok(Self {
            state: line()?,
            pool: line()?,
            stamp: line()?,
            token: line()?,
            previous: line()?,
            issued_at: line()?,
            token_expires_at: line()?,
            kept_for: line()?,
            lasting: {
                if !line()?.is_empty() {
                    return Err("a session in Redis is malformed".into());
                }
                LastingLines::parse(line()?)?
            },
        })
    }

    /// Returns the pool as JSON.
    pub(super) fn pool(&self) -> Option<&'r str> {
        Some(self.pool).filter(|pool| *pool != NONE)
    }

    /// Returns the session for an evaluation, with the milliseconds until Redis removes it.
    pub(super) fn record(&self, expires_in: i64) -> Result<SessionRecord, StoreError> {
        let kept_for: i64 = value(self.kept_for, "kept_for")?;
        Ok(SessionRecord {
            current: self.ticket()?,
            previous: value(self.previous, "previous")?,
            since_rotation: Duration::from_millis(kept_for.abs_diff(expires_in)),
            security_stamp: value(self.stamp, "stamp")?,
            expires_at: self.lasting.expires_at()?,
            is_revoked: self.is_ended()?,
            details: self.lasting.label_and_details()?.1,
        })
    }

    fn is_ended(&self) -> Result<bool, StoreError> {
        match self.state {
            ACTIVE => Ok(false),
            "ended" => Ok(true),
            _ => Err(invalid("state")),
        }
    }

    fn ticket(&self) -> Result<RefreshTicket, StoreError> {
        Ok(RefreshTicket {
            id: value(self.token, "token")?,
            issued_at: timestamp(self.issued_at, "issued_at")?,
            expires_at: timestamp(self.token_expires_at, "token_expires_at")?,
        })
    }
}

impl<'r> LastingLines<'r> {
    fn parse(text: &'r str) -> Result<Self, StoreError> {
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or("a session in Redis is malformed");
        let parsed = Self {
            expires_at: line()?,
            refresh_lifetime: line()?,
            user: line()?,
            kind: line()?,
            authenticated_at: line()?,
            authentication: line()?,
            details: line()?,
        };
        // The end of the last line: a string that was cut has none.
        if lines.eq([""]) { Ok(parsed) } else { Err("a session in Redis is malformed".into()) }
    }

    fn expires_at(&self) -> Result<Timestamp, StoreError> {
        timestamp(self.expires_at, "expires_at")
    }

    fn label_and_details(&self) -> Result<(Option<String>, SessionDetails), StoreError> {
        let (acr, amr) = value(self.authentication, "authentication")?;
        let (label, scopes, is_persistent, grace) = value(self.details, "details")?;
        let details = SessionDetails {
            kind: SessionKind::from_name(self.kind).ok_or_else(|| invalid("kind"))?,
            authenticated_at: timestamp(self.authenticated_at, "authenticated_at")?,
            acr,
            amr,
            scopes,
            is_persistent,
            refresh_lifetime: span(self.refresh_lifetime)?,
            grace,
        };
        Ok((label, details))
    }
}

/// Returns the session after a rotation or a step-up to the successor.
pub(super) fn active(lasting: &str, successor: &RefreshTicket) -> Result<ActiveSession, StoreError> {
    let lines = LastingLines::parse(lasting)?;
    let (_, details) = lines.label_and_details()?;
    Ok(ActiveSession { ticket: details.successor(successor.clone(), lines.expires_at()?), details })
}

/// Parses a line of JSON.
fn value<T: DeserializeOwned>(line: &str, name: &str) -> Result<T, StoreError> {
    serde_json::from_str(line).map_err(|_| invalid(name))
}

fn timestamp(line: &str, name: &str) -> Result<Timestamp, StoreError> {
    Timestamp::from_seconds(value(line, name)?).ok_or_else(|| invalid(name))
}

fn span(decimal: &str) -> Result<Option<Duration>, StoreError> {
    if decimal.is_empty() {
        return Ok(None);
    }
    let span = decimal.split_once('.').and_then(|(seconds, nanoseconds)| {
        Some(Duration::new(seconds.parse().ok()?, nanoseconds.parse().ok().filter(|all| *all < SECOND)?))
    });
    span.map(Some).ok_or_else(|| invalid("refresh_lifetime"))
}

fn invalid(name: &str) -> StoreError {
    format!("a session in Redis has an invalid `{name}`").into()
}

/// The line of an absent string.
pub(super) const NONE: &str = "null";

/// The state of a session that is not revoked.
pub(super) const ACTIVE: &str = "active";

/// The nanoseconds of a second.
const SECOND: u32 = 1_000_000_000;
