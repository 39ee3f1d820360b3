//! Rotations a second, by one client and by many, beside the bare statement or script.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::session::{NewSession, RefreshTicket, Rotation, RotationOutcome};
use gatevault::{SessionStore, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bare::{self, Exchange, Exchanging};
use crate::place::{KINDS, Places, store_at};
use crate::summary::percentile;
use crate::{Answer, Rounds};

/// What came of many rotations.
struct Figures {
    a_second: f64,
    median: Duration,
    p99: Duration,
}

/// Prints a line for each store and number of clients.
///
/// # Errors
///
/// Those of the stores.
pub async fn print_rotations(places: &Places, rounds: Rounds) -> Answer<()> {
    println!("\nrotations                  a second       p50       p99   over the bare statement or script");
    for kind in KINDS {
        let address = places.address(kind);
        let store = store_at(kind, &address).await?;
        for clients in [1, 32] {
            let rows = sessions(&store, clients).await?;
            let ours = measure(&rotating(&store)?, &rows, rounds).await?;
            let peer = bare::prepare(kind, &address, &rows).await?;
            let ratio = match peer {
                Some(bare) => {
                    let peer = measure(&bare, &rows, rounds).await?;
                    format!("{:.2} of {:.0} a second", ours.a_second / peer.a_second, peer.a_second)
                }
                None => "-".to_owned(),
            };
            let Figures { a_second, median, p99 } = ours;
            println!(
                "  {kind:9} {clients:>2} client(s) {a_second:>11.0} {median:>9.1?} {p99:>9.1?}   {ratio}"
            );
        }
    }
    Ok(())
}

/// A session for each client: its id and its first token.
async fn sessions(store: &Arc<dyn SessionStore>, clients: u64) -> Answer<Vec<(String, String)>> {
    let mut rows = Vec::new();
    for client in 0..clients {
        let (id, token) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let ticket = RefreshTicket::new(token.clone(), now()?, later()?);
        let session = NewSession::new(id.clone(), client.into(), now()?, later()?, ticket, STAMP.to_owned());
        store.open(session).await?;
        rows.push((id, token));
    }
    Ok(rows)
}

fn rotating(store: &Arc<dyn SessionStore>) -> Answer<Exchange> {
    let (store, now, later) = (Arc::clone(store), now()?, later()?);
    Ok(Arc::new(move |session, presented, successor| -> Exchanging {
        let store = Arc::clone(&store);
        Box::pin(async move {
            let successor = RefreshTicket::new(successor, now, later);
            let grace = Duration::from_secs(10);
            let rotation = Rotation::new(session, presented, successor, STAMP.to_owned(), grace, now);
            Ok(matches!(store.rotate(rotation).await?, RotationOutcome::Rotated(_)))
        })
    }))
}

/// Every client exchanges its token for another, again and again, each as soon as it has the answer.
async fn measure(exchange: &Exchange, rows: &[(String, String)], rounds: Rounds) -> Answer<Figures> {
    let mut clients = JoinSet::new();
    let start = Instant::now();
    for (id, first) in rows.iter().cloned() {
        let exchange = Arc::clone(exchange);
        clients.spawn(async move {
            let (mut token, mut times) = (first, Vec::new());
            for _ in 0..rounds.rotations {
                let next = Uuid::new_v4().to_string();
                let start = Instant::now();
                if !exchange(id.clone(), token, next.clone()).await? {
                    return Err("a token was not exchanged".into());
                }
                times.push(start.elapsed());
                token = next;
            }
            Answer::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(client) = clients.join_next().await {
        times.extend(client??);
    }
    let elapsed = start.elapsed().as_secs_f64();
    let total = f64::from(u32::try_from(times.len())?);
    Ok(Figures {
        a_second: total / elapsed,
        median: percentile(&mut times, 50),
        p99: percentile(&mut times, 99),
    })
}

fn now() -> Answer<Timestamp> {
    let now = std::time::UNIX_EPOCH.elapsed()?.as_secs();
    Ok(Timestamp::from_seconds(now).ok_or("the clock is wrong")?)
}

fn later() -> Answer<Timestamp> {
    let later = now()?.seconds().saturating_add(86_400);
    Ok(Timestamp::from_seconds(later).ok_or("the clock is wrong")?)
}

const STAMP: &str = "what the password is recognised by";
