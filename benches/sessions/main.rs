//! What sessions cost. `cargo bench -p gatevault-session-benches` prints everything; with `-- --quick` after it, it prints the
//! same in few rounds, to see that it runs.

use std::env;

use gatevault_session_benches::{
    Answer, FOLLOWER, Places, Rounds, follow, print_list, print_rotations, print_saturation, print_spreading,
};

fn main() -> Answer<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, kind, place, ..] = arguments.as_slice()
        && first == FOLLOWER
    {
        return follow(kind, place);
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let rounds = if is_quick { Rounds::QUICK } else { Rounds::FULL };
    print_list(rounds)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    print_saturation(&runtime, rounds)?;
    let places = Places::start()?;
    runtime.block_on(async {
        print_rotations(&places, rounds).await?;
        print_spreading(&places, rounds).await
    })
}
