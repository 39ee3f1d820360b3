//! `gatevault inspect`: explains a token and, with a key, gives the library's verdict on it.
//!
//! `token` splits it, `unusual` and `description` read it without trust, `verification` asks the library, `advice` says
//! what to change, and `report` writes all of it.

mod advice;
mod description;
mod issuer;
mod report;
mod token;
mod unusual;
mod verification;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::answer::{Answer, Failure, NEGATIVE, SUCCESS, UNVERIFIED};
use crate::input;
use crate::keys::{KeyAlgorithm, KeySource};
use crate::mint::Kind;
use crate::terminal;
use crate::times::{self, Seconds};
use report::Report;
use token::Token;

/// Explain a token in plain words and, with a key or an issuer, verify it as a service would.
///
/// The token is an argument, comes from standard input or from a file. `Bearer ` in front of it and white space around it
/// make no difference. Without a key nothing is verified, and the exit code is 3.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault inspect < token.txt
  gatevault inspect --secret-file secret.txt --token-file token.txt
  gatevault inspect --issuer https://id.example/realms/shop --audience billing < token.txt
  gatevault inspect --jwks jwks.json --profile other --issuer-name https://id.example --audience billing < token.txt")]
pub(crate) struct Options {
    /// The token; standard input if it is missing or `-`
    token: Option<String>,

    /// A file with the token
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    source: KeySource,

    #[command(flatten)]
    algorithm: KeyAlgorithm,

    /// A file with the JWK set of the issuer
    #[arg(long, value_name = "FILE", conflicts_with = "KeySource", help_heading = "Key")]
    jwks: Option<PathBuf>,

    /// The URL of the issuer, whose keys are fetched: over https, or http on this machine
    #[arg(long, value_name = "URL", conflicts_with_all = ["KeySource", "jwks"], help_heading = "Key")]
    issuer: Option<String>,

    #[command(flatten)]
    expected: Expected,

    /// The time at which the token is verified; now unless set
    #[arg(long, value_name = "TIME", value_parser = times::time, help_heading = "Verification")]
    at: Option<Seconds>,
}

/// The settings of the service that a token is verified for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification")]
struct Expected {
    /// The creator of the tokens: the service itself or another issuer; `other` with `--issuer` and `own` otherwise
    #[arg(long)]
    profile: Option<Profile>,

    /// The issuer that `iss` must name; the URL of `--issuer` unless set
    #[arg(long, value_name = "NAME")]
    issuer_name: Option<String>,

    /// An audience that `aud` may name; can be repeated for another issuer
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,

    /// The claim that identifies the user; `user_id` or `sub`, as the token has it, unless set
    #[arg(long, value_name = "NAME")]
    subject_claim: Option<String>,

    /// A pool of users that is accepted, as in the claim `pool`; can be repeated
    #[arg(long, value_name = "NAME")]
    user_pool: Vec<String>,

    /// The kind that is required; any unless set
    #[arg(long)]
    kind: Option<Kind>,

    /// Require `typ` to be `at+jwt` (RFC 9068)
    #[arg(long)]
    at_jwt: bool,

    /// The time after `exp` in which the token is still accepted; none unless set
    #[arg(long, value_name = "DURATION", value_parser = times::duration)]
    leeway: Option<Duration>,

    /// The time by which `iat` and `nbf` may be ahead; 30s unless set
    #[arg(long, value_name = "DURATION", value_parser = times::duration)]
    clock_skew: Option<Duration>,

    /// The longest lifetime of an access token; 24h unless set
    #[arg(long, value_name = "DURATION", value_parser = times::duration)]
    max_lifetime: Option<Duration>,
}

/// The creator of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// The service itself, with `TokenManager`
    Own,
    /// Another issuer, which the service accepts with `Issuer`
    Other,
}

pub(crate) fn run(options: &Options) -> Result<Answer, Failure> {
    if options.is_from_stdin() && options.source.is_stdin() {
        let message = "standard input is either the token or the key: give one of them in a file";
        return Err(Failure::new(message));
    }
    if options.is_from_stdin() && io::stdin().is_terminal() {
        terminal::hint("Paste a token, and end with Enter and Ctrl-D:");
    }
    let text = read(options)?;
    let token = Token::parse(&text);
    let now = options.at.unwrap_or_else(Seconds::now);
    let verdict = verification::verify(&token, options, now)?;
    let code = match &verdict {
        Some(verdict) if verdict.is_valid() => SUCCESS,
        Some(_) => NEGATIVE,
        None => UNVERIFIED,
    };
    Ok(Report { token: &token, now, verdict }.into_answer().with_code(code))
}

impl Options {
    fn is_from_stdin(&self) -> bool {
        let is_stdin = |path: &Path| path == Path::new(input::STDIN);
        self.token_file
            .as_deref()
            .map_or_else(|| self.token.as_deref().is_none_or(|token| token == input::STDIN), is_stdin)
    }
}

/// Reads the token, without the scheme in front of it and the white space around it.
fn read(options: &Options) -> Result<String, Failure> {
    let text = match (&options.token, &options.token_file) {
        (Some(token), _) if token != input::STDIN => token.clone(),
        (_, Some(path)) => lossy(path)?,
        _ => lossy(Path::new(input::STDIN))?,
    };
    let mut rest = text.trim();
    for prefix in ["authorization:", "bearer"] {
        if let Some((head, tail)) = rest.split_at_checked(prefix.len())
            && head.eq_ignore_ascii_case(prefix)
            && (prefix.ends_with(':') || tail.is_empty() || tail.starts_with(char::is_whitespace))
        {
            rest = tail.trim_start();
        }
    }
    if rest.is_empty() {
        return Err(Failure::new(
            "no token: give it as an argument, on standard input or with `--token-file`",
        ));
    }
    Ok(rest.to_owned())
}

/// Reads a file as text. Bytes that are not UTF-8 are no part of a token, and show as replacement characters.
fn lossy(path: &Path) -> Result<String, Failure> {
    Ok(String::from_utf8_lossy(&input::bytes(path)?).into_owned())
}
