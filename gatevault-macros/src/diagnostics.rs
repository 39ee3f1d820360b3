//! Refusals: each stands on the words to change and says what to write instead.

use std::fmt::Display;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Error, Result};

/// A refusal of `words`; there is no way to write one without a place.
pub(crate) fn refuse(words: impl ToTokens, message: impl Display) -> Error {
    Error::new_spanned(words, message)
}

/// Everything that was refused in one item, so that all of it is reported at once.
#[derive(Default)]
pub(crate) struct Refusals(Option<Error>);

impl Refusals {
    pub(crate) fn add(&mut self, refusal: Error) {
        match &mut self.0 {
            Some(earlier) => earlier.combine(refusal),
            None => self.0 = Some(refusal),
        }
    }

    /// What was read, if it was not refused.
    pub(crate) fn hear<T>(&mut self, outcome: Result<T>) -> Option<T> {
        outcome.map_err(|refusal| self.add(refusal)).ok()
    }

    /// Whether nothing was refused, and what was.
    pub(crate) fn into_result(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }

    /// The `compile_error!`s to emit, where there was a refusal.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(Error::into_compile_error)
    }
}

/// The refusal of a name that is none of the `known`.
pub(crate) fn unknown(name: &Ident, kind: &str, known: &[&str]) -> Error {
    let remedy = match nearest(name, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("expected `{}`", known.join("`, `")),
    };
    refuse(name, format!("unknown {kind} `{name}`: {remedy}"))
}

/// The one of the `known` names that a typo could have turned into `name`.
pub(crate) fn nearest<'k>(name: &Ident, known: &[&'k str]) -> Option<&'k str> {
    let differences = known.iter().map(|candidate| (difference(&name.to_string(), candidate), *candidate));
    let (_, nearest) = differences.filter(|(difference, _)| *difference <= 2).min()?;
    Some(nearest)
}

/// How many characters are left between what both names begin and end with: 2 for two letters swapped.
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
