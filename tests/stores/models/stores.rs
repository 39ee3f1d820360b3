//! The stores that sequences run over, and the world of one sequence.

use std::sync::Arc;
use std::time::Duration;

use gatevault::{SessionStore, StoreError, Timestamp};
use gatevault_session_model::{Checked, Model, Outcome, Request, Row, World};
use gatevault_store_tests::{Backend, TimeMachine};
use tokio::spawn;

use crate::nodes::Nodes;

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Memory,
    Sqlite,
    Postgres,
    Partitioned,
    Pooled,
    Redis,
}

/// Makes the world of each sequence.
pub(crate) struct Surroundings {
    kind: StoreKind,
    /// A database, which is emptied for each sequence: to create one takes too long.
    database: Option<Arc<Backend>>,
}

impl Surroundings {
    pub(crate) fn new(kind: StoreKind) -> Self {
        Self { kind, database: None }
    }

    pub(crate) fn kind(&self) -> StoreKind {
        self.kind
    }

    /// Creates an empty store with other nodes beside it.
    pub(crate) async fn world(&mut self) -> StoreWorld {
        let backend = match (self.database.take(), self.kind) {
            (Some(database), _) => database,
            (None, StoreKind::Memory) => Arc::new(Backend::memory().await),
            (None, StoreKind::Sqlite) => Arc::new(Backend::sqlite().await),
            (None, StoreKind::Postgres) => Arc::new(Backend::postgres().await),
            (None, StoreKind::Partitioned) => Arc::new(Backend::partitioned().await),
            (None, StoreKind::Pooled) => Arc::new(Backend::pooled().await),
            (None, StoreKind::Redis) => Arc::new(Backend::redis().await),
        };
        if [StoreKind::Postgres, StoreKind::Partitioned, StoreKind::Pooled].contains(&self.kind) {
            self.database = Some(Arc::clone(&backend));
        }
        let mut machine = backend.time_machine().await;
        machine.clear().await;
        let nodes = Nodes::follow(machine.store(), machine.start());
        StoreWorld { machine, nodes, _backend: backend }
    }
}

/// The world of one sequence.
pub(crate) struct StoreWorld {
    machine: TimeMachine,
    nodes: Nodes,
    _backend: Arc<Backend>,
}

impl World for StoreWorld {
    fn store(&self) -> Arc<dyn SessionStore> {
        self.machine.store()
    }

    fn start(&self) -> Timestamp {
        self.machine.start()
    }

    fn drift(&self) -> Duration {
        Duration::from_secs(if self.machine.has_clock() { 29 } else { 0 })
    }

    async fn advance(&mut self, by: Duration) -> Checked {
        self.machine.advance(by).await;
        self.nodes.advance(by);
        Ok(())
    }

    async fn send_both(&mut self, one: Request, other: Request) -> Result<(Outcome, Outcome), StoreError> {
        let send = |request: Request| {
            let store = self.machine.store();
            spawn(async move { request.send(&*store).await })
        };
        let (one, other) = (send(one), send(other));
        Ok((one.await.unwrap()?, other.await.unwrap()?))
    }

    fn opened(&mut self, session: &Row) -> String {
        self.nodes.opened(session)
    }

    async fn compare_guards(&mut self, model: &Model, now: Timestamp) -> Checked {
        self.nodes.compare(model, now).await
    }
}
