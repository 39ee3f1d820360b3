//! The memory of the list of revoked sessions. The verification benchmark measures its cost for a guarded call.

use std::fs;

use gatevault::TokenManager;

use crate::{BenchResult, Rounds};

/// Prints the bytes per entry.
///
/// # Errors
///
/// Returns an error if the memory of the process cannot be read.
pub fn print_memory(rounds: Rounds) -> BenchResult<()> {
    let tokens = TokenManager::new([7; 32])?;
    let before = resident()?;
    for number in 0..rounds.entries {
        tokens.revoke_session(None, &format!("{number:036}"))?;
    }
    let bytes = resident()?.saturating_sub(before).checked_div(rounds.entries.into()).unwrap_or_default();
    println!("list of {} revoked sessions: {bytes} bytes of memory an entry", tokens.revoked());
    Ok(())
}

/// Returns the resident bytes of this process.
pub(crate) fn resident() -> BenchResult<u64> {
    resident_of("self")
}

/// Returns the resident bytes of a process (proc(5)).
pub(crate) fn resident_of(process: &str) -> BenchResult<u64> {
    const PAGE: u64 = 4096;
    let sizes = fs::read_to_string(format!("/proc/{process}/statm"))?;
    let pages: u64 = sizes.split(' ').nth(1).ok_or("no second number")?.parse()?;
    Ok(pages.saturating_mul(PAGE))
}
