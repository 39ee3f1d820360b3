//! Compile errors: each is reported at the words to change and says what to write instead.

use std::fmt::Display;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Error, Result};

/// Creates an error at `words`. An error without a place cannot be created.
pub(crate) fn error(words: impl ToTokens, message: impl Display) -> Error {
    Error::new_spanned(words, message)
}

/// The errors of one item, collected so that the compiler reports all of them at once.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds an error.
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(earlier) => earlier.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Returns the value of `result`, or collects its error.
    pub(crate) fn ok_or_collect<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Returns the collected errors as one error.
    pub(crate) fn into_result(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }

    /// Returns the `compile_error!` calls to emit, or `None` if there are no errors.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(Error::into_compile_error)
    }
}

/// Creates the error for a name that is not one of the `known` names.
pub(crate) fn unknown(name: &Ident, kind: &str, known: &[&str]) -> Error {
    let remedy = match nearest(name, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("expected `{}`", known.join("`, `")),
    };
    error(name, format!("unknown {kind} `{name}`: {remedy}"))
}

/// Returns the known name that `name` is probably a misspelling of.
pub(crate) fn nearest<'k>(name: &Ident, known: &[&'k str]) -> Option<&'k str> {
    let differences = known.iter().map(|candidate| (difference(&name.to_string(), candidate), *candidate));
    let (_, nearest) = differences.filter(|(difference, _)| *difference <= 2).min()?;
    Some(nearest)
}

/// Counts the characters between the common prefix and the common suffix of two names: 2 for two swapped letters.
fn difference(one: &str, other: &str) -> usize {
    let alike = |(one, other): &(char, char)| one == other;
    let prefix = one.chars().zip(other.chars()).take_while(alike).count();
    let rest = |name: &str| name.chars().skip(prefix).collect::<Vec<_>>();
    let (one, other) = (rest(one), rest(other));
    let suffix = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    one.len().max(other.len()).saturating_sub(suffix)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_typo_is_a_small_difference() {
        assert_eq!(difference("requier", "require"), 2);
        assert_eq!(difference("requires", "require"), 1);
        assert_eq!(difference("gat", "gate"), 1);
        assert!(difference("roles", "gate") > 2);
    }
}
