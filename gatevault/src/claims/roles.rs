//! Roles and scopes in claims, which guards compare with what a function requires.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

use serde_json::Value;

use super::{Payload, Verified};

/// Compares the role of the claims. `#[derive(Claims)]` implements it for a struct with a field `#[claims(role)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no role",
    label = "no field is marked as the role",
    note = "put `#[claims(role)]` on the field that holds the role; for a payload in `gatevault::claims::Serde`, write \
            `require = payload.role == ..` instead"
)]
pub trait RoleClaims<R> {
    /// Returns whether the role is this one.
    fn has_role(&self, role: &R) -> bool;
}

/// Marks the type of a role field, which is compared with the roles of a guard by `==`.
#[diagnostic::on_unimplemented(
    message = "the role field has type `{Self}`, which cannot be compared with this value",
    label = "not comparable with `{Self}`",
    note = "write a value of type `{Self}`, and derive `PartialEq` for that type"
)]
pub trait Role<R>: PartialEq<R> {}

#[diagnostic::do_not_recommend]
impl<F: PartialEq<R>, R> Role<R> for F {}

/// Searches the scopes of the claims. `#[derive(Claims)]` implements it for a struct with a field `#[claims(scope)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no scopes",
    label = "no field is marked as the scopes",
    note = "put `#[claims(scope)]` on the field that holds the scopes; for a payload in `gatevault::claims::Serde`, write \
            `require = payload.scope.grants(..)` instead"
)]
pub trait ScopeClaims {
    /// Returns whether this scope was granted.
    fn has_scope(&self, scope: &str) -> bool;
}

/// The role is the claim `role`, a string.
impl RoleClaims<&str> for Payload {
    fn has_role(&self, role: &&str) -> bool {
        self["role"].as_str() == Some(*role)
    }
}

/// The scopes are the claim `scope`: a string (RFC 8693 section 4.2) or a list of strings.
impl ScopeClaims for Payload {
    fn has_scope(&self, scope: &str) -> bool {
        match &self["scope"] {
            Value::String(scopes) => scopes.grants(scope),
            Value::Array(scopes) => scopes.iter().any(|granted| granted == scope),
            _ => false,
        }
    }
}

/// Searches a scope field: a string of scopes separated by spaces (RFC 6749 section 3.3), or a collection of strings.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold scopes",
    label = "not a string or a collection of strings",
    note = "use a `String` with spaces between the scopes, or a `Vec<String>`"
)]
pub trait Scopes {
    /// Returns whether this scope is among them.
    fn grants(&self, scope: &str) -> bool;
}

macro_rules! strings_with_spaces {
    ($($string:ty),+) => {
        $(impl Scopes for $string {
            fn grants(&self, scope: &str) -> bool {
                !scope.is_empty() && self.split(' ').any(|granted| granted == scope)
            }
        })+
    };
}
strings_with_spaces!(str, &str, String, Cow<'_, str>);

macro_rules! collections_of_strings {
    ($({$($generics:tt)*} $collection:ty),+) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($generics)*> Scopes for $collection {
            fn grants(&self, scope: &str) -> bool {
                self.iter().any(|granted| granted.as_ref() == scope)
            }
        })+
    };
}
collections_of_strings!(
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
