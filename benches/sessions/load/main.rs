//! Runs the benchmarks of stores under load: `cargo bench -p gatevault-session-benches --bench load`. Names select sections,
//! such as `-- ends pauses`. With `--quick` the load is small, to check that they run.

use std::env;

use gatevault_session_benches::load::{
    Load, print_cleaning, print_ends, print_lists, print_pauses, print_starving,
};
use gatevault_session_benches::{BenchResult, runtime};

fn main() -> BenchResult<()> {
    // Cargo adds `--bench`.
    let (options, sections): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let load = if options.iter().any(|option| option == "--quick") { Load::QUICK } else { Load::FULL };
    if let Some(unknown) = sections.iter().find(|section| !SECTIONS.contains(&section.as_str())) {
        return Err(format!("unknown section {unknown}: expected some of {}", SECTIONS.join(", ")).into());
    }
    let runtime = runtime(2)?;
    for section in SECTIONS {
        if !sections.is_empty() && !sections.iter().any(|selected| selected == section) {
            continue;
        }
        match section {
            "ends" => runtime.block_on(print_ends(load))?,
            "starving" => runtime.block_on(print_starving(load))?,
            "cleaning" => runtime.block_on(print_cleaning(load))?,
            "pauses" => print_pauses(load)?,
            _ => runtime.block_on(print_lists(load))?,
        }
    }
    Ok(())
}

const SECTIONS: [&str; 5] = ["ends", "starving", "cleaning", "pauses", "lists"];
