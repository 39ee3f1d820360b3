//! `gatevault hash` and `gatevault verify`.

use std::path::PathBuf;

use clap::Args;
use gatevault::PasswordHasher;
use gatevault::password::Verification;
use serde_json::json;

use crate::answer::{Answer, Failure, NEGATIVE, with_sources};
use crate::input;
use crate::terminal::{Page, Tone};

/// Hash a password.
///
/// It is typed without being shown, or comes from standard input, whose last line break does not belong to it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault hash
  gatevault hash --argon2 < password.txt")]
pub(crate) struct HashOptions {
    #[command(flatten)]
    scheme: Scheme,
}

/// Verify a password against a stored hash.
///
/// The password is typed without being shown, or comes from standard input, whose last line break does not belong to it. A hash that is weaker than the settings is reported as outdated.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault verify '$2b$12$..'              # single quotes: a shell replaces $2b in double ones
  gatevault verify --hash-file hash.txt < password.txt")]
pub(crate) struct VerifyOptions {
    /// The stored hash
    #[arg(required_unless_present = "hash_file")]
    hash: Option<String>,

    /// A file with the stored hash
    #[arg(long, value_name = "FILE", conflicts_with = "hash")]
    hash_file: Option<PathBuf>,

    #[command(flatten)]
    scheme: Scheme,
}

/// The scheme and the cost of new hashes.
#[derive(Debug, Args)]
struct Scheme {
    /// Use argon2id instead of bcrypt for new hashes
    #[arg(long)]
    argon2: bool,

    /// The cost of bcrypt, 12 unless set: one more takes twice as long
    #[arg(long, value_name = "N", conflicts_with = "argon2")]
    cost: Option<u32>,
}

impl Scheme {
    fn hasher(&self) -> Result<PasswordHasher, Failure> {
        let mut builder = PasswordHasher::builder();
        if self.argon2 {
            builder = builder.argon2id();
        }
        if let Some(cost) = self.cost {
            builder = builder.cost(cost);
        }
        builder.build().map_err(|error| Failure::of("--cost", &error))
    }
}

pub(crate) fn hash(options: &HashOptions) -> Result<Answer, Failure> {
    let hasher = options.scheme.hasher()?;
    let password = input::new_password()?;
    let hash = hasher.hash(&password).map_err(|error| Failure::new(with_sources(&error)))?;
    let json = json!({ "hash": hash });
    Ok(Answer::new(Page::line(&hash), json))
}

pub(crate) fn verify(options: &VerifyOptions) -> Result<Answer, Failure> {
    let hasher = options.scheme.hasher()?;
    let stored = match (&options.hash, &options.hash_file) {
        (Some(hash), _) => hash.clone(),
        (None, Some(path)) if path.as_os_str() == input::STDIN => {
            return Err(Failure::new(
                "standard input is for the password: give the hash as an argument or in a file",
            ));
        }
        (None, Some(path)) => input::text(path)?.trim_end_matches(['\r', '\n']).to_owned(),
        (None, None) => String::new(),
    };
    if let Some(reason) = hasher.unreadable_reason(&stored) {
        let advice = if options.hash.is_some() { QUOTES } else { "" };
        return Err(Failure::new(format!("the hash cannot be verified: {reason}{advice}")));
    }
    let password = input::password("Password: ")?;
    let verification = hasher.verify_and_update(&password, &stored);
    let is_outdated = matches!(verification, Verification::MatchOutdated { .. });
    let json = json!({ "matches": verification.is_match(), "outdated": is_outdated });
    let mut page = Page::default();
    if !verification.is_match() {
        page.add(Tone::Bad, "the password does not match the hash");
        return Ok(Answer::new(page, json).with_code(NEGATIVE));
    }
    page.add(Tone::Good, "the password matches the hash");
    if is_outdated {
        page.add(Tone::Warning, "the hash is weaker than the settings: the next login replaces it, if it uses `verify_and_update`");
    }
    Ok(Answer::new(page, json))
}

const QUOTES: &str =
    "; put the hash in single quotes, or a shell replaces its parts that begin with a dollar sign";
