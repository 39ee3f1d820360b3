//! Runs the soak: `cargo bench -p gatevault-session-benches --bench soak`, for ten minutes a store, or of the stores and for the
//! seconds of the arguments: `-- redis 60`. `pooler` (PostgreSQL behind PgBouncer) and `redis-everysec` run only if they are named.
//! With `--quick` each store takes a few seconds, with one kill, to check that no session is lost.
//!
//! It fails if a process grows beyond the bound of memory, threads and descriptors that is printed below its figures.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use gatevault_session_benches::BenchResult;
use gatevault_session_benches::soak::{KINDS, OTHERS, PROCESS, run_process, soak};

fn main() -> BenchResult<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some((PROCESS, settings)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        run_process(settings)?;
        return Ok(ExitCode::SUCCESS);
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let seconds = arguments.iter().find_map(|argument| argument.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(if is_quick { QUICK } else { FULL }));
    let is_named = |kind: &str| arguments.iter().any(|argument| argument == kind);
    let named: Vec<&str> = KINDS.into_iter().chain(OTHERS).filter(|kind| is_named(kind)).collect();
    let mut is_sound = true;
    for kind in if named.is_empty() { KINDS.to_vec() } else { named } {
        is_sound &= soak(kind, time)?;
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const FULL: u64 = 600;
const QUICK: u64 = 6;
