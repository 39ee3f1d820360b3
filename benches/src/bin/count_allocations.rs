//! Prints the number of allocations of a call, one line per row, in the order of the groups.
#![expect(clippy::print_stdout, reason = "the program prints its figures")]

use allocation_counter::measure;
use gatevault_benches::{Answer, GROUPS, install_gate};

fn main() -> Answer<()> {
    install_gate()?;
    for group in GROUPS {
        for row in (group.rows)()? {
            // Excludes what the first calls allocate once per thread.
            row.call(2);
            println!("{}", measure(|| row.call(1)).count_total);
        }
    }
    Ok(())
}
