//! See `gatevault_fuzz::sessions`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::sessions::run(input));
