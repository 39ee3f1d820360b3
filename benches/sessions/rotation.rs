//! Rotations per second, by one client and by many, compared with the baseline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::session::{NewSession, RefreshTicket, Rotation, RotationOutcome, SessionDetails};
use gatevault::{SessionStore, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::baseline::{self, RotateFn, RotateFuture};
use crate::servers::{KINDS, Servers, store_at};
use crate::summary::percentile;
use crate::{BenchResult, Rounds};

/// The figures of many rotations.
struct Figures {
    per_second: f64,
    median: Duration,
    p99: Duration,
}

/// Prints a line for each store and number of clients.
///
/// # Errors
///
/// Returns the errors of the stores.
pub async fn print_rotations(servers: &Servers, rounds: Rounds) -> BenchResult<()> {
    println!("\nrotations                  a second       p50       p99   relative to the baseline");
    for kind in KINDS {
        let address = servers.address(kind);
        let store = store_at(kind, &address).await?;
        for clients in [1, 32] {
            let rows = sessions(&store, clients).await?;
            let ours = measure(&rotate_in(&store)?, &rows, rounds).await?;
            let peer = baseline::prepare(kind, &address, &rows).await?;
            let ratio = match peer {
                Some(baseline) => {
                    let peer = measure(&baseline, &rows, rounds).await?;
                    format!("{:.2} of {:.0} a second", ours.per_second / peer.per_second, peer.per_second)
                }
                None => "-".to_owned(),
            };
            let Figures { per_second, median, p99 } = ours;
            println!(
                "  {kind:9} {clients:>2} client(s) {per_second:>11.0} {median:>9.1?} {p99:>9.1?}   {ratio}"
            );
        }
    }
    Ok(())
}

/// Opens a session for each client. Returns its id and its first token.
async fn sessions(store: &Arc<dyn SessionStore>, clients: u64) -> BenchResult<Vec<(String, String)>> {
    let mut rows = Vec::new();
    for client in 0..clients {
        let (id, token) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let ticket = RefreshTicket::new(token.clone(), now()?, later()?);
        let details = SessionDetails::new(now()?);
        let session =
            NewSession::new(id.clone(), client.into(), later()?, ticket, SECURITY_STAMP.to_owned(), details);
        store.open(session).await?;
        rows.push((id, token));
    }
    Ok(rows)
}

fn rotate_in(store: &Arc<dyn SessionStore>) -> BenchResult<RotateFn> {
    let (store, now, later) = (Arc::clone(store), now()?, later()?);
    Ok(Arc::new(move |session, presented, successor| -> RotateFuture {
        let store = Arc::clone(&store);
        Box::pin(async move {
            let successor = RefreshTicket::new(successor, now, later);
            let grace = Duration::from_secs(10);
            let rotation =
                Rotation::new(session, presented, successor, SECURITY_STAMP.to_owned(), grace, now);
            Ok(matches!(store.rotate(rotation).await?, RotationOutcome::Rotated(_)))
        })
    }))
}

/// Rotates the tokens of all clients in parallel. Each client continues as soon as it has the answer.
async fn measure(rotate: &RotateFn, rows: &[(String, String)], rounds: Rounds) -> BenchResult<Figures> {
    let mut clients = JoinSet::new();
    let start = Instant::now();
    for (id, first) in rows.iter().cloned() {
        let rotate = Arc::clone(rotate);
        clients.spawn(async move {
            let (mut token, mut times) = (first, Vec::new());
            for _ in 0..rounds.rotations {
                let next = Uuid::new_v4().to_string();
                let start = Instant::now();
                if !rotate(id.clone(), token, next.clone()).await? {
                    return Err("a token was not rotated".into());
                }
                times.push(start.elapsed());
                token = next;
            }
            BenchResult::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(client) = clients.join_next().await {
        times.extend(client??);
    }
    let elapsed = start.elapsed().as_secs_f64();
    let total = f64::from(u32::try_from(times.len())?);
    Ok(Figures {
        per_second: total / elapsed,
        median: percentile(&mut times, 50),
        p99: percentile(&mut times, 99),
    })
}

fn now() -> BenchResult<Timestamp> {
    let now = std::time::UNIX_EPOCH.elapsed()?.as_secs();
    Ok(Timestamp::from_seconds(now).ok_or("the clock is wrong")?)
}

fn later() -> BenchResult<Timestamp> {
    let later = now()?.seconds().saturating_add(86_400);
    Ok(Timestamp::from_seconds(later).ok_or("the clock is wrong")?)
}

const SECURITY_STAMP: &str = "a fingerprint of the password hash";
