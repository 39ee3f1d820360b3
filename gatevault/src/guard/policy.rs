//! Requirements of a guarded function on the claims of a verified caller: roles, scopes and conditions.
//!
//! A condition is a typed expression in the guarded crate; roles and scopes are data that is compared here. The log gets an
//! unmet requirement as written. The client learns only about scopes, which it can request.

use crate::claims::{RoleClaims, ScopeClaims};
use crate::error::{GuardError, Lacking};

/// A requirement on the caller.
#[derive(Debug, Clone, Copy)]
pub enum Requirement {
    /// A condition or a role, as written in the attribute.
    Words(&'static str),
    /// Scopes: all of them, or one of them.
    Scopes {
        /// The argument, as written in the attribute.
        words: &'static str,
        /// The scopes in the argument.
        scopes: &'static [&'static str],
    },
}

impl Requirement {
    /// Returns the denial of a caller who does not meet this.
    pub(super) fn unmet(self) -> GuardError {
        match self {
            Self::Words(words) => GuardError::unauthorized(words),
            Self::Scopes { words, scopes } => GuardError::lacking(words, Lacking::Scope(scopes.join(" "))),
        }
    }
}

/// Returns whether the payload's role, or one of its roles, is one of `roles`.
pub fn has_any_role<P: RoleClaims<R, Form>, R, Form>(payload: &P, roles: &[R]) -> bool {
    roles.iter().any(|role| payload.has_role(role))
}

/// Returns whether the payload has all of `scopes`.
pub fn has_scopes(payload: &impl ScopeClaims, scopes: &[&str]) -> bool {
    scopes.iter().all(|scope| payload.has_scope(scope))
}

/// Returns whether the payload has at least one of `scopes`.
pub fn has_any_scope(payload: &impl ScopeClaims, scopes: &[&str]) -> bool {
    scopes.iter().any(|scope| payload.has_scope(scope))
}
