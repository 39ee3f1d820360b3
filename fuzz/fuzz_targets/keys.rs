//! See `gatevault_fuzz::keys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatevault_fuzz::keys::run(input));
