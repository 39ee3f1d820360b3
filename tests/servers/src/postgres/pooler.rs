//! PgBouncer in front of a PostgreSQL server: several clients share few connections.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::cluster;
use super::server::PostgresServer;
use crate::program::on_path;
use crate::server::{Server, ServerKind};

/// A PgBouncer for one test. It closes idle connections soon, for a server with few of them. Everything else but the mode and
/// the size of its pools is its default.
#[derive(Debug)]
pub struct PoolerServer(Server<PgBouncer>);

impl PoolerServer {
    /// Starts `pgbouncer` in front of a server, with two connections for each database and user. In the mode `session`, where
    /// a client keeps its connection, it has twenty.
    ///
    /// `users` may connect without a password, besides the superuser.
    #[must_use]
    pub fn start(server: &PostgresServer, mode: &'static str, users: &[&str]) -> Self {
        Self::start_with(server, mode, users, "")
    }

    /// Starts `pgbouncer` likewise, with a further line of settings.
    #[must_use]
    pub fn start_with(
        server: &PostgresServer,
        mode: &'static str,
        users: &[&str],
        setting: &'static str,
    ) -> Self {
        let program = on_path("pgbouncer").unwrap_or_else(|| PathBuf::from(DEBIAN));
        assert!(program.is_file(), "pgbouncer is not installed: sudo apt-get install pgbouncer");
        let mut known = format!("\"{}\" \"\"\n", cluster::SUPERUSER);
        for user in users {
            writeln!(known, "\"{user}\" \"\"").expect("a string can be written");
        }
        Self(Server::start(PgBouncer { program, server: server.address(), mode, setting, users: known }))
    }

    /// Returns the address, for [`PostgresServer::url_at`].
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

#[derive(Debug)]
struct PgBouncer {
    program: PathBuf,
    server: SocketAddr,
    mode: &'static str,
    setting: &'static str,
    users: String,
}

impl ServerKind for PgBouncer {
    const NAME: &str = "pgbouncer";
    const STOP: Signal = Signal::SIGTERM;
    const DISCARD: Signal = Signal::SIGTERM;
    const PATIENCE: Duration = Duration::from_secs(10);

    fn prepare(&self, folder: &Path) {
        cluster::give_away(folder);
        fs::write(folder.join(USERS), &self.users).expect("the folder is writable");
    }

    fn command(&self, folder: &Path, port: u16) -> Command {
        let (server, mode, setting) = (self.server, self.mode, self.setting);
        let connections = if mode == "session" { 20 } else { 2 };
        let (users, process) = (folder.join(USERS), folder.join(PROCESS));
        let settings = format!(
            "[databases]\n* = host={} port={}\n\n[pgbouncer]\nlisten_addr = {}\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npidfile = {}\npool_mode = {mode}\n\
             default_pool_size = {connections}\nserver_idle_timeout = 2\n{setting}\n",
            server.ip(),
            server.port(),
            Ipv4Addr::LOCALHOST,
            users.display(),
            process.display(),
        );
        fs::write(folder.join(SETTINGS), settings).expect("the folder is writable");
        let mut command = Command::new(&self.program);
        cluster::as_account(&mut command).current_dir(folder).arg(folder.join(SETTINGS));
        command
    }

    fn answers(&self, folder: &Path, port: u16, process: u32) -> bool {
        let file = fs::read_to_string(folder.join(PROCESS)).unwrap_or_default();
        file.trim() == process.to_string() && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    }

    fn clean_up(&self, folder: &Path) {
        let _already_gone = fs::remove_file(folder.join(PROCESS));
    }
}

/// The place of the program in Debian, outside the PATH of users.
const DEBIAN: &str = "/usr/sbin/pgbouncer";

const USERS: &str = "users.txt";
const SETTINGS: &str = "pgbouncer.ini";
const PROCESS: &str = "pgbouncer.pid";
