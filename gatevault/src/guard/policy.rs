//! Policies: what a guarded function demands of a caller who is known.
//!
//! A condition is the user's own typed expression; a role or a scope is data, held against the claims here. What
//! was not met is told to the log, word for word, and to the client only as far as it can do something about it.

use std::time::Duration;

use crate::claims::{RoleClaims, ScopeClaims};
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
