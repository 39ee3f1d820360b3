//! The start of a revocation feed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use gatevault::session::StalePolicy;
use gatevault::{Payload, RevocationFeed};

use crate::BenchResult;
use crate::clients::{Recording, run};
use crate::figures::Figures;
use crate::node::tokens;
use crate::operations::Store;

/// Starts feeds, one after the other. Returns the median time until guards accept a token, which is when they know all
/// revocations, and the number of these.
pub(super) fn start(store: &Store) -> BenchResult<(Duration, usize)> {
    let (mut times, mut known) = (Vec::new(), 0);
    for _ in 0..STARTS {
        let tokens = tokens()?;
        let token = tokens.create_access_token(&Payload::new(1))?;
        let start = Instant::now();
        let feed = RevocationFeed::of(store.clone()).when_stale(StalePolicy::Deny).follow(&tokens)?;
        // The feed has a thread of its own, and the runtime others.
        while tokens.decode_access_token::<Payload>(&token).is_err() {
            if start.elapsed() > PATIENCE {
                return Err("no feed came up".into());
            }
            sleep(Duration::from_micros(50));
        }
        times.push(start.elapsed());
        known = tokens.revoked();
        drop(feed);
    }
    Ok((Figures::of(times).median(), known))
}

/// Records revocations by many clients.
pub(super) async fn record(store: &Store, count: u64) -> BenchResult<()> {
    let each = count / CLIENTS;
    let recorded = run(store, (0..CLIENTS).map(|_| Recording(each)).collect(), Duration::MAX).await?;
    if recorded.failed > 0 { Err("a revocation was not recorded".into()) } else { Ok(()) }
}

const STARTS: u32 = 5;
const CLIENTS: u64 = 16;
const PATIENCE: Duration = Duration::from_secs(30);
