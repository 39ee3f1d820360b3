//! The main job, on an embedded database in a temporary file:
//!
//!     cargo run -p quickstart
//!     cargo run -p quickstart -- --secret SECRET --token TOKEN    (inspects any token)
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

mod accounts;
mod functions;
mod inspect;
mod names;
mod scenario;

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [] => scenario::run().await,
        ["--secret", secret, "--token", token] | ["--token", token, "--secret", secret] => {
            inspect::inspect(secret, token)
        }
        _ => Err("usage: quickstart [--secret SECRET --token TOKEN]".into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
