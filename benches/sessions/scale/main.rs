//! Runs the benchmarks of stores of several sizes: `cargo bench -p gatevault-session-benches --bench scale`. Names select
//! stores, such as `-- redis postgres`. With `--quick` the stores are small, to check that they run.

use std::env;

use gatevault_session_benches::scale::{KINDS, Scale, print_scale};
use gatevault_session_benches::{BenchResult, Servers, runtime};

fn main() -> BenchResult<()> {
    // Cargo adds `--bench`.
    let (options, kinds): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let scale = if options.iter().any(|option| option == "--quick") { Scale::QUICK } else { Scale::FULL };
    if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(format!("unknown store {unknown}: expected some of {}", KINDS.join(", ")).into());
    }
    let runtime = runtime(2)?;
    for kind in KINDS {
        if kinds.is_empty() || kinds.iter().any(|selected| selected == kind) {
            let start = Servers::start_for_large_stores;
            let servers = [start()?, start()?, start()?];
            runtime.block_on(print_scale(kind, &servers, scale))?;
        }
    }
    Ok(())
}
