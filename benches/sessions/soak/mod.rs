//! The soak: processes that log in, refresh and log out for a long time, while their servers are killed and restarted.
//!
//! Each process has two nodes for each store, and clients that use both. The parent kills the servers and adds up what the
//! processes report.

mod client;
mod process;
mod report;
mod retry;

use std::env;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use gatevault_servers::{PostgresServer, RedisServer};

pub use process::{PROCESS, run_process};

use process::Resources;
use report::Report;

use crate::BenchResult;

/// Runs the processes for this time, with more arguments for Redis, and prints what they report. Returns whether no session
/// was lost, no token was spent twice, and no token was accepted after a logout.
///
/// With `appendfsync everysec` a killed Redis may lose what it acknowledged during a sync to the disk.
///
/// # Errors
///
/// Returns an error if a process cannot be started or fails.
pub fn soak(time: Duration, redis: &[&str]) -> BenchResult<bool> {
    let (mut postgres, mut redis) = (PostgresServer::start(), RedisServer::start_with(redis));
    let (mut processes, start) = (Vec::new(), Instant::now());
    for number in 0..PROCESSES {
        processes.push(Process::start(&postgres, &redis, number, time)?);
    }
    let first = processes.first().map(|first| first.0.id()).ok_or("no process")?;
    let interval = time.min(KILL_INTERVAL.saturating_mul(2)).checked_div(2).unwrap_or_default();
    let settled = interval.checked_div(2).unwrap_or_default();
    sleep(settled);
    let at_start = Resources::of(first)?;
    let (mut kills, mut next) = (0_u32, interval);
    // None at the end, when the processes have nothing left to do.
    while next < time {
        sleep(next.saturating_sub(start.elapsed()));
        postgres.kill();
        redis.kill();
        postgres.start_again();
        redis.start_again();
        kills = kills.saturating_add(1);
        next = next.saturating_add(interval).max(start.elapsed());
    }
    sleep(time.saturating_sub(start.elapsed()));
    let at_end = Resources::of(first)?;
    let mut report = Report::default();
    for process in processes {
        report.read(&process.output()?)?;
    }
    println!("soak of {time:?}: {PROCESSES} processes, PostgreSQL and Redis killed {kills} time(s)");
    println!("  process 1 after {settled:?}: {at_start}");
    println!("  process 1 at the end: {at_end}");
    let is_sound = report.is_sound();
    report.print();
    Ok(is_sound)
}

/// A process with nodes and clients. Dropping it kills the process.
struct Process(Child);

impl Process {
    fn start(
        postgres: &PostgresServer,
        redis: &RedisServer,
        number: u32,
        time: Duration,
    ) -> BenchResult<Self> {
        let (number, seconds) = (number.to_string(), time.as_secs().to_string());
        let mut command = Command::new(env::current_exe()?);
        command.args([PROCESS, &postgres.url(), &redis.url(), &number, &seconds]);
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?))
    }

    /// Waits until the process has ended, and returns its output.
    fn output(mut self) -> BenchResult<String> {
        let mut output = String::new();
        self.0.stdout.take().ok_or("no output")?.read_to_string(&mut output)?;
        let status = self.0.wait()?;
        if status.success() {
            Ok(output)
        } else {
            Err(format!("a process of the soak failed: {status}").into())
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

const PROCESSES: u32 = 3;
const KILL_INTERVAL: Duration = Duration::from_mins(1);
