//! PostgreSQL: the server and its database cluster.

mod cluster;
mod server;

pub use server::PostgresServer;
