//! See `gatevault_fuzz::token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::token::run(input));
