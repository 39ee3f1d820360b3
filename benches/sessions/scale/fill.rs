//! Fills a store with sessions: the databases by one statement, the others through the store.

use std::sync::Arc;

use gatevault::session::RefreshTicket;
use tokio::task::JoinSet;

use crate::BenchResult;
use crate::filling::{Database, FIRST_TOKEN, Filling, filled};
use crate::load::pauses::after;
use crate::operations::{Store, later, now, rotation};

/// Fills the store of this kind.
pub(super) async fn fill(kind: &str, address: &str, store: &Store, filling: Filling) -> BenchResult<()> {
    match kind {
        "sqlite" | "postgres" => Database::connect(kind, address).await?.fill(filling).await,
        // On this thread, so that the memory of other threads does not count.
        "memory" => fill_through(Arc::clone(store), filling, 0, 1).await,
        _ => {
            let mut clients = JoinSet::new();
            for client in 0..CLIENTS {
                clients.spawn(fill_through(Arc::clone(store), filling, client, CLIENTS));
            }
            while let Some(client) = clients.join_next().await {
                client??;
            }
            Ok(())
        }
    }
}

/// Logs in and refreshes once, as one of several clients that share the sessions.
async fn fill_through(store: Store, filling: Filling, client: u64, clients: u64) -> BenchResult<()> {
    let (now, later) = (now()?, later()?);
    let (mut number, end) =
        (filling.first.saturating_add(client), filling.first.saturating_add(filling.count));
    while number < end {
        let session = filled(number);
        let expires_at = after(now, filling.lifetime(number).as_secs())?;
        let mut new = session.to_open(now, expires_at);
        new.ticket = RefreshTicket::new(FIRST_TOKEN.to_owned(), now, later);
        store.open(new).await?;
        let successor = RefreshTicket::new(session.token, now, later);
        store.rotate(rotation(session.id, FIRST_TOKEN.to_owned(), successor)).await?;
        number = number.saturating_add(clients);
    }
    Ok(())
}

const CLIENTS: u64 = 64;
