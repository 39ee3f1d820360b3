//! Rotations per second, by one client and by many, compared with the baseline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::session::{RefreshTicket, RotationOutcome};

use crate::baseline::{self, RotateFn, RotateFuture};
use crate::figures::Figures;
use crate::operations::{HeldSession, Store, later, now, random_id, rotation};
use crate::servers::{KINDS, Servers, store_at};
use crate::{BenchResult, Rounds};

/// Prints a line for each store and number of clients. The store and the baseline take turns, so that a change of the machine's
/// speed meets both, and the ratio of each turn is taken within the turn.
///
/// # Errors
///
/// Returns the errors of the stores.
pub async fn print_rotations(servers: &Servers, rounds: Rounds) -> BenchResult<()> {
    println!(
        "\nrotations                  a second       p50       p99   relative to the baseline (lowest to highest turn)"
    );
    for kind in KINDS {
        let address = servers.address(kind);
        let store = store_at(kind, &address).await?;
        for clients in [1, 32] {
            let rows = sessions(&store, clients).await?;
            let baseline = baseline::prepare(kind, &address, &rows).await?;
            let (rotate, mut ours, mut bare) = (rotate_in(&store)?, rows.clone(), rows);
            let (mut figures, mut ratios) = (Figures::default(), Vec::new());
            // The first turn warms up.
            for turn in 0..=rounds.turns {
                let of_turn = measure(&rotate, &mut ours, rounds.turn).await?;
                if let Some(baseline) = &baseline {
                    let peer = measure(baseline, &mut bare, rounds.turn).await?;
                    ratios.extend((turn > 0).then(|| of_turn.per_second() / peer.per_second()));
                }
                if turn > 0 {
                    figures = figures.followed_by(of_turn);
                }
            }
            let (per_second, median, p99) = (figures.per_second(), figures.median(), figures.percentile(99));
            let ratio = range_of(ratios);
            println!(
                "  {kind:9} {clients:>2} client(s) {per_second:>11.0} {median:>9.1?} {p99:>9.1?}   {ratio}"
            );
        }
    }
    Ok(())
}

/// Formats the median of the ratios, and the lowest and the highest one.
fn range_of(mut ratios: Vec<f64>) -> String {
    ratios.sort_unstable_by(f64::total_cmp);
    match (ratios.first(), ratios.get(ratios.len() / 2), ratios.last()) {
        (Some(lowest), Some(median), Some(highest)) => format!("{median:.2} ({lowest:.2} to {highest:.2})"),
        _ => "-".to_owned(),
    }
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

/// Rotates the tokens of all clients in parallel for a time. Each client continues as soon as it has the answer.
async fn measure(rotate: &RotateFn, rows: &mut [(String, String)], length: Duration) -> BenchResult<Figures> {
    let start = Instant::now();
    let mut clients = Vec::new();
    for (id, token) in rows.iter().cloned() {
        let rotate = Arc::clone(rotate);
        clients.push(tokio::spawn(async move {
            let (mut token, mut times) = (token, Vec::new());
            while start.elapsed() < length {
                let next = random_id();
                let start = Instant::now();
                if !rotate(id.clone(), token, next.clone()).await? {
                    return Err("a token was not rotated".into());
                }
                times.push(start.elapsed());
                token = next;
            }
            BenchResult::Ok((token, times))
        }));
    }
    let mut times = Vec::new();
    for (client, (_, token)) in clients.into_iter().zip(rows) {
        let (last, of_client) = client.await??;
        *token = last;
        times.extend(of_client);
    }
    Ok(Figures::new(times, start.elapsed(), 0))
}
