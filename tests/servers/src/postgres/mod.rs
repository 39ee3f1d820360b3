//! PostgreSQL: the server, and the cluster of files that it starts from.

mod cluster;
mod server;

pub use server::PostgresServer;
