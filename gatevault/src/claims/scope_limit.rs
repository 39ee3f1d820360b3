//! The scopes to which an API key, a session or the request of a client limits a token.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::requested_scopes::TokenScopes;
use crate::error::{InvalidReason, TokenError};

/// A limit for the claims of one token: those that hold scopes keep only the scopes of the limit.
pub(super) struct ScopeLimit<'l> {
    scopes: &'l [String],
    /// Set if the claims must have each scope of the limit.
    needs_all: bool,
    /// The scopes of the limit that the claims so far have.
    kept: Vec<String>,
    /// The names of claims that hold scopes, beside [`ALWAYS`].
    declared: Vec<String>,
    /// The names of the claims so far that hold no scopes.
    others: Vec<String>,
    /// The first claim that was declared after it was written, with all of its scopes.
    late: Option<String>,
    /// Set if the claims have scopes.
    is_found: bool,
}

/// The names of claims that always hold scopes (RFC 8693 section 4.2; `scp` is the name in tokens of Microsoft). A guard without a
/// payload reads `scope` from any token.
const ALWAYS: [&str; 2] = ["scope", "scp"];

impl<'l> ScopeLimit<'l> {
    /// Creates a limit, or `None` if there is none.
    pub(super) fn new(limit: TokenScopes<'l>) -> Option<Self> {
        let (scopes, needs_all) = match limit {
            TokenScopes::AtMost([]) => return None,
            TokenScopes::AtMost(scopes) => (scopes, false),
            TokenScopes::Exactly(scopes) => (scopes, true),
        };
        let (kept, declared, others) = (Vec::new(), Vec::new(), Vec::new());
        Some(Self { scopes, needs_all, kept, declared, others, late: None, is_found: false })
    }

    pub(super) fn declare(&mut self, name: &str) {
        if self.others.iter().any(|written| written == name) {
            self.late.get_or_insert_with(|| name.to_owned());
        }
        self.declared.push(name.to_owned());
    }

    /// Returns whether the claim holds scopes, and records that there is one.
    pub(super) fn find(&mut self, name: &str) -> bool {
        let holds_scopes = ALWAYS.contains(&name) || self.declared.iter().any(|declared| declared == name);
        self.is_found |= holds_scopes;
        if !holds_scopes {
            self.others.push(name.to_owned());
        }
        holds_scopes
    }

    /// Returns the scopes of the claim that the limit grants, in the form that the claim has.
    pub(super) fn granted<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<Value, TokenError> {
        match serde_json::to_value(value).map_err(|_| TokenError::mistyped(name))? {
            Value::Null => Ok(Value::Null),
            Value::String(scopes) => {
                let granted: Vec<_> = scopes.split(' ').filter(|scope| self.keeps(scope)).collect();
                Ok(granted.join(" ").into())
            }
            Value::Array(mut scopes) => {
                scopes.retain(|scope| scope.as_str().is_some_and(|scope| self.keeps(scope)));
                Ok(scopes.into())
            }
            _ => Err(InvalidReason::UnlimitedScopes(Cow::Owned(name.to_owned())).into()),
        }
    }

    /// Rejects claims that were written before they were declared, that lack a required scope, or that have no scopes at all: the
    /// limit would mean nothing to the guards that they meet.
    pub(super) fn validate(&self) -> Result<(), TokenError> {
        if let Some(late) = &self.late {
            return Err(InvalidReason::UnlimitedScopes(Cow::Owned(late.clone())).into());
        }
        if self.needs_all && !self.scopes.iter().all(|scope| self.kept.contains(scope)) {
            return Err(InvalidReason::ScopeNotGranted.into());
        }
        if self.is_found { Ok(()) } else { Err(InvalidReason::NoScopes.into()) }
    }

    /// Returns whether the limit grants a scope of the claims, and records it.
    fn keeps(&mut self, scope: &str) -> bool {
        let Some(granted) = self.scopes.iter().find(|granted| *granted == scope) else { return false };
        if !self.kept.contains(granted) {
            self.kept.push(granted.clone());
        }
        true
    }
}
