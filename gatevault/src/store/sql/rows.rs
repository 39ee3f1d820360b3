//! Values that the stores write as JSON, and values that they read from rows.

use std::time::Duration;

use serde::Serialize;

use super::dialect::{Parameter, ReadRow, unexpected};
use crate::error::StoreError;
use crate::session::{
    ActiveSession, RefreshTicket, Revocation, RevocationKind, Session, SessionDetails, SessionKind,
    StoredSession,
};
use crate::store::record::SessionRecord;

/// Writes a value as JSON, so that 42 and "42" stay two users, and any text stays what it is.
pub(super) fn json(value: &impl Serialize) -> Result<Parameter, StoreError> {
    Ok(serde_json::to_string(value)?.into())
}

/// Reads a session for evaluation from the columns that begin with `first`.
pub(super) fn record(row: &impl ReadRow, first: usize) -> Result<SessionRecord, sqlx::Error> {
    let column = |number: usize| first.saturating_add(number);
    // Clocks can be set back, so only the distance counts.
    let since_rotation = Duration::from_millis(row.integer(column(4))?.map_or(0, i64::unsigned_abs));
    Ok(SessionRecord {
        current: ticket(row, first)?,
        previous: row.text(column(3))?,
        since_rotation,
        security_stamp: row.required_text(column(5))?,
        expires_at: row.timestamp(column(6))?,
        is_revoked: row.integer(column(7))?.is_some(),
        details: details(row, column(8))?,
    })
}

/// Reads the expiry of the successor and the details after a rotation.
pub(super) fn active_session(
    row: &impl ReadRow,
    successor: &RefreshTicket,
) -> Result<ActiveSession, sqlx::Error> {
    let ticket = RefreshTicket { expires_at: row.timestamp(0)?, ..successor.clone() };
    Ok(ActiveSession { ticket, details: details(row, 1)? })
}

/// Reads an active session.
pub(super) fn stored(row: &impl ReadRow) -> Result<StoredSession, sqlx::Error> {
    let (user, label, expires_at) = (row.json(0)?, row.text(1)?, row.timestamp(2)?);
    Ok(StoredSession { user, label, expires_at, ticket: ticket(row, 3)?, details: details(row, 6)? })
}

pub(super) fn list_entry(row: &impl ReadRow) -> Result<Session, sqlx::Error> {
    Ok(Session::new(row.required_text(0)?, row.text(1)?, &ticket(row, 2)?, details(row, 5)?))
}

/// Reads the details from the columns that begin with `first`.
pub(super) fn details(row: &impl ReadRow, first: usize) -> Result<SessionDetails, sqlx::Error> {
    let column = |number: usize| first.saturating_add(number);
    let kind = SessionKind::from_name(&row.required_text(first)?);
    let number = |number: usize| {
        row.integer(column(number)).map(|value| value.map(|value| value.max(0).unsigned_abs()))
    };
    Ok(SessionDetails {
        kind: kind.ok_or_else(|| unexpected(first, "a kind of session"))?,
        authenticated_at: row.timestamp(column(1))?,
        acr: row.text(column(2))?,
        amr: row.json(column(3))?,
        scopes: row.json(column(4))?,
        is_persistent: row.unsigned(column(5))? != 0,
        refresh_lifetime: number(6)?.map(Duration::from_secs),
        grace: number(7)?.map(Duration::from_millis),
    })
}

/// Reads a revocation from the columns that begin with `first`, if there is one.
pub(super) fn revocation(row: &impl ReadRow, first: usize) -> Result<Option<Revocation>, sqlx::Error> {
    let column = |number: usize| first.saturating_add(number);
    let Some(name) = row.text(first)? else { return Ok(None) };
    let kind = RevocationKind::from_name(&name).ok_or_else(|| unexpected(first, "a kind of revocation"))?;
    let id = match kind {
        RevocationKind::Session | RevocationKind::Token => row.json(column(3))?,
        // The id of a user is JSON there, too.
        RevocationKind::User | RevocationKind::AccessTokens => row.required_text(column(3))?,
    };
    let until = row.integer(column(4))?.map(|_| row.timestamp(column(4))).transpose()?;
    Ok(Some(Revocation { kind, issuer: row.json(column(1))?, pool: row.json(column(2))?, id, until }))
}

/// Reads a ticket from three columns, beginning with `first`.
fn ticket(row: &impl ReadRow, first: usize) -> Result<RefreshTicket, sqlx::Error> {
    let (second, third) = (first.saturating_add(1), first.saturating_add(2));
    let (issued_at, expires_at) = (row.timestamp(second)?, row.timestamp(third)?);
    Ok(RefreshTicket { id: row.required_text(first)?, issued_at, expires_at })
}
