//! See `gatevault_fuzz::hashes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::hashes::run(input));
