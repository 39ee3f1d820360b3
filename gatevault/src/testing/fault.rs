//! Faults of a test, which fail it at its own line.

use std::fmt::Display;
use std::panic::Location;

/// Reports a fault: fails the test, and names the line of the test that called the library.
#[expect(
    clippy::panic,
    reason = "a library for tests reports the fault of a test as assertions do; an error value would need an `unwrap`"
)]
pub(super) fn fail(caller: &Location<'_>, fault: impl Display) -> ! {
    panic!("{caller}: {fault}")
}
