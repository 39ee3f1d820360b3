//! The removal of expired sessions and of old revocations, and what it costs other clients.

use std::time::{Duration, Instant};

use gatevault::session::{NewRevocation, RemoveExpired, Revocation};

use super::Load;
use crate::BenchResult;
use crate::clients::beside_rotations;
use crate::filling::{Database, Filling};
use crate::operations::{Store, later, now, random_id};
use crate::servers::{Servers, store_at};

/// The calls of one cleaning.
pub(crate) struct Calls {
    /// The first results, with their times.
    first: String,
    pub(crate) count: u32,
    pub(crate) removed: u64,
    pub(crate) longest: Duration,
    pub(crate) total: Duration,
}

/// Prints the calls until nothing is left, for each store that does not forget by itself.
///
/// # Errors
///
/// Returns the errors of the stores.
pub async fn print_cleaning(load: Load) -> BenchResult<()> {
    let servers = Servers::start_for_large_stores()?;
    for kind in ["sqlite", "postgres"] {
        let (address, half) = (servers.address(kind), load.sessions / 2);
        let store = store_at(kind, &address).await?;
        let database = Database::connect(kind, &address).await?;
        let filling = Filling { first: 0, count: load.sessions, early_every: 2, early_after: Duration::ZERO };
        database.fill(filling).await?;
        println!("\ncleaning, {kind}: {half} expired of {} sessions", load.sessions);
        let request = RemoveExpired::new(now()?, Duration::from_hours(24));
        let (calls, rotations) = beside_rotations(&store, clean(&store, request)).await?;
        calls.print();
        println!("  left: {} expired sessions", database.expired().await?);
        println!("  rotations meanwhile        a second       p50       p99      most");
        println!("                            {rotations}");
    }
    print_redis(&servers, load).await
}

/// Prints the calls until the old revocations behind one that must be kept are removed.
async fn print_redis(servers: &Servers, load: Load) -> BenchResult<()> {
    let address = servers.address("redis");
    let (store, now) = (store_at("redis", &address).await?, now()?);
    let record = |revocation| store.record_revocation(NewRevocation::new(revocation, now));
    record(Revocation::of_token(random_id(), later()?)).await?;
    for _ in 0..load.old_revocations {
        record(Revocation::of_session(random_id())).await?;
    }
    println!("\ncleaning, redis: {} old revocations behind one that is kept", load.old_revocations);
    clean(&store, RemoveExpired::new(now, Duration::ZERO)).await?.print();
    let mut connection = redis::Client::open(address)?.get_multiplexed_async_connection().await?;
    let left: u64 = redis::cmd("ZCARD").arg(REVOCATIONS).query_async(&mut connection).await?;
    println!("  left: {left} revocations");
    Ok(())
}

/// Removes what has expired, until nothing is left or a call fails.
pub(crate) async fn clean(store: &Store, request: RemoveExpired) -> BenchResult<Calls> {
    let (mut first, mut count, mut removed) = (String::new(), 0_u32, 0_u64);
    let (mut longest, start) = (Duration::ZERO, Instant::now());
    loop {
        let called = Instant::now();
        let result = store.remove_expired(request).await;
        let elapsed = called.elapsed();
        (count, longest) = (count.saturating_add(1), longest.max(elapsed));
        if count <= SHOWN {
            let result = result.as_ref().map_or_else(|error| format!("\"{error}\""), u64::to_string);
            first = format!("{first}  {result} in {elapsed:.1?}");
        }
        match result {
            Ok(more @ 1..) => removed = removed.saturating_add(more),
            Ok(0) | Err(_) => break,
        }
    }
    Ok(Calls { first, count, removed, longest, total: start.elapsed() })
}

impl Calls {
    fn print(&self) {
        let Self { first, count, removed, longest, total } = self;
        println!("  calls:{first}");
        println!("  {count} call(s), {removed} removed, longest {longest:.1?}, together {total:.1?}");
    }
}

/// The number of calls that are printed one by one.
const SHOWN: u32 = 4;
/// The key of the list of revocations in Redis.
const REVOCATIONS: &str = "{gatevault}:ended";
