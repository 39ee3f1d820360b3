//! Copies the sources of the library, and replaces the locks and atomics of the revocation list by those of loom.
#![expect(clippy::expect_used, reason = "a build script that panics is a build that fails")]

#[path = "../schedules/copied.rs"]
mod copied;

use std::path::PathBuf;
use std::{env, fs};

use copied::Copied;

fn main() {
    copied::write(&Copied { files: &FILES, replaced: &REPLACED, changed: &CHANGED });
    write_segment();
}

/// Writes the lock-free segment, for tests of it alone, without its unit tests and the documentation that only a file may have.
fn write_segment() {
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let text = fs::read_to_string(target.join("token/revocation_segment.rs")).expect("the segment");
    let text = text.lines().take_while(|line| *line != "#[cfg(test)]");
    let text: Vec<_> = text.filter(|line| !line.starts_with("//!")).collect();
    fs::write(target.join("segment.rs"), text.join("\n")).expect("the segment");
}

const FILES: [&str; 6] = [
    "token/invalidation_waiters.rs",
    "token/revocation.rs",
    "token/revocation/trust.rs",
    "token/revocation/users.rs",
    "token/revocation/watched.rs",
    "token/revocation_segment.rs",
];

/// `PoisonError` and `Arc` stay those of the standard library, which `ArcSwap` needs.
const REPLACED: [(&str, &str); 4] = [
    ("std::sync::atomic::", "loom::sync::atomic::"),
    (
        "use std::sync::{Arc, Mutex, MutexGuard, PoisonError};",
        "use std::sync::{Arc, PoisonError};\nuse loom::sync::{Mutex, MutexGuard};",
    ),
    (
        "use std::sync::{Mutex, MutexGuard, PoisonError};",
        "use std::sync::PoisonError;\nuse loom::sync::{Mutex, MutexGuard};",
    ),
    ("use std::sync::{Mutex, PoisonError};", "use std::sync::PoisonError;\nuse loom::sync::Mutex;"),
];

/// One small segment, so that loom has few atomics to try, and hashes that are the same in each run.
const CHANGED: [(&str, &str, &str); 3] = [
    ("token/revocation.rs", "foldhash::quality::RandomState", "foldhash::quality::FixedState as RandomState"),
    ("token/revocation_table.rs", "const SEGMENTS: usize = 256;", "const SEGMENTS: usize = 1;"),
    ("token/revocation_segment.rs", "const LEAST: usize = 16;", "const LEAST: usize = 8;"),
];
