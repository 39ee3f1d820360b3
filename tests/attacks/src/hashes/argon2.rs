//! argon2.

use super::STRANGE;
use crate::attack::{Category, Hash};

/// A hash of `argon2-cffi`.
pub(super) const VALID: &str =
    "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0";

const VARIANTS: Category =
    Category { name: "argon2: another variant or version", source: "RFC 9106 section 4" };
const PARAMETERS: Category = Category {
    name: "argon2: parameters missing, repeated, reordered or spelled otherwise",
    source: "PHC string format",
};
const COSTS: Category =
    Category { name: "argon2: memory, passes or lanes over the ceiling", source: "RFC 9106 section 3.1" };
const SPELLINGS: Category = Category {
    name: "argon2: a salt or a digest of another length or spelling",
    source: "PHC string format",
};
const LENGTHS: Category = Category { name: "argon2: cut or extended", source: "PHC string format" };
const CHARACTERS: Category =
    Category { name: "argon2: characters that are not of its alphabet", source: "PHC string format" };

const HEAD: &str = "$argon2id$v=19$";
const PARAMS: &str = "m=16,t=2,p=1";
const SALT: &str = "MDEyMzQ1Njc4OWFiY2RlZg";
const DIGEST: &str = "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0";

pub(super) fn add(hashes: &mut Vec<Hash>) {
    let mut add = |category: Category, stored: String| hashes.push(Hash { category, stored });
    for stored in [
        "$argon2i$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+ZKJXSOJNNobsfe5XfGdD3mtYVmw4b0Cx/I8C8JriP0",
        "$argon2d$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$YKCt2ieZS3d+zHEHEbIMv+uy1eZtVhZRUBSStv/OiCk",
        "$argon2id$v=16$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
        "$argon2id$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
    ] {
        add(VARIANTS, stored.to_owned());
    }
    for head in [
        "argon2id$v=19$",
        "$$argon2id$v=19$",
        " $argon2id$v=19$",
        "$Argon2id$v=19$",
        "$argon2$v=19$",
        "$argon2id$v=019$",
        "$argon2id$v=+19$",
        "$argon2id$V=19$",
        "$argon2id$v=20$",
        "\0$argon2id$v=19$",
    ] {
        add(VARIANTS, VALID.replace(HEAD, head));
    }
    for params in [
        "",
        "m=16",
        "t=2,p=1",
        "m=16,t=2,p=",
        "m=,t=2,p=1",
        "m=16,p=1,t=2",
        "m=16,m=16,t=2,p=1",
        "m=16,t=2,p=1,p=1",
        "m=16,t=2,p=1,data=AAAA",
        "m=16,t=2,p=1,keyid=AAAA",
        "m=016,t=2,p=1",
        "m=+16,t=2,p=1",
        "m=16,t=2,p=1 ",
        "m=0x10,t=2,p=1",
        "m=\u{661}\u{666},t=2,p=1",
        "m=0,t=2,p=1",
        "m=16,t=0,p=1",
        "m=16,t=2,p=0",
        "m=16,t=2,p=3",
    ] {
        add(PARAMETERS, VALID.replace(PARAMS, params));
    }
    for params in [
        "m=8388608,t=1,p=1",
        "m=4294967295,t=1,p=1",
        "m=4294967296,t=1,p=1",
        "m=99999999999999999999,t=1,p=1",
        "m=16,t=4294967295,p=1",
        "m=16,t=4294967296,p=1",
        "m=134217728,t=2,p=16777215",
        "m=16,t=2,p=16777216",
        "m=4294967295,t=4294967295,p=16777215",
    ] {
        add(COSTS, VALID.replace(PARAMS, params));
    }
    for salt in [
        "",
        "A",
        "MDEyMzQ1Ng",
        "MDEyMzQ1Njc4OWFiY2RlZg==",
        "MDEyMzQ1Njc4OWFiY2RlZh",
        "MDEyMzQ1Njc4OWFiY2RlZ-",
    ] {
        add(SPELLINGS, VALID.replace(SALT, salt));
    }
    add(SPELLINGS, VALID.replace(SALT, &"A".repeat(66)));
    for digest in [
        "",
        "S9Pxhrjkz1v/Zw0oz978",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0=",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH1",
        "S9Pxhrjkz1v_Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH",
        "S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0$",
    ] {
        add(SPELLINGS, VALID.replace(DIGEST, digest));
    }
    for length in (0..VALID.len()).step_by(8) {
        add(LENGTHS, VALID[..length].to_owned());
    }
    for tail in [".", "\0", "\n", " ", "$", ",p=1", VALID] {
        add(LENGTHS, format!("{VALID}{tail}"));
    }
    add(LENGTHS, VALID.repeat(12_000));
    for at in [0, 1, 10, 17, 30, 60] {
        for strange in STRANGE {
            add(CHARACTERS, format!("{}{strange}{}", &VALID[..at], &VALID[at + 1..]));
        }
    }
}
