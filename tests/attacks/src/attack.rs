//! An attack: a category with its source, and one input of it with the verdict.

use gatevault_tests::Outline;

/// A kind of attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category {
    /// What is tried.
    pub name: &'static str,
    /// The specification that forbids it, or the advisory of a library that allowed it.
    pub source: &'static str,
}

/// A hostile token.
#[derive(Debug, Clone)]
pub struct Attack {
    /// Its category.
    pub category: Category,
    /// What distinguishes it from the others of its category.
    pub name: String,
    /// The token.
    pub token: String,
    /// The verdict on it as an access token.
    pub refusal: Outline,
}

/// A hostile stored hash. No password matches it.
#[derive(Debug, Clone)]
pub struct Hash {
    /// Its category.
    pub category: Category,
    /// The stored hash.
    pub stored: String,
}

/// A list of attacks under construction.
#[derive(Debug, Default)]
pub(crate) struct Attacks(pub(crate) Vec<Attack>);

impl Attacks {
    pub(crate) fn add(
        &mut self,
        category: Category,
        name: impl Into<String>,
        token: impl Into<String>,
        refusal: impl Into<Outline>,
    ) {
        self.0.push(Attack { category, name: name.into(), token: token.into(), refusal: refusal.into() });
    }
}
