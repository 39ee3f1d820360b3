//! Runs the soak: `cargo bench -p gatevault-session-benches --bench soak`, for ten minutes or for the seconds of an argument:
//! `-- 20`. With `--quick` it takes 20 seconds, with one kill, to check that it runs.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use gatevault_session_benches::BenchResult;
use gatevault_session_benches::soak::{PROCESS, run_process, soak};

fn main() -> BenchResult<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, postgres, redis, number, seconds, ..] = arguments.as_slice()
        && first == PROCESS
    {
        run_process(&[("postgres", postgres), ("redis", redis)], number.parse()?, seconds.parse()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let seconds = arguments.iter().find_map(|argument| argument.parse().ok());
    let seconds = seconds.unwrap_or(if is_quick { QUICK } else { FULL });
    // Redis then writes before it acknowledges, so that a check depends on no timing.
    let redis: &[&str] = if is_quick { &[] } else { &["--appendfsync", "everysec"] };
    let is_sound = soak(Duration::from_secs(seconds), redis)?;
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const FULL: u64 = 600;
const QUICK: u64 = 20;
