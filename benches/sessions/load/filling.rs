//! Many sessions in a database, written by one statement past the store.

use std::time::Duration;

use sqlx::{PgPool, SqlitePool};

use crate::BenchResult;
use crate::operations::{HeldSession, SECURITY_STAMP, now};

/// The columns, and what they have for the number `n`: `$3` now, `$4` `$5` the expiry of even and of odd numbers, `$6` stamp.
/// The ids are in another order than the numbers, as random ones are.
macro_rules! columns {
    () => {
        "gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, expires_at, current_id, \
         current_issued_at, current_expires_at, stamp) \
         SELECT 'filled-' || (n * 387420489 % 4294967291), 'null', CAST(n AS TEXT), 'login', $3, '[]', '[]', 1, \
         CASE WHEN n % 2 = 0 THEN $4 ELSE $5 END, 'token', $3, CASE WHEN n % 2 = 0 THEN $4 ELSE $5 END, $6"
    };
}

/// A connection to the database of a store.
pub(super) enum Database {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Database {
    pub(super) async fn connect(kind: &str, address: &str) -> BenchResult<Self> {
        Ok(match kind {
            "postgres" => Self::Postgres(PgPool::connect(address).await?),
            _ => Self::Sqlite(SqlitePool::connect(&format!("sqlite://{address}")).await?),
        })
    }

    /// Fills the table with the sessions of these numbers. Those with an odd number expire in `odd_live_for`, the others in
    /// a day.
    pub(super) async fn fill(&self, first: u64, count: u64, odd_live_for: Duration) -> BenchResult<()> {
        let (first, now) = (i64::try_from(first)?, i64::try_from(now()?.seconds())?);
        let end = first.saturating_add(i64::try_from(count)?);
        let odd = now.saturating_add(i64::try_from(odd_live_for.as_secs())?);
        let even = now.saturating_add(86_400);
        match self {
            Self::Postgres(pool) => {
                let fill = sqlx::query(concat!(
                    "INSERT INTO ",
                    columns!(),
                    " FROM generate_series($1::BIGINT, $2::BIGINT - 1) AS numbers (n)"
                ));
                let fill = fill.bind(first).bind(end).bind(now).bind(even).bind(odd).bind(SECURITY_STAMP);
                fill.execute(pool).await?;
                sqlx::raw_sql("VACUUM ANALYZE gatevault_sessions").execute(pool).await?;
            }
            Self::Sqlite(pool) => {
                let fill = sqlx::query(concat!(
                    "WITH RECURSIVE numbers (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < $2) \
                     INSERT INTO ",
                    columns!(),
                    " FROM numbers"
                ));
                let fill = fill.bind(first).bind(end).bind(now).bind(even).bind(odd).bind(SECURITY_STAMP);
                fill.execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Returns the number of sessions that have expired.
    pub(super) async fn expired(&self) -> BenchResult<i64> {
        const EXPIRED: &str = "SELECT COUNT(*) FROM gatevault_sessions WHERE expires_at <= $1";
        let now = i64::try_from(now()?.seconds())?;
        Ok(match self {
            Self::Postgres(pool) => sqlx::query_scalar(EXPIRED).bind(now).fetch_one(pool).await?,
            Self::Sqlite(pool) => sqlx::query_scalar(EXPIRED).bind(now).fetch_one(pool).await?,
        })
    }
}

/// Returns the session of this number, which belongs to the user of the same number.
pub(super) fn filled(number: u64) -> HeldSession {
    let scattered = number.saturating_mul(387_420_489).checked_rem(4_294_967_291).unwrap_or_default();
    HeldSession { user: number, id: format!("filled-{scattered}"), token: "token".to_owned() }
}
