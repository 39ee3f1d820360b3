//! The pooler in front of PostgreSQL.

use gatevault_servers::{PoolerServer, PostgresServer};

use crate::client::Postgres;

const PROCESS: &str = "SELECT pg_backend_pid()";

#[test]
fn clients_of_a_pooler_share_connections_between_their_transactions() {
    let server = PostgresServer::start();
    let pooler = PoolerServer::start(&server, "transaction", &[]);
    let mut clients: Vec<_> = (0..5).map(|_| Postgres::connect(pooler.address()).unwrap()).collect();
    let mut processes: Vec<_> =
        clients.iter_mut().map(|client| client.ask(PROCESS).unwrap().unwrap()).collect();
    processes.sort();
    processes.dedup();
    assert!(processes.len() <= 2, "{processes:?}");
}

#[test]
fn clients_of_a_pooler_keep_their_connections_between_sessions() {
    let server = PostgresServer::start();
    let pooler = PoolerServer::start(&server, "session", &[]);
    let mut clients: Vec<_> = (0..5).map(|_| Postgres::connect(pooler.address()).unwrap()).collect();
    let mut processes: Vec<_> =
        clients.iter_mut().map(|client| client.ask(PROCESS).unwrap().unwrap()).collect();
    processes.sort();
    processes.dedup();
    assert_eq!(processes.len(), 5);
}
