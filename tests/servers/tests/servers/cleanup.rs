//! Cleanup: nothing is left behind after a drop, or after a process that exits without one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use gatevault_servers::{PostgresServer, RedisServer};
use tempfile::TempDir;

use crate::client::{Postgres, Redis, eventually};

/// Starts another process that runs a server of each kind, with its files in the folder.
fn holder(folder: &TempDir) -> (Child, Vec<SocketAddr>) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hold_servers"))
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = |url: String| url.split(['/', '@']).find_map(|part| part.parse().ok());
    let addresses: Vec<_> = lines.filter_map(address).take(2).collect();
    assert_eq!(addresses.len(), 2, "it prints the URLs of its servers");
    (process, addresses)
}

/// Creates a folder that PostgreSQL's account may enter.
fn folder() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(open).tempdir().unwrap()
}

fn is_down(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_err()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_dropped_server_is_gone_even_if_it_was_paused_or_killed() {
    let (running, paused, mut killed) =
        (PostgresServer::start(), PostgresServer::start(), PostgresServer::start());
    let frozen = RedisServer::start();
    let addresses = [running.address(), paused.address(), killed.address(), frozen.address()];
    let on_postgres = addresses.iter().take(3);
    let _clients: Vec<_> = on_postgres.map(|&address| Postgres::connect(address).unwrap()).collect();
    killed.kill();
    paused.pause();
    frozen.pause();
    drop((running, paused, killed, frozen));
    assert!(addresses.into_iter().all(is_down));
}

#[test]
fn servers_stop_with_a_process_that_never_dropped_them() {
    let folder = folder();
    let (mut process, addresses) = holder(&folder);
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
    assert!(eventually(|| addresses.iter().all(|&address| is_down(address))));
    assert!(eventually(|| is_empty(folder.path())), "its files are left behind");
}

#[test]
fn servers_stop_with_a_process_that_is_killed() {
    let folder = folder();
    let (mut process, addresses) = holder(&folder);
    let _client = Postgres::connect(addresses[1]).unwrap();
    assert_eq!(Redis::connect(addresses[0]).ask("PING").unwrap(), "+PONG");
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(eventually(|| addresses.iter().all(|&address| is_down(address))));
    assert!(eventually(|| is_empty(folder.path())), "its files are left behind");
}
