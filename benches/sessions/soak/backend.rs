//! The store of a soak: its server or its file.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use gatevault_servers::{PoolerServer, PostgresServer, RedisServer};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, query_scalar};
use tempfile::TempDir;

use crate::{BenchResult, runtime};

/// Further kinds, which run only if they are named: `PostgreSQL` behind `PgBouncer` in the mode `transaction`, and Redis with
/// `appendfsync everysec`.
///
/// Redis otherwise writes a change before it acknowledges it. With `everysec` the acknowledgment may come first while the disk is
/// busy, so that a killed server may lose it.
pub const OTHERS: [&str; 2] = [POOLER, EVERYSEC];

pub(super) const POOLER: &str = "pooler";
const EVERYSEC: &str = "redis-everysec";

/// A store, and a folder in which processes leave the tokens of lasting sessions.
pub(super) struct Backend {
    kind: &'static str,
    folder: TempDir,
    server: Server,
}

enum Server {
    /// Memory, or a file.
    None,
    Postgres(PostgresServer),
    Pooler(PostgresServer, PoolerServer),
    Redis(RedisServer),
}

impl Backend {
    pub(super) fn start(kind: &'static str) -> BenchResult<Self> {
        let server = match kind {
            "postgres" => Server::Postgres(PostgresServer::start()),
            "redis" => Server::Redis(RedisServer::start()),
            EVERYSEC => Server::Redis(RedisServer::start_with(&["--appendfsync", "everysec"])),
            POOLER => {
                let postgres = PostgresServer::start();
                let pooler = PoolerServer::start(&postgres, "transaction", &[]);
                Server::Pooler(postgres, pooler)
            }
            _ => Server::None,
        };
        Ok(Self { kind, folder: tempfile::tempdir()?, server })
    }

    /// Returns the kind of the store, as a node finds it.
    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            POOLER => "postgres",
            EVERYSEC => "redis",
            kind => kind,
        }
    }

    /// Returns the path or URL of the store.
    pub(super) fn address(&self) -> String {
        match &self.server {
            Server::None => self.folder.path().join("sessions.db").display().to_string(),
            Server::Postgres(server) => server.url(),
            Server::Pooler(server, pooler) => server.url_at(pooler.address()),
            Server::Redis(server) => server.url(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn has_server(&self) -> bool {
        !matches!(self.server, Server::None)
    }

    /// Returns the number of processes. Only one can use a store in memory.
    pub(super) fn processes(&self) -> u32 {
        if self.kind == "memory" { 1 } else { 3 }
    }

    /// Returns the longest time between two kills of the last process. A file has no server that could be killed, so its
    /// processes are, more often.
    pub(super) fn process_interval(&self) -> Option<Duration> {
        match self.kind {
            "memory" => None,
            "sqlite" => Some(Duration::from_secs(10)),
            _ => Some(Duration::from_mins(1)),
        }
    }

    /// Returns the pause of the last process between two rounds. With a file it is short, so that most kills are in a write.
    pub(super) fn last_pause(&self) -> Duration {
        Duration::from_millis(if self.kind == "sqlite" { 10 } else { 200 })
    }

    /// Kills the server and starts it again.
    pub(super) fn kill_server(&mut self) {
        match &mut self.server {
            Server::None => {}
            Server::Postgres(server) | Server::Pooler(server, _) => {
                server.kill();
                server.start_again();
            }
            Server::Redis(server) => {
                server.kill();
                server.start_again();
            }
        }
    }

    /// Returns whether the file is sound, if the store is one.
    pub(super) fn is_sound(&self) -> BenchResult<bool> {
        if self.kind != "sqlite" {
            return Ok(true);
        }
        let options =
            SqliteConnectOptions::new().filename(self.address()).busy_timeout(Duration::from_secs(30));
        runtime(1)?.block_on(async {
            let mut connection = options.connect().await?;
            let result: String = query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await?;
            Ok(result == "ok")
        })
    }

    /// Returns the number of connections to the server (proc(5)), or that of its pooler.
    pub(super) fn connections(&self) -> BenchResult<Option<usize>> {
        let address = match &self.server {
            Server::None => return Ok(None),
            Server::Postgres(server) | Server::Pooler(server, _) => server.address(),
            Server::Redis(server) => server.address(),
        };
        Ok(Some(connections_to(address, &fs::read_to_string("/proc/net/tcp")?)))
    }
}

/// Counts the established connections of a server in the kernel's table.
fn connections_to(server: SocketAddr, table: &str) -> usize {
    let local = format!(":{:04X}", server.port());
    let is_of_server = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        let address = fields.next().is_some_and(|address| address.ends_with(&local));
        address && fields.nth(1) == Some(ESTABLISHED)
    };
    table.lines().filter(is_of_server).count()
}

/// The state of an established connection in `/proc/net/tcp`.
const ESTABLISHED: &str = "01";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_at_the_server_are_counted_and_not_those_of_clients_or_in_another_state() {
        let table = "  sl  local_address rem_address   st\n\
             0: 0100007F:1A0B 00000000:0000 0A 00000000:00000000 00:00000000\n\
             1: 0100007F:1A0B 0100007F:C001 01 00000000:00000000 00:00000000\n\
             2: 0100007F:C001 0100007F:1A0B 01 00000000:00000000 00:00000000\n\
             3: 0100007F:1A0B 0100007F:C002 06 00000000:00000000 00:00000000\n";
        assert_eq!(connections_to(([127, 0, 0, 1], 0x1A0B).into(), table), 1);
    }
}
