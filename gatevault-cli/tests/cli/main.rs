//! Runs the command as a person does, and as a script does.

#![cfg(test)]
#![expect(clippy::string_slice, reason = "a slip here fails a test, as it should")]

mod command;
mod guards;
mod guards_words;
mod hostile;
mod hostile_places;
mod issuer;
mod keys;
mod mint;
mod output;
mod passwords;
mod pools;
mod tokens;
mod vectors;
mod verdicts;
