//! See `gatevault_fuzz::routes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::routes::run(input));
