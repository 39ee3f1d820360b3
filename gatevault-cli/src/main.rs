//! The command `gatevault`: secrets, keys, tokens, passwords and lists of guards, for the terminal.
//!
//! It uses the public API of the library only, so that its verdicts are those of a service. A command returns an `Answer`;
//! only this file and `terminal` write to the terminal.

mod algorithms;
mod answer;
mod arguments;
mod claim;
mod completions;
mod guards;
mod input;
mod inspect;
mod json;
mod jwks;
mod keygen;
mod keys;
mod mint;
mod passwords;
mod secret;
mod terminal;
mod times;

use std::process::ExitCode;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let Arguments { json, command } = match Arguments::read(&arguments) {
        Ok(arguments) => arguments,
        Err(error) => return terminal::usage(&error),
    };
    let answer = match command {
        Command::Secret(options) => secret::run(&options),
        Command::Keygen(options) => keygen::run(&options),
        Command::Jwks(options) => jwks::run(&options),
        Command::Mint(options) => mint::run(&options),
        Command::Inspect(options) => inspect::run(&options),
        Command::Hash(options) => passwords::hash(&options),
        Command::Verify(options) => passwords::verify(&options),
        Command::Guards(options) => guards::run(&options),
        Command::Completions(options) => Ok(completions::run(&options)),
    };
    answer.map_or_else(|failure| terminal::report(&failure), |answer| terminal::print(&answer, json))
}
