//! The fields of a session in its hash, and the replies that contain them.

use std::collections::HashMap;
use std::time::Duration;

use redis::{Value, from_redis_value};

use super::keys::Owner;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::session::{
    NewSession, RefreshTicket, Session, SessionDetails, SessionKind, SessionRecord, StoredSession,
};

/// Returns the fields of a new session and their values. A field without a value is left out.
pub(super) fn fields(session: &NewSession, owner: &Owner) -> Result<Vec<(&'static str, String)>, StoreError> {
    let (ticket, details) = (&session.ticket, &session.details);
    let mut fields = vec![
        ("user", owner.user.clone()),
        ("stamp", session.security_stamp.clone()),
        ("kind", details.kind.name().to_owned()),
        ("authenticated_at", details.authenticated_at.seconds().to_string()),
        ("expires_at", session.expires_at.seconds().to_string()),
        ("token", ticket.id.clone()),
        ("issued_at", ticket.issued_at.seconds().to_string()),
        ("token_expires_at", ticket.expires_at.seconds().to_string()),
    ];
    let is_temporary = (!details.is_persistent).then(|| "1".to_owned());
    let optional = [
        ("pool", owner.pool.clone()),
        ("label", session.label.clone()),
        ("acr", details.acr.clone()),
        ("amr", list(&details.amr)?),
        ("scopes", list(&details.scopes)?),
        ("temporary", is_temporary),
        ("refresh_lifetime", details.refresh_lifetime.map(seconds)),
        ("grace", details.grace.map(seconds)),
    ];
    fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    Ok(fields)
}

/// Returns a list as JSON, or `None` if it is empty.
fn list(values: &[String]) -> Result<Option<String>, StoreError> {
    if values.is_empty() { Ok(None) } else { Ok(Some(serde_json::to_string(values)?)) }
}

/// Returns the seconds as a decimal number, which is exact.
fn seconds(span: Duration) -> String {
    format!("{}.{:09}", span.as_secs(), span.subsec_nanos())
}

/// The reply of `rotate.lua` or `step_up.lua` for an existing session.
pub(super) struct RotateReply {
    pub(super) has_rotated: bool,
    pub(super) user: String,
    /// The session before the rotation.
    pub(super) record: SessionRecord,
}

impl RotateReply {
    /// Parses the reply. Returns `None` if the session does not exist, or belongs to another pool.
    pub(super) fn parse(reply: Value) -> Result<Option<Self>, StoreError> {
        let Some((has_rotated, age, row)) = from_redis_value::<Option<(bool, u64, Fields)>>(reply)? else {
            return Ok(None);
        };
        let row = Row(row);
        let record = SessionRecord {
            current: row.ticket()?,
            previous: row.get("previous"),
            since_rotation: Duration::from_millis(age),
            security_stamp: row.text("stamp")?,
            expires_at: row.timestamp("expires_at")?,
            is_revoked: row.get("ended").is_some(),
            details: row.details()?,
        };
        Ok(Some(Self { has_rotated, user: row.text("user")?, record }))
    }
}

/// Parses the reply of `find.lua`. Returns the session if it is an active one of the pool.
pub(super) fn active_session(
    reply: Value,
    pool: Option<&str>,
    now: Timestamp,
) -> Result<Option<StoredSession>, StoreError> {
    let row = Row(from_redis_value(reply)?);
    if row.0.is_empty() || row.get("pool").as_deref() != pool || row.get("ended").is_some() {
        return Ok(None);
    }
    let (expires_at, ticket) = (row.timestamp("expires_at")?, row.ticket()?);
    if now >= expires_at.min(ticket.expires_at) {
        return Ok(None);
    }
    let user = serde_json::from_str(&row.text("user")?)?;
    Ok(Some(StoredSession { user, label: row.get("label"), expires_at, ticket, details: row.details()? }))
}

/// Parses the results of `list.lua`, and returns the sessions that have not expired, the newest login first.
pub(super) fn active_sessions(results: Vec<Value>, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let mut sessions = Vec::new();
    for result in results {
        for (id, row) in from_redis_value::<Vec<(String, Fields)>>(result)? {
            let row = Row(row);
            let ticket = row.ticket()?;
            if now < row.timestamp("expires_at")?.min(ticket.expires_at) {
                sessions.push(Session::new(id, row.get("label"), &ticket, row.details()?));
            }
        }
    }
    sessions.sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
    Ok(sessions)
}

/// The fields of a session by name.
type Fields = HashMap<String, String>;

/// A session as it is in Redis.
struct Row(Fields);

impl Row {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn text(&self, name: &str) -> Result<String, StoreError> {
        self.get(name).ok_or_else(|| format!("a session in Redis lacks the field `{name}`").into())
    }

    fn number(&self, name: &str) -> Result<u64, StoreError> {
        let text = self.text(name)?;
        text.parse().map_err(|_| format!("a session in Redis has an invalid `{name}`").into())
    }

    fn timestamp(&self, name: &str) -> Result<Timestamp, StoreError> {
        let timestamp = Timestamp::from_seconds(self.number(name)?);
        timestamp.ok_or_else(|| format!("a session in Redis has an invalid `{name}`").into())
    }

    fn ticket(&self) -> Result<RefreshTicket, StoreError> {
        let (issued_at, expires_at) = (self.timestamp("issued_at")?, self.timestamp("token_expires_at")?);
        Ok(RefreshTicket { id: self.text("token")?, issued_at, expires_at })
    }

    fn details(&self) -> Result<SessionDetails, StoreError> {
        let kind = self.get("kind").map_or(Some(SessionKind::Login), |kind| SessionKind::from_name(&kind));
        Ok(SessionDetails {
            kind: kind.ok_or("a session in Redis has an unknown kind")?,
            authenticated_at: self.timestamp("authenticated_at")?,
            acr: self.get("acr"),
            amr: self.list("amr")?,
            scopes: self.list("scopes")?,
            is_persistent: !self.0.contains_key("temporary"),
            refresh_lifetime: self.span("refresh_lifetime")?,
            grace: self.span("grace")?,
        })
    }

    fn list(&self, name: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.get(name).map(|list| serde_json::from_str(&list)).transpose()?.unwrap_or_default())
    }

    fn span(&self, name: &str) -> Result<Option<Duration>, StoreError> {
        let Some(decimal) = self.get(name) else { return Ok(None) };
        let span = decimal.split_once('.').and_then(|(seconds, nanoseconds)| {
            Some(Duration::new(seconds.parse().ok()?, nanoseconds.parse().ok().filter(|all| *all < SECOND)?))
        });
        span.map(Some).ok_or_else(|| format!("a session in Redis has an invalid `{name}`").into())
    }
}

/// The nanoseconds of a second.
const SECOND: u32 = 1_000_000_000;
