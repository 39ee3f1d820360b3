//! How long it takes from the end of a session to its refusal in another process, which is this program once more.

use std::env;
use std::future::ready;
use std::io::{BufRead as _, BufReader, Write as _, stdin, stdout};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use gatevault::{AuthUser, OAuthHandler, PasswordHasher, Payload, RevocationFeed, TokenManager, UserId};

use crate::place::{KINDS, Places, store_at};
use crate::summary::percentile;
use crate::{Answer, Rounds};

/// The first argument of the other process; the kind of the store and its address follow.
pub const FOLLOWER: &str = "--follow";

/// Somebody with a password that is verified quickly.
#[derive(Clone)]
struct Ada(String);

impl AuthUser for Ada {
    fn id(&self) -> UserId {
        1.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        Some(&self.0)
    }
}

/// Prints a line for each store that processes share.
///
/// # Errors
///
/// Those of the stores, and of the other process.
pub async fn print_spreading(places: &Places, rounds: Rounds) -> Answer<()> {
    println!("\nfrom the end of a session to its refusal in another process");
    for kind in KINDS.into_iter().filter(|kind| *kind != "memory") {
        let address = places.address(kind);
        let hasher = PasswordHasher::builder().cost(4).build()?;
        let ada = Ada(hasher.hash("correct horse")?);
        let oauth = OAuthHandler::new_async(tokens()?, move |_: &str| ready(Some(ada.clone())));
        let oauth = oauth.hasher(hasher).session_store(store_at(kind, &address).await?);
        let mut times = Vec::new();
        let mut other = Follower::start(kind, &address)?;
        for _ in 0..rounds.ends {
            let pair = oauth.async_login("ada", "correct horse").await?;
            other.watch(&pair.access_token)?;
            let start = Instant::now();
            oauth.async_logout(pair.refresh_token).await?;
            other.wait_for("refused")?;
            times.push(start.elapsed());
        }
        let (median, most) = (percentile(&mut times, 50), percentile(&mut times, 100));
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
    fn start(kind: &str, address: &str) -> Answer<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args([FOLLOWER, kind, address]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let lines = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
        Ok(Self { process, lines })
    }

    /// Has it look at a token from now on, which opens.
    fn watch(&mut self, token: &str) -> Answer<()> {
        let input = self.process.stdin.as_mut().ok_or("no input")?;
        writeln!(input, "{token}")?;
        self.wait_for("open")
    }

    fn wait_for(&mut self, expected: &str) -> Answer<()> {
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

/// The other process: says of each token that it reads whether it opens, and when it does no more.
///
/// # Errors
///
/// When a token does not open at first.
pub fn follow(kind: &str, address: &str) -> Answer<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let store = runtime.block_on(store_at(kind, address))?;
    let tokens = tokens()?;
    let _feed = RevocationFeed::of(store).follow(&tokens)?;
    for token in stdin().lines() {
        let token = token?;
        tokens.decode_access_token::<Payload>(&token)?;
        // Whoever ends it has to know that it is looked at.
        println!("open");
        stdout().flush()?;
        while tokens.decode_access_token::<Payload>(&token).is_ok() {
            sleep(Duration::from_micros(50));
        }
        println!("refused");
        stdout().flush()?;
    }
    Ok(())
}

fn tokens() -> Answer<TokenManager> {
    Ok(TokenManager::new([7; 32])?)
}
