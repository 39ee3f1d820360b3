//! Names of accounts: the spelling that lookups compare, and the names that may be registered.
//!
//! In the table of accounts `name` and `skeleton` are UNIQUE, so that of two registrations at the same time one fails.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _, skeleton};

/// Returns the canonical spelling of a name, by which accounts are stored, found and counted by the throttle. Case, compatibility
/// forms such as full-width letters (NFKC), and surrounding white space make no difference.
///
/// It accepts any string: a login with a name that cannot be registered is a login with an unknown name.
pub(crate) fn canonical(name: &str) -> String {
    // Only capitals unify ß with ss, the two forms of small sigma, and ı with i. The first step is for ẞ, which has no other capital.
    let folded = name.nfkc().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    let folded: String = folded.flat_map(char::to_lowercase).collect();
    // The capital İ becomes an i with a second dot, which is invisible.
    let folded: String = folded.replace("i\u{307}", "i").nfkc().collect();
    folded.trim().to_owned()
}

/// A name that may be registered unless it, or one that looks like it, is taken.
#[derive(Debug)]
pub(crate) struct NewName {
    pub(crate) canonical: String,
    /// The same for all names that look alike: `copy` in Latin and in Cyrillic letters, `modern` and `modem` (UTS 39, section 4).
    pub(crate) skeleton: String,
}

impl NewName {
    /// Checks a name, and returns it or what it needs.
    pub(crate) fn parse(typed: &str) -> Result<Self, &'static str> {
        if typed.contains(char::is_whitespace) {
            return Err("a name has no blanks");
        }
        let canonical = canonical(typed);
        if !(1..=64).contains(&canonical.len()) {
            return Err("a name needs 1 to 64 bytes");
        }
        // No character but those of identifiers has this level: no invisible, control or bidirectional one (UTS 39, section 5.2).
        let letters = canonical.replace(|c: char| c.is_ascii_punctuation(), "");
        if !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
            return Err("a name has letters and digits of one script, and symbols of ASCII");
        }
        if has_hidden_mark(&canonical) {
            return Err("a name has no accent that is doubled or without a letter");
        }
        Ok(Self { skeleton: skeleton(&canonical).collect(), canonical })
    }
}

/// Finds an accent that does not show: one without a letter, a doubled one, or a dot above a dotted letter (UTS 39, section 5.4).
fn has_hidden_mark(name: &str) -> bool {
    let mut neighbors = name.nfd().zip(name.nfd().skip(1));
    name.starts_with(is_combining_mark)
        || name.contains('\u{307}')
        || neighbors.any(|(mark, next)| mark == next && is_combining_mark(mark))
}
