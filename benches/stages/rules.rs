//! The stages of a call, and the functions of each.

use crate::profile::Frame;

/// Returns the stage of an instruction in `frame`, whose caller is in the stage `outer`.
pub(crate) fn stage(outer: &'static str, frame: &Frame) -> &'static str {
    let rule = RULES
        .iter()
        .find(|(file, function, _)| frame.file.contains(file) && frame.function.contains(function));
    match rule {
        Some((_, _, BASE64)) if [HMAC, SIGNATURE].contains(&outer) => SIGNATURE,
        Some((_, _, stage)) => stage,
        None => outer,
    }
}

/// The stage of instructions outside of the row: the loop of the benchmark, and the signals between which it is counted.
pub(crate) const OUTSIDE: &str = "the benchmark's own loop, and the function";

/// All stages, in the order of the table.
pub(crate) const STAGES: [&str; 13] = [
    GUARD, EVENT, CLOCK, SEGMENTS, KEY, HMAC, SIGNATURE, BASE64, MANAGER, CLAIMS, REGISTERED, REVOCATION,
    OUTSIDE,
];

const GUARD: &str = "guard, and the buffer for the claims";
const EVENT: &str = "event: does a log or a sink want it";
const CLOCK: &str = "clock";
const SEGMENTS: &str = "segments: length, last dot, new string";
const KEY: &str = "key and header";
const HMAC: &str = "HMAC";
const SIGNATURE: &str = "base64 of the signature";
const BASE64: &str = "base64 of the claims";
const MANAGER: &str = "UTF-8, and what holds the stages together";
const CLAIMS: &str = "reading or writing the claims";
const REGISTERED: &str = "registered claims";
const REVOCATION: &str = "revocation lookup or new token id";

/// The end of a path, a part of the name of a function, and their stage. The first that matches decides.
const RULES: [(&str, &str, &str); 18] = [
    ("src/base64url.rs", "", BASE64),
    ("src/key/hmac.rs", "", HMAC),
    ("src/token/revocation", "", REVOCATION),
    ("src/random.rs", "", REVOCATION),
    ("src/clock.rs", "now", CLOCK),
    ("src/token/validation.rs", "", REGISTERED),
    ("src/token/trusted.rs", "", REGISTERED),
    ("src/token/pools.rs", "", REGISTERED),
    ("src/claims/", "", CLAIMS),
    ("benches/src/", "_claims", CLAIMS),
    ("src/token/selection.rs", "", KEY),
    ("src/key/", "", KEY),
    ("src/token/jws.rs", "", SEGMENTS),
    ("src/token/manager.rs", "", MANAGER),
    ("src/token/creation.rs", "", MANAGER),
    ("src/event/", "", EVENT),
    ("src/guard/", "", GUARD),
    ("benches/src/", "", OUTSIDE),
];
