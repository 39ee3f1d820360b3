//! Copies the sources of the library, and replaces the threads, locks and atomics of some files by those of shuttle.
#![expect(clippy::expect_used, reason = "a build script that panics is a build that fails")]

mod copied;

use copied::Copied;

fn main() {
    copied::write(&Copied { files: &FILES, replaced: &REPLACED, changed: &CHANGED });
}

const FILES: [&str; 10] = [
    "session/feed.rs",
    "session/notify.rs",
    "store/memory/mod.rs",
    "token/invalidation_clock.rs",
    "token/invalidation_waiters.rs",
    "token/revocation.rs",
    "token/revocation/trust.rs",
    "token/revocation/users.rs",
    "token/revocation/watched.rs",
    "token/revocation_segment.rs",
];

const REPLACED: [(&str, &str); 3] = [
    ("std::sync::atomic::", "shuttle::sync::atomic::"),
    ("std::sync::", "shuttle::sync::"),
    ("std::thread", "shuttle::thread"),
];

/// Sizes are smaller, so that a few entries fill a segment and take several parts. Hashes are the same in each run. A thread that sleeps
/// lets all others run: shuttle has no time, and a schedule by priorities would run that thread alone forever.
const CHANGED: [(&str, &str, &str); 6] = [
    ("store/memory/table.rs", "const PART_LEN: usize = 256;", "const PART_LEN: usize = 2;"),
    ("token/invalidation_clock.rs", "thread::sleep(INTERVAL)", "thread::yield_now()"),
    ("token/revocation.rs", "const SWEPT_AT_ONCE: usize = 4096;", "const SWEPT_AT_ONCE: usize = 2;"),
    ("token/revocation.rs", "foldhash::quality::RandomState", "foldhash::quality::FixedState as RandomState"),
    ("token/revocation_table.rs", "const SEGMENTS: usize = 256;", "const SEGMENTS: usize = 2;"),
    ("token/revocation_segment.rs", "const LEAST: usize = 16;", "const LEAST: usize = 2;"),
];
