//! PostgreSQL: the server and its database cluster, and a pooler in front of it.

mod cluster;
mod pooler;
mod server;

pub use pooler::PoolerServer;
pub use server::PostgresServer;
