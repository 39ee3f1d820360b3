//! See `gatevault_fuzz::claims`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::claims::run(input));
