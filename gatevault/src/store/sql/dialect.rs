//! The differences between databases, and the values that go into statements and come out of rows.

use std::pin::Pin;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::database::HasStatementCache;
use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::{Arguments, ColumnIndex, Database, Decode, Encode, Execute, IntoArguments, Row, Type};

use super::pool::SqlPool;
use super::revoking::{Revoking, RevokingRequest};
use super::statements::Statements;
use super::transaction::run;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;

/// A database that can store sessions.
pub(super) trait Dialect:
    Database<Arguments: BindParameter + IntoArguments<Self>, Row: ReadRow> + HasStatementCache
{
    const STATEMENTS: Statements;

    /// The statement that begins a transaction, used for several statements and for a retry.
    const BEGIN: &'static str;

    /// Runs a query and returns all rows.
    ///
    /// A method of the dialect, because only a concrete connection type is known to be an `sqlx::Executor`.
    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        query: impl Execute<'c, Self> + 'c,
    ) -> Fetching<'c, Self>;

    /// Returns whether the error is a conflict with another transaction: nothing happened, and a retry may succeed.
    fn is_transient(error: &dyn DatabaseError) -> bool;

    /// The knowledge of a pool about the way to its database.
    type Route: Clone + Default + Send + Sync + 'static;

    /// The requests of a store that wait for the revocation number.
    type Queues: Clone + Default + Send + Sync + 'static;

    /// Runs a request that may take the revocation number, and returns the rows of its last statement.
    fn revoke(pool: &SqlPool<Self>, request: RevokingRequest) -> Revoking<'_, Self::Row> {
        Box::pin(async move { Ok(run(pool, request.script::<Self>(), &request.parameters).await?) })
    }

    /// Returns the statement with its parameters written into it, if it cannot stay prepared on a connection of the pool.
    fn inline(_: &SqlPool<Self>, _: &'static str, _: &[Parameter]) -> Option<String> {
        None
    }

    /// Records that a connection of the pool keeps no prepared statements.
    fn loses_statements(_: &SqlPool<Self>) {}

    /// Returns whether the error says that a connection has lost its prepared statements. Then nothing happened.
    fn is_about_statements(_: &dyn DatabaseError) -> bool {
        false
    }

    /// Creates the tables that do not exist.
    fn migrate(pool: &SqlPool<Self>) -> Migrating<'_>;

    /// Calls the listener when a session may have been revoked, if the database can notify.
    fn listen(_: &SqlPool<Self>, _: &Executor, _: RevocationListener) -> Option<RevocationSubscription> {
        None
    }
}

pub(super) type Migrating<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

pub(super) type Fetching<'c, D> =
    Pin<Box<dyn Future<Output = Result<Vec<<D as Database>::Row>, sqlx::Error>> + Send + 'c>>;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Parameter {
    Integer(Option<i64>),
    Text(Option<String>),
}

impl From<&Parameter> for Value {
    fn from(parameter: &Parameter) -> Self {
        match parameter {
            Parameter::Integer(number) => (*number).into(),
            Parameter::Text(text) => text.clone().into(),
        }
    }
}

impl From<Timestamp> for Parameter {
    fn from(time: Timestamp) -> Self {
        time.seconds().into()
    }
}

impl From<u64> for Parameter {
    fn from(number: u64) -> Self {
        Some(number).into()
    }
}

impl From<Option<u64>> for Parameter {
    fn from(number: Option<u64>) -> Self {
        Self::Integer(number.map(|number| i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Some(text).into()
    }
}

/// Replaces NUL, which `PostgreSQL` rejects in text and which ends a string in parts of SQLite.
///
/// Of what is looked up by a text, only a forged session id can contain NUL. With the replacement its lookup finds nothing
/// instead of failing. JSON has an escape for NUL and is kept as it is.
impl From<Option<String>> for Parameter {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(|text| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }))
    }
}

/// Binds parameters to the arguments of any database.
pub(super) trait BindParameter {
    fn bind(&mut self, parameter: &Parameter) -> Result<(), BoxDynError>;
}

impl<A> BindParameter for A
where
    A: Arguments,
    for<'v> Option<i64>: Encode<'v, A::Database> + Type<A::Database>,
    for<'v> Option<&'v str>: Encode<'v, A::Database> + Type<A::Database>,
{
    fn bind(&mut self, parameter: &Parameter) -> Result<(), BoxDynError> {
        match parameter {
            Parameter::Integer(number) => self.add(*number),
            Parameter::Text(text) => self.add(text.as_deref()),
        }
    }
}

/// Reads the columns of a row of any database, counted from zero.
pub(super) trait ReadRow {
    fn integer(&self, column: usize) -> Result<Option<i64>, sqlx::Error>;
    fn text(&self, column: usize) -> Result<Option<String>, sqlx::Error>;

    fn unsigned(&self, column: usize) -> Result<u64, sqlx::Error> {
        let integer = self.integer(column)?.and_then(|integer| integer.try_into().ok());
        integer.ok_or_else(|| unexpected(column, "a non-negative integer"))
    }

    fn timestamp(&self, column: usize) -> Result<Timestamp, sqlx::Error> {
        Timestamp::from_seconds(self.unsigned(column)?).ok_or_else(|| unexpected(column, "a timestamp"))
    }

    /// Reads JSON.
    fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, sqlx::Error> {
        serde_json::from_str(&self.required_text(column)?).map_err(|_| unexpected(column, "JSON"))
    }

    fn required_text(&self, column: usize) -> Result<String, sqlx::Error> {
        self.text(column)?.ok_or_else(|| unexpected(column, "text"))
    }
}

impl<R> ReadRow for R
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn integer(&self, column: usize) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(column)
    }

    fn text(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
        self.try_get(column)
    }
}

pub(super) fn unexpected(column: usize, expected: &str) -> sqlx::Error {
    let source = format!("expected {expected}").into();
    sqlx::Error::ColumnDecode { index: column.to_string(), source }
}
