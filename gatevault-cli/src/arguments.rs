//! The arguments of the command line. No option takes a secret: the list of processes and the history of a shell show
//! arguments.

use std::ffi::OsString;

use clap::{CommandFactory as _, Error, Parser, Subcommand};

use crate::terminal::printable;
use crate::{completions, guards, inspect, jwks, keygen, mint, passwords, secret};

/// Create and explain secrets, keys, tokens and password hashes, and compare lists of guards.
#[derive(Debug, Parser)]
#[command(name = "gatevault", bin_name = "gatevault", version, propagate_version = true, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Write JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands. The options of each have its help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Secret(secret::Options),
    Keygen(keygen::Options),
    Jwks(jwks::Options),
    Mint(mint::Options),
    Inspect(inspect::Options),
    Hash(passwords::HashOptions),
    Verify(passwords::VerifyOptions),
    Guards(guards::Options),
    Completions(completions::Options),
}

impl Arguments {
    /// Parses the arguments of the command line.
    ///
    /// # Errors
    ///
    /// Help, or what is wrong. All arguments in it are printable: one may be a hostile token, and a line break in it would begin
    /// a line of its own.
    pub(crate) fn read(arguments: &[OsString]) -> Result<Self, Error> {
        Self::try_parse_from(arguments).map_err(|error| {
            let shown = arguments.iter().map(|argument| printable(&argument.to_string_lossy()));
            match Self::try_parse_from(shown) {
                Err(other) if other.kind() == error.kind() => other,
                // Help names no argument.
                _ if !error.use_stderr() => error,
                // An escaped argument may be accepted, or be wrong in another way.
                _ => Error::new(error.kind()).with_cmd(&Self::command()),
            }
        })
    }
}

const AFTER_HELP: &str = "\
Exit codes: 0 success (a valid token, a matching password, no opened guard), 1 the opposite, 2 arguments or
input that cannot be used, 3 a token that was explained without being verified.

Secrets come from standard input, from files or from the environment, never from arguments.

Examples:
  gatevault secret > secret.txt
  gatevault mint --secret-file secret.txt --user-id 42 --claim role=admin
  gatevault inspect --secret-file secret.txt < token.txt
  gatevault keygen ES256 --out key.pem && gatevault jwks key.pem > jwks.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_defined() {
        Arguments::command().debug_assert();
    }
}
