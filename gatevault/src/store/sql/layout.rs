//! The columns of the tables, and the errors of tables that have others.

use crate::error::StoreError;

/// Returns the error for tables of an earlier version, which lack columns.
pub(super) fn older_layout(missing: &str) -> StoreError {
    format!(
        "the tables of sessions have an older layout, without {missing}: change them as the changelog of gatevault says, or \
         drop them, which ends all sessions, and call migrate() again"
    )
    .into()
}

/// Returns an error if one of the columns is of a later version. `more` are the columns of this database alone.
///
/// This version would ignore the column, which may limit what a session allows.
pub(super) fn reject_newer_layout<'n>(
    mut columns: impl Iterator<Item = &'n str>,
    more: &[&str],
) -> Result<(), StoreError> {
    let unknown = columns.find(|column| !COLUMNS.contains(column) && !more.contains(column));
    let Some(unknown) = unknown else { return Ok(()) };
    Err(format!(
        "the tables of sessions have a newer layout, with {unknown}, which this version of gatevault does not know: update \
         gatevault in this program"
    )
    .into())
}

/// The columns of every database. A migration adds its own to this list.
pub(super) const COLUMNS: [&str; 32] = [
    "gatevault_sessions.id",
    "gatevault_sessions.pool",
    "gatevault_sessions.user_id",
    "gatevault_sessions.label",
    "gatevault_sessions.kind",
    "gatevault_sessions.authenticated_at",
    "gatevault_sessions.acr",
    "gatevault_sessions.amr",
    "gatevault_sessions.scopes",
    "gatevault_sessions.persistent",
    "gatevault_sessions.refresh_lifetime",
    "gatevault_sessions.grace",
    "gatevault_sessions.expires_at",
    "gatevault_sessions.current_id",
    "gatevault_sessions.current_issued_at",
    "gatevault_sessions.current_expires_at",
    "gatevault_sessions.previous_id",
    "gatevault_sessions.rotated_at",
    "gatevault_sessions.stamp",
    "gatevault_sessions.ended_at",
    "gatevault_revocations.entry",
    "gatevault_revocations.position",
    "gatevault_revocations.kind",
    "gatevault_revocations.issuer",
    "gatevault_revocations.pool",
    "gatevault_revocations.id",
    "gatevault_revocations.until",
    "gatevault_revocations.recorded_at",
    "gatevault_session_ends.only_row",
    "gatevault_session_ends.last_position",
    "gatevault_spent_tokens.id",
    "gatevault_spent_tokens.kept_until",
];
