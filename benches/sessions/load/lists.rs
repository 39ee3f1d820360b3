//! A user with a long past: many ended sessions, and five active ones.

use std::time::{Duration, Instant};

use gatevault::session::{ListSessions, RevokeTarget};

use super::Load;
use crate::BenchResult;
use crate::clients::{Work, beside_rotations, run};
use crate::figures::Figures;
use crate::operations::{HeldSession, SECURITY_STAMP, Store, later, now, revocation};
use crate::servers::{KINDS, Servers, store_at};

/// A login and a logout of the same user, this often.
struct LoggingInAndOut(u64);

impl Work for LoggingInAndOut {
    async fn next(&mut self, store: &Store) -> BenchResult<bool> {
        if self.0 == 0 {
            return Ok(false);
        }
        self.0 = self.0.saturating_sub(1);
        HeldSession::open(store, USER).await?.end(store).await?;
        Ok(true)
    }
}

/// Prints the time of what reads or changes all sessions of a user, and of another user's rotations meanwhile.
///
/// # Errors
///
/// Returns the errors of the stores.
pub async fn print_lists(load: Load) -> BenchResult<()> {
    let servers = Servers::start()?;
    println!(
        "\na user with 5 active sessions       list  new stamp  everywhere   another user's rotation, most"
    );
    for kind in KINDS {
        let store = store_at(kind, &servers.address(kind)).await?;
        let is_database = matches!(kind, "sqlite" | "postgres");
        let logins = if is_database { load.logins / 10 } else { load.logins };
        let each = logins.checked_div(CLIENTS).unwrap_or_default();
        let clients = (0..CLIENTS).map(|_| LoggingInAndOut(each)).collect();
        let past = run(&store, clients, Duration::MAX).await?;
        for _ in 0..ACTIVE {
            HeldSession::open(&store, USER).await?;
        }
        let ((list, restamp, everywhere), rotations) = beside_rotations(&store, measure(&store)).await?;
        let (ended, most) = (past.count(), rotations.longest());
        println!(
            "  {kind:9} {ended:>7} ended before {list:>9.1?} {restamp:>9.1?} {everywhere:>10.1?} {most:>31.1?}"
        );
        if past.failed > 0 {
            println!("  {} logins failed", past.failed);
        }
    }
    Ok(())
}

/// Returns the time of a list, of a login that replaces the security stamp, and of a logout everywhere.
async fn measure(store: &Store) -> BenchResult<(Duration, Duration, Duration)> {
    let mut lists = Vec::new();
    for _ in 0..LISTS {
        let start = Instant::now();
        let active = store.list(ListSessions::new(USER.into(), now()?)).await?;
        lists.push(start.elapsed());
        if active.len() != ACTIVE {
            return Err(format!("{} sessions in the list, expected {ACTIVE}", active.len()).into());
        }
    }
    let mut session = HeldSession::of(USER).to_open(now()?, later()?);
    "a fingerprint of another hash".clone_into(&mut session.security_stamp);
    session.previous_security_stamp = Some(SECURITY_STAMP.to_owned());
    let start = Instant::now();
    store.open(session).await?;
    let restamp = start.elapsed();
    let start = Instant::now();
    let ended = store.revoke(revocation(USER, RevokeTarget::All)?).await?;
    let everywhere = start.elapsed();
    if ended.len() != ACTIVE.saturating_add(1) {
        return Err(format!("{} sessions ended, expected {}", ended.len(), ACTIVE.saturating_add(1)).into());
    }
    Ok((Figures::of(lists).median(), restamp, everywhere))
}

const USER: u64 = 1;
const ACTIVE: usize = 5;
const LISTS: usize = 5;
/// The clients that log the user in and out in parallel.
const CLIENTS: u64 = 8;
