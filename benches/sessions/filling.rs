//! Many sessions in a database, written by one statement past the store.

use std::time::Duration;

use sqlx::{PgPool, SqlitePool};

use crate::BenchResult;
use crate::operations::{HeldSession, SECURITY_STAMP, now};

/// The columns, and what they have for the number `n`: `$3` now, `$4` the expiry of each `$6`th session, `$5` of the others,
/// `$7` stamp, `$8` the previous and `$9` the current token, `$10` the sessions of a user.
///
/// The ids are UUIDs in another order than the numbers, as random ones are. A session has been rotated once.
macro_rules! columns {
    () => {
        "gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, expires_at, current_id, \
         current_issued_at, current_expires_at, previous_id, rotated_at, stamp) \
         SELECT CAST(10000000 + n * 387420489 % 89999999 AS TEXT) || '-0000-4000-8000-000000000000', 'null', \
         CAST(n / $10 AS TEXT), 'login', $3, '[]', '[]', 1, CASE WHEN n % $6 = 1 THEN $4 ELSE $5 END, $9, \
         $3, $5, $8, $3 * 1000, $7"
    };
}

/// The sessions that a database is filled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filling {
    /// The number of the first session.
    pub(crate) first: u64,
    /// How many sessions.
    pub(crate) count: u64,
    /// One session of this many expires early.
    pub(crate) early_every: u64,
    /// The time after which it expires. The others expire in a day.
    pub(crate) early_after: Duration,
}

impl Filling {
    /// Returns whether a session expires early.
    pub(crate) fn is_early(&self, number: u64) -> bool {
        number.checked_rem(self.early_every) == Some(1)
    }

    /// Returns the time after which a session expires.
    pub(crate) fn lifetime(&self, number: u64) -> Duration {
        if self.is_early(number) { self.early_after } else { A_DAY }
    }
}

/// A connection to the database of a store.
pub(crate) enum Database {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Database {
    pub(crate) async fn connect(kind: &str, address: &str) -> BenchResult<Self> {
        Ok(match kind {
            "postgres" => Self::Postgres(PgPool::connect(address).await?),
            _ => Self::Sqlite(SqlitePool::connect(&format!("sqlite://{address}")).await?),
        })
    }

    /// Fills the table, and leaves it as a database does that has been idle for a while.
    pub(crate) async fn fill(&self, filling: Filling) -> BenchResult<()> {
        let (first, now) = (i64::try_from(filling.first)?, i64::try_from(now()?.seconds())?);
        let end = first.saturating_add(i64::try_from(filling.count)?);
        let after = |time: Duration| BenchResult::Ok(now.saturating_add(i64::try_from(time.as_secs())?));
        let (early, late) = (after(filling.early_after)?, after(A_DAY)?);
        let (every, per_user) = (i64::try_from(filling.early_every)?, i64::try_from(SESSIONS_OF_A_USER)?);
        macro_rules! fill {
            ($statement:expr, $pool:expr) => {{
                let fill = sqlx::query($statement).bind(first).bind(end).bind(now).bind(early).bind(late);
                let fill = fill.bind(every).bind(SECURITY_STAMP).bind(FIRST_TOKEN).bind(TOKEN).bind(per_user);
                fill.execute($pool).await?;
            }};
        }
        match self {
            Self::Postgres(pool) => {
                let numbers = concat!(
                    "INSERT INTO ",
                    columns!(),
                    " FROM generate_series($1::BIGINT, $2::BIGINT - 1) AS numbers (n)"
                );
                fill!(numbers, pool);
                sqlx::raw_sql("VACUUM ANALYZE gatevault_sessions").execute(pool).await?;
                sqlx::raw_sql("CHECKPOINT").execute(pool).await?;
            }
            Self::Sqlite(pool) => {
                let numbers = concat!(
                    "WITH RECURSIVE numbers (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < $2) \
                     INSERT INTO ",
                    columns!(),
                    " FROM numbers"
                );
                let mut connection = pool.acquire().await?;
                // The ids are in no order: a small cache would write each page many times.
                sqlx::raw_sql("PRAGMA cache_size = -500000").execute(&mut *connection).await?;
                fill!(numbers, &mut *connection);
                sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
            }
        }
        Ok(())
    }

    /// Returns the number of sessions that have expired.
    pub(crate) async fn expired(&self) -> BenchResult<i64> {
        const EXPIRED: &str = "SELECT COUNT(*) FROM gatevault_sessions WHERE expires_at <= $1";
        let now = i64::try_from(now()?.seconds())?;
        Ok(match self {
            Self::Postgres(pool) => sqlx::query_scalar(EXPIRED).bind(now).fetch_one(pool).await?,
            Self::Sqlite(pool) => sqlx::query_scalar(EXPIRED).bind(now).fetch_one(pool).await?,
        })
    }

    /// Returns the bytes of the sessions with their indexes, and of each part by its name.
    pub(crate) async fn bytes(&self) -> BenchResult<(u64, Vec<(String, u64)>)> {
        const PARTS: &str = "SELECT relname::TEXT, pg_relation_size(oid) FROM pg_class \
             WHERE relname LIKE 'gatevault\\_sessions%' AND relkind IN ('r', 'i') ORDER BY 2 DESC";
        const TOTAL: &str = "SELECT pg_total_relation_size('gatevault_sessions')";
        const FILE: &str = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let (total, parts): (i64, Vec<(String, i64)>) = match self {
            Self::Postgres(pool) => (
                sqlx::query_scalar(TOTAL).fetch_one(pool).await?,
                sqlx::query_as(PARTS).fetch_all(pool).await?,
            ),
            Self::Sqlite(pool) => (sqlx::query_scalar(FILE).fetch_one(pool).await?, Vec::new()),
        };
        let parts = parts.into_iter().map(|(name, bytes)| Ok((name, u64::try_from(bytes)?)));
        Ok((u64::try_from(total)?, parts.collect::<BenchResult<_>>()?))
    }
}

/// Returns the session of this number.
pub(crate) fn filled(number: u64) -> HeldSession {
    let scattered = number.saturating_mul(387_420_489).checked_rem(89_999_999).unwrap_or_default();
    let id = format!("{}-0000-4000-8000-000000000000", scattered.saturating_add(10_000_000));
    HeldSession { user: number / SESSIONS_OF_A_USER, id, token: TOKEN.to_owned() }
}

/// The sessions of each user. Those with successive numbers have the same user.
pub(crate) const SESSIONS_OF_A_USER: u64 = 5;
/// The current token of each session, as long as a random one.
pub(crate) const TOKEN: &str = "00000000-0000-4000-8000-000000000002";
/// The token before the rotation.
pub(crate) const FIRST_TOKEN: &str = "00000000-0000-4000-8000-000000000001";
const A_DAY: Duration = Duration::from_hours(24);
