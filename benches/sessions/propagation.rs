//! The time from a revocation to the denial in another process, which is a second instance of this program.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdin, stdout};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use gatevault::{Payload, RevocationFeed};

use crate::figures::Figures;
use crate::node::{Node, PASSWORD, tokens};
use crate::servers::{KINDS, Servers, store_at};
use crate::{BenchResult, Rounds, runtime};

/// The first argument of the other process; the kind of the store and its address follow.
pub const FOLLOWER: &str = "--follow";

/// Prints a line for each store that processes share.
///
/// # Errors
///
/// Returns the errors of the stores and of the other process.
pub async fn print_propagation(servers: &Servers, rounds: Rounds) -> BenchResult<()> {
    println!("\nfrom the revocation of a session to its denial in another process");
    for kind in KINDS.into_iter().filter(|kind| *kind != "memory") {
        let address = servers.address(kind);
        let oauth = Node::start(kind, &address).await?.oauth;
        let mut times = Vec::new();
        let mut other = Follower::start(kind, &address)?;
        for _ in 0..rounds.revocations {
            let pair = oauth.async_login("1", PASSWORD).await?;
            other.watch(&pair.access_token)?;
            let start = Instant::now();
            oauth.async_logout(pair.refresh_token).await?;
            other.wait_for("denied")?;
            times.push(start.elapsed());
        }
        let times = Figures::of(times);
        let (median, most) = (times.median(), times.longest());
        println!("  {kind:9} p50 {median:>9.1?}   most {most:>9.1?}");
    }
    Ok(())
}

/// The other process, as this one sees it.
struct Follower {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Follower {
    fn start(kind: &str, address: &str) -> BenchResult<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args([FOLLOWER, kind, address]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let lines = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
        Ok(Self { process, lines })
    }

    /// Makes the process watch a token, which is still valid.
    fn watch(&mut self, token: &str) -> BenchResult<()> {
        let input = self.process.stdin.as_mut().ok_or("no input")?;
        writeln!(input, "{token}")?;
        self.wait_for("valid")
    }

    fn wait_for(&mut self, expected: &str) -> BenchResult<()> {
        match self.lines.next().transpose()? {
            Some(line) if line == expected => Ok(()),
            other => Err(format!("{other:?} instead of {expected}").into()),
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Runs the other process: for each token that it reads, it reports that the token is valid, and when it no longer is.
///
/// # Errors
///
/// Returns an error if a token is invalid at first.
pub fn follow(kind: &str, address: &str) -> BenchResult<()> {
    let runtime = runtime(1)?;
    let store = runtime.block_on(store_at(kind, address))?;
    let tokens = tokens()?;
    let _feed = RevocationFeed::of(store).follow(&tokens)?;
    for token in stdin().lines() {
        let token = token?;
        tokens.decode_access_token::<Payload>(&token)?;
        // The measuring process must not revoke the session before this one watches it.
        println!("valid");
        stdout().flush()?;
        while tokens.decode_access_token::<Payload>(&token).is_ok() {
            sleep(Duration::from_micros(50));
        }
        println!("denied");
        stdout().flush()?;
    }
    Ok(())
}
