//! See `gatevault_fuzz::header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::header::run(input));
