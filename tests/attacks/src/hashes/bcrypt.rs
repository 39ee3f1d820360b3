//! bcrypt.

use super::STRANGE;
use crate::attack::{Category, Hash};

/// A vector of `crypt_blowfish` under the prefix `$2b$`.
pub(super) const VALID: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

const PREFIXES: Category = Category {
    name: "bcrypt: another prefix",
    source: "OpenBSD bcrypt(3); CVE-2011-2483 is the faulty `$2x$`",
};
const COSTS: Category = Category {
    name: "bcrypt: a cost out of bounds, or over the ceiling",
    source: "OWASP ASVS 5.0 V11.4, crypt_blowfish",
};
const LENGTHS: Category =
    Category { name: "bcrypt: cut or extended", source: "OpenBSD bcrypt(3), crypt_blowfish" };
const CHARACTERS: Category =
    Category { name: "bcrypt: characters that are not of its alphabet", source: "RUSTSEC-2026-0199" };
const SPARE_BITS: Category = Category {
    name: "bcrypt: spare bits of the salt or the digest are set",
    source: "OpenBSD bcrypt(3), pyca/bcrypt",
};

pub(super) fn add(hashes: &mut Vec<Hash>) {
    let mut add = |category: Category, stored: String| hashes.push(Hash { category, stored });
    for prefix in
        ["$2$", "$2x$", "$2c$", "$2B$", "$1$", "$3b$", "2b$", "$$2b$", " $2b$", "$2b", "$2b$$", "\0$2b$"]
    {
        add(PREFIXES, VALID.replace("$2b$", prefix));
    }
    for cost in ["+5", "-5", " 5", "5 ", "5", "005", "00", "01", "03", "32", "99", "0x", "5.", "\u{665}", ""]
    {
        add(COSTS, VALID.replace("$05$", &format!("${cost}$")));
    }
    for cost in 17..=31 {
        add(COSTS, VALID.replace("$05$", &format!("${cost}$")));
    }
    for length in (0..VALID.len()).step_by(4) {
        add(LENGTHS, VALID[..length].to_owned());
    }
    for tail in [".", "\0", "\n", " ", "$", "\u{e9}", VALID] {
        add(LENGTHS, format!("{VALID}{tail}"));
    }
    add(LENGTHS, VALID.repeat(20_000));
    for at in [0, 1, 3, 5, 7, 28, 29, 59] {
        for strange in STRANGE {
            add(CHARACTERS, format!("{}{strange}{}", &VALID[..at], &VALID[at + 1..]));
        }
    }
    for (at, digits) in [(28, "/ABCDEFG"), (59, "XYZ")] {
        for digit in digits.chars() {
            add(SPARE_BITS, format!("{}{digit}{}", &VALID[..at], &VALID[at + 1..]));
        }
    }
}
