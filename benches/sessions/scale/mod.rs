//! Stores of a thousand, a hundred thousand and a million sessions: the time of each operation, and the memory of a session.

mod bytes;
mod feeds;
mod fill;
mod rotations;
mod table;
mod users;

use std::time::{Duration, Instant};

use gatevault::session::RemoveExpired;

use self::bytes::Bytes;
use self::fill::fill;
use self::rotations::{Rotating, by_many, by_one};
use self::table::{print_head, print_row, print_verdict, thousands, time, times};
use crate::BenchResult;
use crate::clients::beside_rotations;
use crate::figures::Figures;
use crate::filling::{Filling, SESSIONS_OF_A_USER, filled};
use crate::load::cleaning::clean;
use crate::load::pauses::{after, poll};
use crate::operations::{Store, now};
pub use crate::servers::KINDS;
use crate::servers::{Servers, store_at};

/// The sizes of the stores and of the work.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The sessions of the stores.
    pub sizes: [u64; 3],
    /// The time for which one store is measured before it is another's turn.
    pub turn: Duration,
    /// The turns of each store.
    pub turns: u32,
    /// The sessions that are rotated, at most.
    pub rotated: usize,
    /// The recent revocations that the start of a feed reads.
    pub revocations: u64,
}

impl Scale {
    /// Enough for reliable figures.
    pub const FULL: Self = Self {
        sizes: [1_000, 100_000, 1_000_000],
        turn: Duration::from_millis(500),
        turns: 6,
        rotated: 100_000,
        revocations: 10_000,
    };
    /// Little, to check that the benchmarks run.
    pub const QUICK: Self = Self {
        sizes: [100, 200, 400],
        turn: Duration::from_millis(10),
        turns: 1,
        rotated: 100,
        revocations: 160,
    };
}

/// A store of one size.
struct Stage {
    store: Store,
    sessions: u64,
    bytes: String,
    rotating: Rotating,
}

/// Prints the table of a store, whose sizes are on servers of their own.
///
/// # Errors
///
/// Returns the errors of the store.
pub async fn print_scale(kind: &str, servers: &[Servers; 3], scale: Scale) -> BenchResult<()> {
    let (start, mut stages) = (Instant::now(), Vec::new());
    for (servers, sessions) in servers.iter().zip(scale.sizes) {
        stages.push(Stage::fill(kind, &servers.address(kind), sessions, scale).await?);
    }
    let filled = start.elapsed();
    print_head(kind, &scale.sizes);
    print_row("bytes a session", stages.iter().map(|stage| stage.bytes.clone()));
    let rotations = by_one(&mut stages, scale).await?;
    print_row("rotation, 1 client, p50 / p99", rotations.iter().map(times));
    print_operations(kind, &mut stages, scale).await?;
    let medians: Vec<_> = rotations.iter().map(Figures::median).collect();
    print_verdict(kind, &scale.sizes, &medians);
    println!("filled in {}, all in {}", time(filled), time(start.elapsed()));
    Ok(())
}

