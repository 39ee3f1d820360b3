//! Ends of sessions in `PostgreSQL`, beside rotations: the part of both that waits for the disk.

use std::sync::Arc;
use std::time::Duration;

use gatevault_servers::PostgresServer;
use tokio::task::JoinSet;

use super::Load;
use crate::BenchResult;
use crate::clients::{Ending, LoggingIn, Recording, Work, run};
use crate::figures::Figures;
use crate::filling::{Database, Filling, filled};
use crate::operations::{HeldSession, OTHER_USERS, Store};
use crate::servers::store_at;

/// A server with its store, and sessions that no client has ended yet.
struct Fixture {
    store: Store,
    database: Database,
    next: u64,
    server: PostgresServer,
}

impl Fixture {
    /// Starts a server whose commits wait for the disk, with more settings.
    async fn start(settings: &[&str]) -> BenchResult<Self> {
        let settings = [&["fsync=on", "shared_buffers=128MB", "max_wal_size=1GB"], settings].concat();
        let server = PostgresServer::start_with(&settings);
        let store = store_at("postgres", &server.url()).await?;
        let database = Database::connect("postgres", &server.url()).await?;
        Ok(Self { store, database, next: 0, server })
    }

    /// Returns clients that end sessions, which they share out.
    async fn ending(
        &mut self,
        clients: u64,
        load: Load,
    ) -> BenchResult<Vec<Ending<impl Iterator<Item = HeldSession> + use<>>>> {
        let each = load.ended.checked_div(clients).unwrap_or_default();
        let mut first = self.next;
        let ending = (0..clients).map(|_| {
            let mine = first..first.saturating_add(each);
            first = mine.end;
            Ending(mine.map(filled))
        });
        let ending = ending.collect();
        let early_after = Duration::from_hours(24);
        let filling = Filling { first: self.next, count: load.ended, early_every: 2, early_after };
        self.database.fill(filling).await?;
        self.next = self.next.saturating_add(load.ended);
        Ok(ending)
    }

    /// Runs 16 clients that end sessions, in four stores with a pool each, as four processes have them.
    async fn ends_of_processes(&mut self, load: Load) -> BenchResult<Figures> {
        let mut processes = Vec::new();
        for _ in 0..4 {
            let store = store_at("postgres", &self.server.url()).await?;
            processes.push((store, self.ending(4, load).await?));
        }
        let mut running = JoinSet::new();
        for (store, ending) in processes {
            running.spawn(async move { run(&store, ending, load.window).await });
        }
        let mut all = Figures::default();
        while let Some(figures) = running.join_next().await {
            all = all.beside(figures??);
        }
        Ok(all)
    }

    async fn rotating(&self, clients: u64) -> BenchResult<Vec<HeldSession>> {
        let mut sessions = Vec::new();
        for client in 0..clients {
            sessions.push(HeldSession::open(&self.store, OTHER_USERS.saturating_add(client)).await?);
        }
        Ok(sessions)
    }
}

/// Prints the rates of rotations and of ends, with a slow disk and with this machine's.
///
/// # Errors
///
/// Returns the errors of the store.
pub async fn print_ends(load: Load) -> BenchResult<()> {
    for (disk, settings) in [("a flush of 3.3 ms", &SLOW_DISK[..]), ("this disk", &[])] {
        let mut fixture = Fixture::start(settings).await?;
        let heading = format!("ends, {disk}");
        println!("\n{heading:25}  a second       p50       p99      most   relative to rotations");
        for clients in [1, 16, 64] {
            let rotations = fixture.rotating(clients).await?;
            let rotations = run(&fixture.store, rotations, load.window).await?;
            let ending = fixture.ending(clients, load).await?;
            let ends = run(&fixture.store, ending, load.window).await?;
            print_row("rotations", clients, &rotations, "");
            let ratio = format!("{:.2}", ends.per_second() / rotations.per_second());
            print_row("ends", clients, &ends, &ratio);
        }
        let ends = fixture.ends_of_processes(load).await?;
        print_row("ends, 4 pools", 16, &ends, "");
        let recording = (0..16).map(|_| Recording(u64::MAX)).collect();
        let revocations = run(&fixture.store, recording, load.window).await?;
        print_row("recorded revocations", 16, &revocations, "");
        let logins = run(&fixture.store, logging_in(16), load.window).await?;
        print_row("logins at the limit", 16, &logins, "");
    }
    Ok(())
}

/// Prints the time of one client's refreshes beside other clients of the same store.
///
/// # Errors
///
/// Returns the errors of the store.
pub async fn print_starving(load: Load) -> BenchResult<()> {
    let mut fixture = Fixture::start(&SLOW_DISK).await?;
    println!("\nrefreshes, a flush of 3.3 ms       p50      most   relative to alone   the others a second");
    let alone = refreshes(&fixture.store, Vec::<HeldSession>::new(), load).await?;
    let print = |beside: &str, (others, refreshes): &(Figures, Figures)| {
        let (median, most) = (refreshes.median(), refreshes.longest());
        let (ratio, rate) = (median.as_secs_f64() / alone.1.median().as_secs_f64(), others.per_second());
        println!("  {beside:24} {median:>11.1?} {most:>9.1?} {ratio:>19.1} {rate:>21.0}");
        if refreshes.failed > 0 {
            println!("  {} of {} refreshes failed", refreshes.failed, refreshes.count());
        }
    };
    print("alone", &alone);
    let rotating = fixture.rotating(64).await?;
    print("beside 64 rotations", &refreshes(&fixture.store, rotating, load).await?);
    for clients in [64, 256] {
        let ending = fixture.ending(clients, load).await?;
        print(&format!("beside {clients} ends"), &refreshes(&fixture.store, ending, load).await?);
    }
    print("beside 64 logins", &refreshes(&fixture.store, logging_in(64), load).await?);
    Ok(())
}

/// Runs other clients and one that refreshes. Returns the figures of the others and of the refreshes.
async fn refreshes<W: Work>(store: &Store, others: Vec<W>, load: Load) -> BenchResult<(Figures, Figures)> {
    // A refresh may take seconds.
    let window = load.window.saturating_mul(3);
    let session = HeldSession::open(store, OTHER_USERS).await?;
    let shared = Arc::clone(store);
    let others = tokio::spawn(async move { run(&shared, others, window).await });
    let refreshes = run(store, vec![session], window).await?;
    Ok((others.await??, refreshes))
}

/// Returns clients that log in, each with a user of its own.
fn logging_in(clients: u64) -> Vec<LoggingIn> {
    (1..=clients).map(|client| LoggingIn(OTHER_USERS.saturating_add(client))).collect()
}

fn print_row(operation: &str, clients: u64, figures: &Figures, ratio: &str) {
    println!("  {operation:20} {clients:>2} {figures}   {ratio}");
}

/// Each commit waits 3 ms more before it flushes, and those of other clients in that time share the flush.
const SLOW_DISK: [&str; 2] = ["commit_delay=3000", "commit_siblings=0"];
