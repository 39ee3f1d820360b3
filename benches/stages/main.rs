//! The instructions of each stage of a guarded call and of the creation of a token, and those of the same work by well-kept
//! crates alone.
//!
//! `cargo bench -p gatevault-benches --bench stages` prints both. `-- --lines` adds the lines of the library, each with its own
//! instructions.
//!
//! How a figure is made: one call is single-stepped, so each executed instruction is counted once, on the real processor. It
//! belongs to the innermost function on its stack that has a stage in `rules.rs`, inlined functions included; a function of
//! another crate or of the C library belongs to the stage of its caller. The functions come from the line tables that the
//! profile `bench` keeps for these crates. The second table has the rows of `benches/src/alternatives.rs`.
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]

mod profile;
mod rules;

use std::collections::BTreeSet;
use std::env;

use gatevault_benches::instructions::{Counter, run_if_child};
use gatevault_benches::{Answer, GROUPS, install_gate};

use profile::Profile;

fn main() -> Answer<()> {
    install_gate()?;
    if run_if_child()? {
        return Ok(());
    }
    let Some(counter) = Counter::new()? else {
        println!("no instructions: ptrace is not permitted here");
        return Ok(());
    };
    let mut profiles = Vec::new();
    for name in CALLS {
        let (group, row) = find(name)?;
        profiles.push(Profile::of(group, row)?);
    }
    println!("{}", table(&profiles));
    if env::args().any(|argument| argument == "--lines") {
        for (name, profile) in CALLS.iter().zip(&profiles) {
            println!("{name}");
            profile.lines().iter().for_each(|(place, count)| println!("{count:7}  {place}"));
        }
    }
    let group = GROUPS.len().saturating_sub(1);
    let alternatives = GROUPS.last().ok_or("no groups")?;
    println!("{}", alternatives.name);
    for (index, row) in (alternatives.rows)()?.iter().enumerate() {
        println!("  {:42} {:>8.0}", row.name, counter.count(group, index)?);
    }
    Ok(())
}

/// Formats the stages, with a column for each call.
fn table(profiles: &[Profile]) -> String {
    let line = |title: &str, cells: Vec<String>| {
        let cells: Vec<_> = cells.into_iter().map(|cell| format!("{cell:>20}")).collect();
        format!("  {title:42} {}", cells.join(" "))
    };
    let counts =
        |count: &dyn Fn(&Profile) -> u32| profiles.iter().map(|profile| count(profile).to_string()).collect();
    let mut lines = vec!["instructions by stage".to_owned(), line("", CALLS.map(str::to_owned).into())];
    let stages: BTreeSet<&str> = profiles.iter().flat_map(Profile::stages).collect();
    for stage in rules::STAGES.iter().filter(|stage| stages.contains(*stage)) {
        lines.push(line(stage, counts(&|profile| profile.count(stage))));
    }
    lines.push(line("all", counts(&Profile::total)));
    let cache_lines = |count: &dyn Fn(&Profile) -> usize| {
        profiles.iter().map(|profile| count(profile).to_string()).collect()
    };
    lines.push("cache lines of code by stage".to_owned());
    for stage in rules::STAGES.iter().filter(|stage| stages.contains(*stage)) {
        lines.push(line(stage, cache_lines(&|profile| profile.cache_lines(stage))));
    }
    lines.push(line("all", cache_lines(&Profile::all_cache_lines)));
    lines.join("\n") + "\n"
}

/// Finds a row by its name.
fn find(name: &str) -> Answer<(usize, usize)> {
    for (group, found) in GROUPS.iter().enumerate() {
        if let Some(row) = (found.rows)()?.iter().position(|row| row.name == name) {
            return Ok((group, row));
        }
    }
    Err(format!("no row is named {name}").into())
}

const CALLS: [&str; 4] = ["guarded, owned", "guarded, borrowed", "guarded, Copy", "create_access_token"];
