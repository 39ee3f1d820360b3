//! Policies: what a guarded function demands of a caller who is known.
//!
//! A condition is the user's own typed expression; a role or a scope is data, held against the claims here. What
//! was not met is told to the log, word for word, and to the client only as far as it can do something about it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;
use std::time::Duration;

use serde_json::Value;

use crate::claims::{Payload, Verified};
use crate::error::{GuardError, Lacking};

/// What a caller was asked for.
#[derive(Debug, Clone, Copy)]
pub enum Requirement {
    /// A condition or a role, in the words of the source.
    Words(&'static str),
    /// Scopes, every one or one of several, in the words of the source.
    Scopes {
        /// The argument of the attribute.
        words: &'static str,
        /// The scopes it names.
        scopes: &'static [&'static str],
    },
    /// A token that was issued no longer ago than this.
    MaxAge(Duration),
}

impl Requirement {
    /// The denial of a caller who does not meet this.
    pub(super) fn unmet(self) -> GuardError {
        match self {
            Self::Words(words) => GuardError::unauthorized(words),
            Self::Scopes { words, scopes } => GuardError::lacking(words, Lacking::Scope(scopes.join(" "))),
            Self::MaxAge(max_age) => {
                GuardError::lacking("the token was issued too long ago", Lacking::Freshness { max_age })
            }
        }
    }
}

/// Claims with a role: `#[derive(Claims)]` makes them of a field marked `#[claims(role)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no role",
    label = "no field holds a role",
    note = "mark the field that holds the role with `#[claims(role)]`; for claims in `Serde`, write \
            `require = payload.role == ..`"
)]
pub trait RoleClaims<R> {
    /// Whether the role is this one.
    fn has_role(&self, role: &R) -> bool;
}

/// A field that holds a role, which is compared as what it is.
#[diagnostic::on_unimplemented(
    message = "this cannot be compared with the role, which is a `{Self}`",
    label = "cannot be compared with a `{Self}`",
    note = "write a value of the type `{Self}`, and put `#[derive(PartialEq)]` on that type if it has none"
)]
pub trait Role<R>: PartialEq<R> {}

#[diagnostic::do_not_recommend]
impl<F: PartialEq<R>, R> Role<R> for F {}

/// Claims with scopes: `#[derive(Claims)]` makes them of a field marked `#[claims(scope)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no scopes",
    label = "no field holds scopes",
    note = "mark the field that holds the scopes with `#[claims(scope)]`; for claims in `Serde`, write \
            `require = payload.scope.grants(..)`"
)]
pub trait ScopeClaims {
    /// Whether this scope was granted.
    fn has_scope(&self, scope: &str) -> bool;
}

/// The dynamic form has its role, a text, in the claim `role`.
impl RoleClaims<&str> for Payload {
    fn has_role(&self, role: &&str) -> bool {
        self["role"].as_str() == Some(*role)
    }
}

/// The dynamic form has its scopes in the claim `scope`: a text (RFC 8693 section 4.2) or a list of texts.
impl ScopeClaims for Payload {
    fn has_scope(&self, scope: &str) -> bool {
        match &self["scope"] {
            Value::String(scopes) => scopes.grants(scope),
            Value::Array(scopes) => scopes.iter().any(|granted| granted == scope),
            _ => false,
        }
    }
}

/// A field that holds scopes: a text with spaces between them (RFC 6749 section 3.3), or a collection of texts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold scopes",
    label = "not a text or a collection of texts",
    note = "hold scopes in a `String` with spaces between them, or in a `Vec<String>`"
)]
pub trait Scopes {
    /// Whether this scope is among them.
    fn grants(&self, scope: &str) -> bool;
}

macro_rules! texts_with_spaces {
    ($($text:ty),+) => {
        $(impl Scopes for $text {
            fn grants(&self, scope: &str) -> bool {
                !scope.is_empty() && self.split(' ').any(|granted| granted == scope)
            }
        })+
    };
}
texts_with_spaces!(str, &str, String, Cow<'_, str>);

macro_rules! collections_of_texts {
    ($({$($generics:tt)*} $collection:ty),+) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($generics)*> Scopes for $collection {
            fn grants(&self, scope: &str) -> bool {
                self.iter().any(|granted| granted.as_ref() == scope)
            }
        })+
    };
}
collections_of_texts!(
    {T: AsRef<str>} [T],
    {T: AsRef<str>} Vec<T>,
    {T: AsRef<str>} BTreeSet<T>,
    {T: AsRef<str>, S: BuildHasher} HashSet<T, S>
);

#[diagnostic::do_not_recommend]
impl<T: Scopes> Scopes for Option<T> {
    fn grants(&self, scope: &str) -> bool {
        self.as_ref().is_some_and(|scopes| scopes.grants(scope))
    }
}

#[diagnostic::do_not_recommend]
impl<C: RoleClaims<R>, R> RoleClaims<R> for Verified<C> {
    fn has_role(&self, role: &R) -> bool {
        C::has_role(self, role)
    }
}

#[diagnostic::do_not_recommend]
impl<C: ScopeClaims> ScopeClaims for Verified<C> {
    fn has_scope(&self, scope: &str) -> bool {
        C::has_scope(self, scope)
    }
}

/// Whether the payload's role is one of `roles`.
pub fn has_any_role<P: RoleClaims<R>, R>(payload: &P, roles: &[R]) -> bool {
    roles.iter().any(|role| payload.has_role(role))
}

/// Whether the payload was granted every one of `scopes`.
pub fn has_scopes(payload: &impl ScopeClaims, scopes: &[&str]) -> bool {
    scopes.iter().all(|scope| payload.has_scope(scope))
}

/// Whether the payload was granted one of `scopes`.
pub fn has_any_scope(payload: &impl ScopeClaims, scopes: &[&str]) -> bool {
    scopes.iter().any(|scope| payload.has_scope(scope))
}
