//! See `gatevault_fuzz::credentials`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::credentials::run(input));
