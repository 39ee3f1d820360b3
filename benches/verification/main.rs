//! The cost of verification, compared with other libraries in one process: time, instructions and allocations of a call,
//! each divided by the anchor's, and the project's goals.
//!
//! `cargo bench -p gatevault-benches` prints all figures. With `-- --quick` it runs few rounds without the instructions,
//! to check that it works. Trust the ratios of instructions: time has two modes on many virtual machines.
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]

mod table;
mod time;

use std::env;
use std::process::Command;

use gatevault_benches::instructions::{Counter, run_if_child};
use gatevault_benches::{Answer, GROUPS, Length, install_gate, two_threads_over_one};

use table::Figures;

fn main() -> Answer<()> {
    install_gate()?;
    if run_if_child()? {
        return Ok(());
    }
    let is_quick = env::args().any(|argument| argument == "--quick");
    let (rounds, thread_rounds) = if is_quick { (3, 2) } else { (200, 100) };

    let mut allocations = allocations()?.into_iter();
    let counter = if is_quick { None } else { Counter::new()? };
    if counter.is_none() {
        println!("no instructions: {}", if is_quick { "--quick" } else { "ptrace is not permitted here" });
    }
    for (index, group) in GROUPS.iter().enumerate() {
        let rows = (group.rows)()?;
        let counter = counter.as_ref().filter(|_| group.length == Length::Short);
        let times = time::interleaved(&rows, group.length.batch(), rounds);
        let mut figures = Vec::new();
        for (row, nanoseconds) in times.into_iter().enumerate() {
            let instructions = counter.map(|counter| counter.count(index, row)).transpose()?;
            let allocations = allocations.next().ok_or("a row was not counted")?;
            figures.push(Figures { nanoseconds, instructions, allocations });
        }
        print!("{}", table::render(group.name, &rows, &figures)?);
    }
    let ratio = two_threads_over_one(thread_rounds)?;
    let verdict = table::verdict(ratio >= 1.9, ratio >= 1.97);
    println!("\nguarded calls by two threads over one: {ratio:.2} (must 1.9, then 1.97): {verdict}");
    Ok(())
}

/// Returns the allocations of all rows, counted by the program with the counting allocator.
fn allocations() -> Answer<Vec<f64>> {
    let output = Command::new(env!("CARGO_BIN_EXE_count-allocations")).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.lines().map(str::parse).collect::<Result<_, _>>()?)
}
