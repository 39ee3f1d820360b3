//! Prints how many allocations a call of each row makes, a line for a row, in the order of the groups.
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]

use allocation_counter::measure;
use gatevault_benches::{Answer, GROUPS, install_gate};

fn main() -> Answer<()> {
    install_gate()?;
    for group in GROUPS {
        for row in (group.rows)()? {
            // What is made once for the thread is not what a call costs.
            row.call(2);
            println!("{}", measure(|| row.call(1)).count_total);
        }
    }
    Ok(())
}
