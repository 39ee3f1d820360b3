//! `Mark`: the proof that a connection leads to a server process of its own.

use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor, Postgres, Row as _, raw_sql};
use tokio::time::timeout;

use crate::error::TokenError;
use crate::random::random_bytes;

/// A random number in a setting of the packet that starts a connection.
///
/// Only a server process that this packet has started knows the number from its client. A connection pooler rejects or
/// ignores the setting, or sets it with a statement, and the server tells a statement from a packet. The mark leaves nothing
/// behind: it ends with the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(u32);

impl Mark {
    pub(super) fn random() -> Result<Self, sqlx::Error> {
        let bytes = random_bytes::<4>()
            .map_err(|reason| sqlx::Error::Configuration(TokenError::Invalid(reason).into()))?;
        Ok(Self(u32::from_le_bytes(bytes) >> 1)) // the largest value is that of an `i32`
    }

    /// Adds the mark to the options.
    pub(super) fn mark(self, options: &PgConnectOptions) -> PgConnectOptions {
        plain(options).options([(SETTING, self.0)])
    }

    /// Returns whether the connection, which was opened with marked options, leads to a server process of its own.
    pub(super) async fn is_on<'c>(
        self,
        connection: impl Executor<'c, Database = Postgres>,
    ) -> Result<bool, sqlx::Error> {
        let row = raw_sql(FROM_CLIENT).fetch_optional(connection).await?;
        let setting: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
        Ok(setting.is_some_and(|setting| setting == self.0.to_string()))
    }
}

/// Returns the options without the parameter that poolers reject, and that matters only to floating-point numbers.
pub(super) fn plain(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().extra_float_digits(None)
}

/// Returns whether the connections of these options lead to a server process of their own, by opening one.
pub(super) async fn is_direct(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mark = Mark::random()?;
    let asking = async {
        let mut connection: PgConnection = mark.mark(options).connect().await?;
        let answer = mark.is_on(&mut connection).await;
        let _closed = connection.close().await;
        answer
    };
    match timeout(PATIENCE, asking).await.map_err(|_| sqlx::Error::PoolTimedOut)? {
        Err(error) if rejects_the_mark(&error) => Ok(false),
        answer => answer,
    }
}

/// Returns whether a pooler rejected the setting. `PostgreSQL` accepts it from every client.
pub(super) fn rejects_the_mark(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| REJECTIONS.contains(&code.as_ref()))
}

/// A setting of every version that takes any number, that any role may set, and that matters only to searches through GIN
/// indexes.
const SETTING: &str = "gin_fuzzy_search_limit";

/// Reads the setting, if it came with the connection's first packet.
const FROM_CLIENT: &str = "SELECT setting FROM pg_catalog.pg_settings \
                           WHERE name = 'gin_fuzzy_search_limit' AND source = 'client'";

/// The codes of a protocol violation (`PgBouncer`), of an unsupported feature, and of an unknown parameter.
const REJECTIONS: [&str; 3] = ["08P01", "0A000", "42704"];

const PATIENCE: Duration = Duration::from_secs(10);
