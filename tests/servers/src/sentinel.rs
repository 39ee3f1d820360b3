//! Redis servers that sentinels monitor: a master, its replicas, and an election after the master fails.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::process::until;
use crate::redis::{RedisServer, ask, is_process, program};
use crate::server::{Server, ServerKind};

/// A master, two replicas and three sentinels.
#[derive(Debug)]
pub struct SentinelGroup {
    servers: Vec<RedisServer>,
    sentinels: Vec<Server<Sentinel>>,
}

impl SentinelGroup {
    /// The name of the master.
    pub const MASTER: &str = "gatevault";

    /// Starts the servers and waits until the sentinels know all of them.
    #[must_use]
    pub fn start() -> Self {
        let master = RedisServer::start_with(FAST_SYNC);
        let port = master.address().port();
        let follow = format!("127.0.0.1 {port}");
        let replica = || RedisServer::start_with(&[FAST_SYNC, &["--replicaof", &follow]].concat());
        let servers = vec![replica(), replica(), master];
        let sentinels = (0..3).map(|_| Server::start(Sentinel { master: port })).collect();
        let group = Self { servers, sentinels };
        assert!(until(PATIENCE, || group.is_complete()), "the sentinels do not find the servers");
        group
    }

    /// Returns the URLs of the sentinels.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(|sentinel| format!("redis://{}/", sentinel.address())).collect()
    }

    /// Returns the port of the master that most sentinels agree on.
    #[must_use]
    pub fn master_port(&self) -> u16 {
        let ports: Vec<_> = self.sentinels.iter().filter_map(master_port).collect();
        let votes = |port: u16| ports.iter().filter(|&&other| other == port).count();
        ports.iter().copied().max_by_key(|&port| votes(port)).expect("a sentinel answers")
    }

    /// Returns the server that is the master.
    pub fn master(&mut self) -> &mut RedisServer {
        let port = self.master_port();
        let servers = &mut self.servers;
        servers
            .iter_mut()
            .find(|server| server.address().port() == port)
            .expect("the master is one of the servers")
    }

    /// Resumes the servers that were frozen.
    pub fn resume_all(&self) {
        self.servers.iter().for_each(RedisServer::resume);
    }

    /// Kills a sentinel.
    pub fn kill_sentinel(&mut self, number: usize) {
        self.sentinels.get_mut(number).expect("there are three sentinels").kill();
    }

    /// Makes a replica the master, in an orderly way: the previous master becomes a replica.
    pub fn switch_master(&self) {
        let port = self.sentinels.last().expect("there are three sentinels").address().port();
        let command = format!("SENTINEL FAILOVER {}", Self::MASTER);
        let is_accepted = || ask(port, &command).is_ok_and(|answer| answer.starts_with("+OK"));
        assert!(until(PATIENCE, is_accepted), "the sentinel does not begin a failover");
    }

    /// Returns whether every sentinel knows the replicas and the other sentinels.
    fn is_complete(&self) -> bool {
        self.sentinels.iter().all(|sentinel| {
            let command = format!("SENTINEL MASTER {}", Self::MASTER);
            let answer = ask(sentinel.address().port(), &command).unwrap_or_default();
            let has = |field: &str| answer.contains(&format!("{field}\r\n$1\r\n2\r\n"));
            has("num-slaves") && has("num-other-sentinels")
        }) && self.servers.iter().all(|server| {
            let answer = ask(server.address().port(), "INFO replication").unwrap_or_default();
            answer.contains("role:master") || answer.contains("master_link_status:up")
        })
    }
}

fn master_port(sentinel: &Server<Sentinel>) -> Option<u16> {
    let command = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {}", SentinelGroup::MASTER);
    let answer = ask(sentinel.address().port(), &command).ok()?;
    // `*2`, then the length and the bytes of the host, and of the port
    answer.lines().nth(4)?.parse().ok()
}

#[derive(Debug)]
struct Sentinel {
    master: u16,
}

impl ServerKind for Sentinel {
    const NAME: &str = "sentinel";
    const STOP: Signal = Signal::SIGTERM;
    const DISCARD: Signal = Signal::SIGKILL;
    const PATIENCE: Duration = PATIENCE;

    fn prepare(&self, folder: &Path) {
        let (name, port) = (SentinelGroup::MASTER, self.master);
        let settings = format!(
            "sentinel monitor {name} 127.0.0.1 {port} 2\n\
             sentinel down-after-milliseconds {name} 1000\n\
             sentinel failover-timeout {name} 5000\n"
        );
        fs::write(folder.join(SETTINGS), settings).expect("the folder is writable");
    }

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = Command::new(program());
        command.arg(folder.join(SETTINGS)).arg("--sentinel");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"]).arg(folder);
        command
    }

    fn answers(&self, _folder: &Path, port: u16, process: u32) -> bool {
        is_process(port, process)
    }

    fn clean_up(&self, _folder: &Path) {}
}

const FAST_SYNC: &[&str] = &["--repl-diskless-sync-delay", "0"];
const PATIENCE: Duration = Duration::from_secs(30);
/// The file that a sentinel reads, and writes when it learns of servers.
const SETTINGS: &str = "sentinel.conf";
