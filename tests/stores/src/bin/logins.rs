//! A process of a service over PostgreSQL: logins, refreshes and logouts, and a count of those that failed.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "its output goes to a test, which fails if it panics"
)]

use std::env;
use std::sync::Arc;

use gatevault::{GuardError, PostgresSessions, SessionStore, UserId};
use gatevault_store_tests::Fixture;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = env::args().skip(1);
    let (url, rounds) = (arguments.next().unwrap(), arguments.next().unwrap().parse().unwrap());
    let options: PgConnectOptions = url.parse().unwrap();
    // PgBouncer rejects this parameter of the start.
    let pool = PgPoolOptions::new().max_connections(4);
    let pool = pool.connect_with(options.extra_float_digits(None)).await.unwrap();
    let store: Arc<dyn SessionStore> = Arc::new(PostgresSessions::new(pool).unwrap());
    let fixture = Fixture::over(&store);
    let user = fixture.add(i64::from(std::process::id()));
    let mut failures = Vec::new();
    for _ in 0..rounds {
        if let Err(error) = round(&fixture, &user).await {
            failures.push(error.to_string());
        }
    }
    println!("{} {}", rounds * OPERATIONS, failures.len());
    failures.dedup();
    println!("{failures:?}");
}

/// Performs each operation of a session's life once.
async fn round(fixture: &Fixture, user: &UserId) -> Result<(), GuardError> {
    let pair = fixture.try_login(user).await?;
    let next = fixture.refresh(&pair).await?;
    fixture.oauth.async_sessions(user.clone()).await?;
    fixture.oauth.async_logout(next.refresh_token.as_str()).await?;
    assert!(!fixture.opens(&next), "the process that ended a session knows that");
    Ok(())
}

const OPERATIONS: usize = 4;
