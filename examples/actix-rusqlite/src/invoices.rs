//! The invoices: guarded functions over a connection.

use gatevault::{Bearer, Verified, protected};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::{AppError, Role, User};

#[derive(Serialize, Deserialize)]
pub(crate) struct Invoice {
    customer: String,
    cents: i64,
}

/// Lists invoices. Sellers read their own, auditors read all.
#[protected(require = payload.user_id == seller || payload.role == Role::Auditor)]
pub(crate) fn of_seller(
    token: &Bearer,
    db: &Connection,
    seller: i64,
    payload: User,
) -> Result<Vec<Invoice>, AppError> {
    let mut query =
        db.prepare_cached("SELECT customer, cents FROM invoices WHERE seller = ?1 ORDER BY id")?;
    let rows = query.query_map([seller], |row| Ok(Invoice { customer: row.get(0)?, cents: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds an invoice. Only verification creates a `Verified` user, so no caller gets here without a genuine token.
pub(crate) fn add(db: &Connection, who: &Verified<User>, new: &Invoice) -> Result<(), AppError> {
    let query = "INSERT INTO invoices (seller, customer, cents) VALUES (?1, ?2, ?3)";
    db.execute(query, params![who.user_id, new.customer, new.cents])?;
    Ok(())
}

pub(crate) fn total(db: &Connection) -> Result<i64, AppError> {
    Ok(db.query_row("SELECT COALESCE(SUM(cents), 0) FROM invoices", [], |row| row.get(0))?)
}
