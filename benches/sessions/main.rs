//! Runs the benchmarks of sessions: `cargo bench -p gatevault-session-benches`. With `-- --quick` they use few repetitions,
//! to check that they run.

use std::env;

use gatevault_session_benches::{
    BenchResult, FOLLOWER, Rounds, Servers, follow, print_beginnings, print_memory, print_propagation,
    print_rotations, print_saturation, runtime,
};

fn main() -> BenchResult<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, kind, address, ..] = arguments.as_slice()
        && first == FOLLOWER
    {
        return follow(kind, address);
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let rounds = if is_quick { Rounds::QUICK } else { Rounds::FULL };
    print_memory(rounds)?;
    let runtime = runtime(2)?;
    print_saturation(&runtime, rounds)?;
    let servers = Servers::start()?;
    runtime.block_on(async {
        print_rotations(&servers, rounds).await?;
        print_beginnings(&servers, rounds).await?;
        print_propagation(&servers, rounds).await
    })
}