/// Prints the rows of all operations but the rotation by one client.
async fn print_operations(kind: &str, stages: &mut [Stage], scale: Scale) -> BenchResult<()> {
    let [mut rates, mut lists, mut long_lists, mut ends, mut all_ends] = [(); 5].map(|()| Vec::new());
    let [mut starts, mut later_starts, mut polls, mut cleanings, mut meanwhile] =
        [(); 5].map(|()| Vec::new());
    for stage in stages {
        let rate = by_many(stage, scale).await?;
        rates.push(format!("{:.0} a second", rate.per_second()));
        let store = &stage.store;
        lists.push(times(&users::list(store, stage.users(0), SESSIONS_OF_A_USER).await?));
        long_lists.push(times(&users::list_many(store).await?));
        // Before a feed starts: it cleans up as well.
        let (cleaning, rotation) = clean_up(kind, store).await?;
        cleanings.push(cleaning);
        meanwhile.push(rotation);
        starts.push(time(feeds::start(store)?.0));
        ends.push(times(&users::end_one(store, stage.users(1)).await?));
        all_ends.push(times(&users::end_all(store, stage.users(3)).await?));
        feeds::record(store, scale.revocations).await?;
        let (start, known) = feeds::start(store)?;
        later_starts.push(format!("{}, {} known", time(start), thousands(known.try_into()?)));
        polls.push(time(poll(store).await?));
    }
    let rows = [
        ("rotations, 16 clients", rates),
        ("list of 5, p50 / p99", lists),
        ("list of 100, p50 / p99", long_lists),
        ("clean-up of a tenth", cleanings),
        ("longest rotation meanwhile", meanwhile),
        ("end of one, p50 / p99", ends),
        ("end of a user's 5, p50 / p99", all_ends),
        ("start of a feed", starts),
        ("start of a feed, after more ends", later_starts),
        ("poll without news, p50", polls),
    ];
    for (name, cells) in rows {
        print_row(name, cells.into_iter());
    }
    Ok(())
}

/// Removes the sessions that have expired. Returns the cell of it, and that of the longest rotation meanwhile.
async fn clean_up(kind: &str, store: &Store) -> BenchResult<(String, String)> {
    if kind == "redis" {
        return Ok(("by the server".to_owned(), "-".to_owned()));
    }
    let now = after(now()?, early_after(kind).as_secs())?;
    let request = RemoveExpired::new(now, Duration::from_hours(24));
    let (calls, rotations) = beside_rotations(store, clean(store, request)).await?;
    let (removed, total) = (thousands(calls.removed), time(calls.total));
    let cleaning = format!("{removed} in {} calls, {total}, longest {}", calls.count, time(calls.longest));
    Ok((cleaning, time(rotations.longest())))
}

impl Stage {
    /// Fills a store.
    async fn fill(kind: &str, address: &str, sessions: u64, scale: Scale) -> BenchResult<Self> {
        let store = store_at(kind, address).await?;
        let before = Bytes::of(kind, address, sessions).await?;
        let filling =
            Filling { first: 0, count: sessions, early_every: EARLY_EVERY, early_after: early_after(kind) };
        fill(kind, address, &store, filling).await?;
        let bytes = Bytes::of(kind, address, sessions).await?.a_session(&before, sessions);
        // In another order than the store has them, and only of users without other work.
        let scattered =
            (0..sessions).filter_map(|index| index.saturating_mul(387_420_489).checked_rem(sessions));
        let rotated =
            scattered.filter(|number| is_of(number / SESSIONS_OF_A_USER, 2) && !filling.is_early(*number));
        let rotating = Rotating::new(rotated.take(scale.rotated).map(filled).collect());
        Ok(Self { store, sessions, bytes, rotating })
    }

    /// Returns users for one kind of work, each time the same. They are spread over the store.
    fn users(&self, work: u64) -> Vec<u64> {
        let users = self.sessions / SESSIONS_OF_A_USER;
        let of_work: Vec<_> = (0..users).filter(|user| is_of(*user, work)).collect();
        let step = of_work.len().div_ceil(MOST_USERS).max(1);
        of_work.into_iter().step_by(step).collect()
    }
}

/// Returns whether a user is for this work: one in twenty, or for 2 all with an even number.
fn is_of(user: u64, work: u64) -> bool {
    if work == 2 { user.is_multiple_of(2) } else { user % 20 == work.saturating_mul(2).saturating_add(1) }
}

/// Returns the time after which a tenth of the sessions expires. The databases remove nothing that has not expired by their own
/// clocks; in memory, a session that has expired cannot be filled in.
fn early_after(kind: &str) -> Duration {
    if matches!(kind, "sqlite" | "postgres") { Duration::ZERO } else { Duration::from_hours(1) }
}

/// One session of this many expires early.
const EARLY_EVERY: u64 = 10;
/// The users whose sessions are listed or ended, at most.
const MOST_USERS: usize = 1000;
