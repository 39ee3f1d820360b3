//! Rotations per second, by one client and by many, compared with the baseline.

use std::sync::Arc;
use std::time::Instant;

use gatevault::session::{RefreshTicket, RotationOutcome};
use tokio::task::JoinSet;

use crate::baseline::{self, RotateFn, RotateFuture};
use crate::figures::Figures;
use crate::operations::{HeldSession, Store, later, now, random_id, rotation};
use crate::servers::{KINDS, Servers, store_at};
use crate::{BenchResult, Rounds};

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
                    let ratio = ours.per_second() / peer.per_second();
                    format!("{ratio:.2} of {:.0} a second", peer.per_second())
                }
                None => "-".to_owned(),
            };
            let (per_second, median, p99) = (ours.per_second(), ours.median(), ours.percentile(99));
            println!(
                "  {kind:9} {clients:>2} client(s) {per_second:>11.0} {median:>9.1?} {p99:>9.1?}   {ratio}"
            );
        }
    }
    Ok(())
}

/// Opens a session for each client. Returns its id and its first token.
async fn sessions(store: &Store, clients: u64) -> BenchResult<Vec<(String, String)>> {
    let mut rows = Vec::new();
    for client in 0..clients {
        let session = HeldSession::open(store, client).await?;
        rows.push((session.id, session.token));
    }
    Ok(rows)
}

fn rotate_in(store: &Store) -> BenchResult<RotateFn> {
    let (store, now, later) = (Arc::clone(store), now()?, later()?);
    Ok(Arc::new(move |session, presented, successor| -> RotateFuture {
        let store = Arc::clone(&store);
        Box::pin(async move {
            let rotation = rotation(session, presented, RefreshTicket::new(successor, now, later));
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
                let next = random_id();
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
    Ok(Figures::new(times, start.elapsed(), 0))
}
