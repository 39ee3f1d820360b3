//! The scopes that a client requests for a token, and the limit that follows from them.

use std::collections::BTreeSet;
use std::fmt;

use super::roles::is_scope;
use crate::error::InvalidReason;

/// The scopes that a client requests: at least one, and each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestedScopes(Vec<String>);

/// The limit for the scopes in the claims of a new token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenScopes<'s> {
    /// The claims keep those of their scopes that are among these. Empty: no limit.
    AtMost(&'s [String]),
    /// The claims must have all of these, and keep no others.
    Exactly(&'s [String]),
}

impl RequestedScopes {
    /// Parses scopes with one space between them (RFC 6749 section 3.3). Returns `None` for any other text.
    pub(crate) fn parse(scopes: &str) -> Option<Self> {
        // A form has room for thousands of scopes, and is not authenticated yet.
        let mut earlier = BTreeSet::new();
        let scopes: Vec<_> = scopes.split(' ').filter(|scope| earlier.insert(*scope)).collect();
        let are_scopes = scopes.iter().all(|scope| is_scope(scope));
        are_scopes.then(|| Self(scopes.into_iter().map(str::to_owned).collect()))
    }

    /// Returns the scopes, in the order of the request.
    pub(crate) fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }
}

impl<'s> TokenScopes<'s> {
    /// Returns the limit of a token in a session that is limited to `granted`, which is empty without a limit.
    ///
    /// # Errors
    ///
    /// [`InvalidReason::ScopeNotGranted`] if the client requests a scope that the session does not have.
    pub(crate) fn new(
        granted: &'s [String],
        requested: Option<&'s RequestedScopes>,
    ) -> Result<Self, InvalidReason> {
        match requested {
            None => Ok(Self::AtMost(granted)),
            Some(requested)
                if granted.is_empty() || requested.0.iter().all(|scope| granted.contains(scope)) =>
            {
                Ok(Self::Exactly(&requested.0))
            }
            Some(_) => Err(InvalidReason::ScopeNotGranted),
        }
    }
}

/// Writes the scopes with spaces between them.
impl fmt::Display for RequestedScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_words_with_one_space_between_them() {
        for (given, parsed) in
            [("a", "a"), ("a b", "a b"), ("b a b", "b a"), ("notes:read a,b", "notes:read a,b")]
        {
            assert_eq!(RequestedScopes::parse(given).unwrap().to_string(), parsed);
        }
        for given in ["", " ", " a", "a ", "a  b", "a\tb", "a\nb", "a\"b", "a\\b", "\u{e4}", "a\0", "a\u{7f}"]
        {
            assert_eq!(RequestedScopes::parse(given), None, "{given:?}");
        }
    }

    #[test]
    fn a_request_is_limited_to_the_scopes_of_the_session_if_it_has_any() {
        let [none, some] = [vec![], vec!["a".to_owned(), "b".to_owned()]];
        let requested = ["a", "a b", "c"].map(|scopes| RequestedScopes::parse(scopes).unwrap());
        for requested in &requested {
            assert!(matches!(TokenScopes::new(&none, Some(requested)), Ok(TokenScopes::Exactly(_))));
        }
        let is_granted = |requested| TokenScopes::new(&some, Some(requested)).is_ok();
        assert_eq!(requested.each_ref().map(is_granted), [true, true, false]);
        assert!(matches!(TokenScopes::new(&some, None), Ok(TokenScopes::AtMost([_, _]))));
    }
}
