//! What one kind of database does differently from another, and values on their way into and out of it.

use std::pin::Pin;

use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::{Arguments, ColumnIndex, Database, Decode, Encode, Execute, IntoArguments, Pool, Row, Type};

use super::statements::Statements;
use crate::clock::Timestamp;
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;

/// A kind of database that sessions can be kept in.
pub(super) trait Dialect: Database<Arguments: Bind + IntoArguments<Self>, Row: Read> {
    const STATEMENTS: Statements;

    /// Begins a transaction of several statements, and one that is tried again.
    const BEGIN: &'static str;

    /// Runs a query to its end. It is here since only a named database is known to have an executor in its connection.
    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        query: impl Execute<'c, Self> + 'c,
    ) -> Fetching<'c, Self>;

    /// Whether nothing has happened, and the same may succeed in a moment.
    fn is_passing(error: &dyn DatabaseError) -> bool;

    /// Has the listener called when a session may have ended, where the database has a way to tell.
    fn listen(_: &Pool<Self>, _: &Executor, _: RevocationListener) -> Option<RevocationSubscription> {
        None
    }
}

pub(super) type Fetching<'c, D> =
    Pin<Box<dyn Future<Output = Result<Vec<<D as Database>::Row>, sqlx::Error>> + Send + 'c>>;

/// What a statement is given.
#[derive(Debug, Clone)]
pub(super) enum Parameter {
    Number(i64),
    Text(Option<String>),
}

impl From<Timestamp> for Parameter {
    fn from(moment: Timestamp) -> Self {
        moment.seconds().into()
    }
}

impl From<u64> for Parameter {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Some(text).into()
    }
}

/// No text in `PostgreSQL` holds a NUL, and in SQLite much stops at one. Of what is kept here none has one, save a session
/// id that somebody made up: it is to be found nowhere, and to be no error.
impl From<Option<String>> for Parameter {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(|text| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }))
    }
}

/// Arguments of any database.
pub(super) trait Bind {
    fn bind(&mut self, parameter: &Parameter) -> Result<(), BoxDynError>;
}

impl<A> Bind for A
where
    A: Arguments,
    for<'v> i64: Encode<'v, A::Database> + Type<A::Database>,
    for<'v> Option<&'v str>: Encode<'v, A::Database> + Type<A::Database>,
{
    fn bind(&mut self, parameter: &Parameter) -> Result<(), BoxDynError> {
        match parameter {
            Parameter::Number(number) => self.add(*number),
            Parameter::Text(text) => self.add(text.as_deref()),
        }
    }
}

/// A row of any database, its columns counted from zero.
pub(super) trait Read {
    fn number(&self, column: usize) -> Result<Option<i64>, sqlx::Error>;
    fn text(&self, column: usize) -> Result<Option<String>, sqlx::Error>;

    fn count(&self, column: usize) -> Result<u64, sqlx::Error> {
        let number = self.number(column)?.and_then(|number| number.try_into().ok());
        number.ok_or_else(|| unexpected(column, "a number that is not negative"))
    }

    fn moment(&self, column: usize) -> Result<Timestamp, sqlx::Error> {
        Timestamp::from_seconds(self.count(column)?).ok_or_else(|| unexpected(column, "a moment"))
    }

    fn required_text(&self, column: usize) -> Result<String, sqlx::Error> {
        self.text(column)?.ok_or_else(|| unexpected(column, "a text"))
    }
}

impl<R> Read for R
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn number(&self, column: usize) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(column)
    }

    fn text(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
        self.try_get(column)
    }
}

fn unexpected(column: usize, expected: &str) -> sqlx::Error {
    let source = format!("it should be {expected}").into();
    sqlx::Error::ColumnDecode { index: column.to_string(), source }
}
