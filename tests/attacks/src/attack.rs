//! An attack: a category with its source, and one input of it with the verdict.

use gatevault::Algorithm;
use gatevault_tests::Outline;

use crate::forge::{Members, message, signed, with_claims};

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
    /// The verdict on it as a token of its kind.
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
#[derive(Debug)]
pub(crate) struct Attacks {
    pub(crate) list: Vec<Attack>,
    claims: Members,
}

impl Attacks {
    /// Creates an empty list of attacks with tokens that have these claims, unless their claims are the attack.
    pub(crate) fn new(claims: Members) -> Self {
        Self { list: Vec::new(), claims }
    }

    /// Returns the claims of a valid token.
    pub(crate) fn claims(&self) -> Members {
        self.claims.clone()
    }

    /// Creates a valid token.
    pub(crate) fn good(&self, algorithm: Algorithm) -> String {
        with_claims(algorithm, self.claims.json())
    }

    /// Creates a token with this header and good claims, signed with the key of an algorithm.
    pub(crate) fn with_header(&self, algorithm: Algorithm, header: impl AsRef<[u8]>) -> String {
        signed(algorithm, &message(header, self.claims.json()))
    }

    pub(crate) fn add(
        &mut self,
        category: Category,
        name: impl Into<String>,
        token: impl Into<String>,
        refusal: impl Into<Outline>,
    ) {
        self.list.push(Attack { category, name: name.into(), token: token.into(), refusal: refusal.into() });
    }
}
