//! Roles and scopes in claims, which guards compare with what a function requires.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

use serde_json::Value;

use super::{Payload, Verified};

/// Compares the role of the claims. `#[derive(Claims)]` implements it for a struct with a field `#[claims(role)]`.
///
/// `Form` distinguishes a field with one role from a collection of roles. The compiler infers it at a guard; generic code
/// writes `C: RoleClaims<Role>` for claims with one role.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no role",
    label = "no field is marked as the role",
    note = "put `#[claims(role)]` on the field that holds the role; for a payload in `gatevault::claims::Serde`, write \
            `require = payload.role == ..` instead"
)]
pub trait RoleClaims<R, Form = OneRole> {
    /// Returns whether the role is this one, or the roles contain it.
    fn has_role(&self, role: &R) -> bool;
}

/// The form of a role field with one role.
#[derive(Debug, Clone, Copy)]
pub struct OneRole;

/// The form of a role field that is a collection of roles.
#[derive(Debug, Clone, Copy)]
pub struct SeveralRoles;

/// Compares a role field with a role of a guard by `==`: the field itself, or each element of a collection.
#[diagnostic::on_unimplemented(
    message = "the role field has type `{Self}`, which cannot be compared with this value",
    label = "not comparable with `{Self}`",
    note = "write a value of type `{Self}`, or of its elements if it is a collection, and derive `PartialEq` for that type"
)]
pub trait RoleField<R, Form> {
    /// Returns whether the field is this role, or contains it.
    fn holds(&self, role: &R) -> bool;
}

#[diagnostic::do_not_recommend]
impl<F: PartialEq<R>, R> RoleField<R, OneRole> for F {
    #[inline]
    fn holds(&self, role: &R) -> bool {
        self == role
    }
}

macro_rules! collections_of_roles {
    ($({$($generics:tt)*} $collection:ty),+) => {
        $(#[diagnostic::do_not_recommend]
        impl<F: PartialEq<R>, R, $($generics)*> RoleField<R, SeveralRoles> for $collection {
            fn holds(&self, role: &R) -> bool {
                self.iter().any(|held| held == role)
            }
        })+
    };
}
collections_of_roles!(
    {} Vec<F>,
    {} Box<[F]>,
    {const N: usize} [F; N],
    {} BTreeSet<F>,
    {S: BuildHasher} HashSet<F, S>
);

/// `None` is no role at all.
#[diagnostic::do_not_recommend]
impl<F: RoleField<R, Form>, R, Form> RoleField<R, Option<Form>> for Option<F> {
    fn holds(&self, role: &R) -> bool {
        self.as_ref().is_some_and(|field| field.holds(role))
    }
}

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

/// The role is the claim `role`: a string, or a list of strings.
impl RoleClaims<&str> for Payload {
    fn has_role(&self, role: &&str) -> bool {
        grants_role(&self["role"], role)
    }
}

/// The scopes are the claim `scope`: a string (RFC 8693 section 4.2) or a list of strings.
impl ScopeClaims for Payload {
    fn has_scope(&self, scope: &str) -> bool {
        grants_scope(&self["scope"], scope)
    }
}

/// Returns whether the JSON of a role grants `role`.
pub(super) fn grants_role(granted: &Value, role: &str) -> bool {
    match granted {
        Value::String(granted) => granted == role,
        Value::Array(roles) => roles.iter().any(|granted| granted == role),
        _ => false,
    }
}

/// Returns whether the JSON of scopes grants `scope`.
pub(super) fn grants_scope(granted: &Value, scope: &str) -> bool {
    match granted {
        Value::String(scopes) => scopes.grants(scope),
        Value::Array(scopes) => scopes.iter().any(|granted| granted == scope),
        _ => false,
    }
}

/// Returns whether `scope` is a `scope-token` of RFC 6749 section 3.3.
pub(crate) fn is_scope(scope: &str) -> bool {
    !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
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
impl<C: RoleClaims<R, Form>, R, Form> RoleClaims<R, Form> for Verified<C> {
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
