//! The memory that the list of what was revoked takes. What it costs a guarded call is in the benchmark of verification.

use std::fs;

use gatevault::TokenManager;

use crate::{Answer, Rounds};

/// Prints the bytes of an entry.
///
/// # Errors
///
/// Where the memory of the process cannot be read.
pub fn print_list(rounds: Rounds) -> Answer<()> {
    let tokens = TokenManager::new([7; 32])?;
    let before = resident()?;
    for number in 0..rounds.entries {
        tokens.revoke_session(&format!("{number:036}"));
    }
    let bytes = resident()?.saturating_sub(before).checked_div(rounds.entries.into()).unwrap_or_default();
    println!("list of {} revoked sessions: {bytes} bytes of memory an entry", tokens.revoked());
    Ok(())
}

/// The bytes of this process that are in memory (proc(5)).
fn resident() -> Answer<u64> {
    const PAGE: u64 = 4096;
    let sizes = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = sizes.split(' ').nth(1).ok_or("no second number")?.parse()?;
    Ok(pages.saturating_mul(PAGE))
}
