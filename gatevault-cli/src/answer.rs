//! The result of a command.

use std::fmt::Display;

use serde_json::Value;

use crate::terminal::Page;

/// The output of a command, in both of its forms, and the exit code.
#[derive(Debug)]
pub(crate) struct Answer {
    /// For a person.
    pub(crate) page: Page,
    /// For a program, with `--json`.
    pub(crate) json: Value,
    /// Lines for standard error: what is weak, what to do next.
    pub(crate) notes: Vec<String>,
    /// The exit code.
    pub(crate) code: u8,
}

impl Answer {
    /// Creates the answer of a command that succeeded.
    pub(crate) fn new(page: Page, json: Value) -> Self {
        Self { page, json, notes: Vec::new(), code: SUCCESS }
    }

    /// Sets the exit code.
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// Sets the notes.
    pub(crate) fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }
}

/// A command that could not run: its input cannot be read or used. The exit code is [`UNUSABLE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(String);

impl Failure {
    /// Creates the failure from a sentence that says what came and what to write instead.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Creates the failure of an operation on `name`, with all reasons.
    pub(crate) fn of(name: impl Display, error: &dyn std::error::Error) -> Self {
        Self(format!("{name}: {}", with_sources(error)))
    }
}

/// Returns the message of an error and those of its sources.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        message = format!("{message}: {reason}");
        source = reason.source();
    }
    message
}

/// The token is valid, the password matches, no guard was opened.
pub(crate) const SUCCESS: u8 = 0;
/// The token is not valid, the password does not match, a guard was opened.
pub(crate) const NEGATIVE: u8 = 1;
/// The arguments or the input cannot be used.
pub(crate) const UNUSABLE: u8 = 2;
/// The token was explained, and nothing was verified.
pub(crate) const UNVERIFIED: u8 = 3;
