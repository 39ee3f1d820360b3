//! Stored hashes that no scheme can verify: the reason, for the log. It never contains the hash.

use std::fmt;

use tracing::field::debug;

/// The reason why a stored hash cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnreadableHash {
    /// The stored string is empty or blank. No legacy verifier is asked: one that compares plain passwords would match
    /// an empty password.
    #[error("empty")]
    Empty,
    /// No scheme and no legacy verifier knows the format. Contains its name, if it is a common one.
    #[error(
        "unknown format{}; `PasswordHasherBuilder::legacy` verifies hashes of other systems",
        .0.map(in_brackets).unwrap_or_default()
    )]
    UnknownFormat(Option<&'static str>),
    /// The hash has the prefix of a scheme and is malformed, truncated for example.
    #[error("malformed {scheme} hash: {problem}")]
    Malformed { scheme: &'static str, problem: &'static str },
    /// The hash demands more work than the settings allow.
    #[error("over the ceiling: {scheme} {parameter} {given} > {most}; `{setting}` sets the ceiling")]
    AboveCeiling {
        scheme: &'static str,
        parameter: &'static str,
        given: u64,
        most: u64,
        setting: &'static str,
    },
    /// A legacy verifier panicked.
    #[error("the legacy verifier panicked")]
    LegacyPanicked,
}

impl UnreadableHash {
    /// Classifies a stored string whose prefix belongs to no scheme.
    pub(super) fn unclaimed(text: &str) -> Self {
        if text.trim().is_empty() { Self::Empty } else { Self::UnknownFormat(recognized(text)) }
    }

    /// Logs the reason, with the user if it is known.
    pub(crate) fn report(self, user: Option<&dyn fmt::Debug>) {
        let user = user.map(debug);
        tracing::warn!(target: "gatevault", user, reason = %self, "stored hash unreadable");
    }
}

/// Returns the name of a format that other systems use.
fn recognized(text: &str) -> Option<&'static str> {
    if text.trim() != text {
        return Some("white space around the hash");
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("hexadecimal digits, as of MD5 or SHA");
    }
    let (_, name) = FORMATS.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    Some(name)
}

fn in_brackets(name: &str) -> String {
    format!(" ({name})")
}

/// Prefixes of password hashes, from the documentation of the systems that write them.
const FORMATS: &[(&str, &str)] = &[
    ("{", "a scheme in braces, as of Spring Security or LDAP"),
    ("$2$", "bcrypt `$2$`, whose handling of non-ASCII passwords was undefined"),
    ("$2x$", "bcrypt `$2x$`, the mark of a broken implementation"),
    ("$argon2id$", "argon2id; it needs the feature `argon2`"),
    ("$argon2i$", "argon2i"),
    ("$argon2d$", "argon2d"),
    ("argon2$", "argon2 as of Django"),
    ("bcrypt$", "bcrypt as of Django"),
    ("bcrypt_sha256$", "bcrypt over SHA-256 as of Django"),
    ("$bcrypt-sha256$", "bcrypt over SHA-256 as of Passlib"),
    ("pbkdf2_", "PBKDF2 as of Django"),
    ("$pbkdf2", "PBKDF2 as of Passlib"),
    ("pbkdf2:", "PBKDF2 as of Werkzeug"),
    ("scrypt$", "scrypt as of Django"),
    ("scrypt:", "scrypt as of Werkzeug"),
    ("$scrypt$", "scrypt"),
    ("$7$", "scrypt"),
    ("$y$", "yescrypt"),
    ("$gy$", "gost-yescrypt"),
    ("$6$", "sha512-crypt"),
    ("$5$", "sha256-crypt"),
    ("$1$", "md5-crypt"),
    ("$apr1$", "md5-crypt as of Apache"),
    ("$P$", "phpass"),
    ("$H$", "phpass"),
    ("$S$", "phpass as of Drupal"),
    ("sha1$", "salted SHA-1 as of Django"),
    ("md5$", "salted MD5 as of Django"),
    ("!", "an account without a usable password"),
];
