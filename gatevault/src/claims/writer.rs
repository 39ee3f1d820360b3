//! The claims of a new token, in the order of the wire: subject, registered claims, own claims.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::{RESERVED, ToValue, TokenKind};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};

/// The registered claims of a token that is being made.
pub(crate) struct IssuedClaims<'i> {
    pub(crate) expires_at: Timestamp,
    pub(crate) issued_at: Timestamp,
    pub(crate) kind: TokenKind,
    pub(crate) token_id: &'i str,
    pub(crate) issuer: Option<&'i str>,
    pub(crate) audience: Option<&'i str>,
}

/// Writes the claims of one token; what `#[derive(Claims)]` calls: the subject once and first, then the others.
pub struct ClaimWriter<'w> {
    json: Vec<u8>,
    subject_claim: &'w str,
    issued: &'w IssuedClaims<'w>,
}

impl<'w> ClaimWriter<'w> {
    pub(crate) fn new(subject_claim: &'w str, issued: &'w IssuedClaims<'w>) -> Self {
        Self { json: Vec::with_capacity(256), subject_claim, issued }
    }

    /// Writes the subject under the name that the token manager gives it.
    ///
    /// # Errors
    ///
    /// `Invalid(MistypedClaim)` for what is neither a whole number nor a text that is not empty,
    /// `Invalid(Subject)` when it is written a second time.
    pub fn subject<T: ToValue + ?Sized>(&mut self, subject: &T) -> Result<(), TokenError> {
        if !self.json.is_empty() {
            return Err(InvalidReason::Subject.into());
        }
        let name = self.subject_claim;
        let value = serde_json::to_value(subject).map_err(|_| TokenError::mistyped(name))?;
        if !(value.is_i64() || value.is_u64() || value.as_str().is_some_and(|id| !id.is_empty())) {
            return Err(TokenError::mistyped(name));
        }
        self.member(name, &value)?;
        self.registered()
    }

    /// Writes a claim; a value that is null, such as `None`, is left out.
    ///
    /// # Errors
    ///
    /// `Invalid(ReservedClaim)` for the name of a registered claim or of the subject, `Invalid(MistypedClaim)`
    /// for a value that JSON cannot hold, `Invalid(Subject)` when no subject was written before.
    pub fn claim<T: ToValue + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), TokenError> {
        if self.json.is_empty() {
            return Err(InvalidReason::Subject.into());
        }
        if RESERVED.contains(&name) || name == self.subject_claim {
            return Err(InvalidReason::ReservedClaim(Cow::Owned(name.to_owned())).into());
        }
        self.member(name, value)
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, TokenError> {
        if self.json.is_empty() {
            return Err(InvalidReason::Subject.into());
        }
        self.json.push(b'}');
        Ok(self.json)
    }

    fn registered(&mut self) -> Result<(), TokenError> {
        let issued = self.issued;
        self.member("exp", &issued.expires_at.seconds())?;
        self.member("iat", &issued.issued_at.seconds())?;
        self.member("type", issued.kind.name())?;
        self.member("jti", issued.token_id)?;
        self.member("iss", &issued.issuer)?;
        self.member("aud", &issued.audience)
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), TokenError> {
        let start = self.json.len();
        self.json.push(if start == 0 { b'{' } else { b',' });
        let write = |json: &mut Vec<u8>| {
            serde_json::to_writer(&mut *json, name)?;
            json.push(b':');
            let value_start = json.len();
            serde_json::to_writer(&mut *json, value)?;
            Ok::<_, serde_json::Error>(json.get(value_start..) == Some(b"null"))
        };
        let is_null = write(&mut self.json);
        // Half a member must not stay, even where a claims type swallows the error.
        if !matches!(is_null, Ok(false)) {
            self.json.truncate(start);
        }
        is_null.map(drop).map_err(|_| TokenError::mistyped(name))
    }
}

impl fmt::Debug for ClaimWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimWriter").finish_non_exhaustive()
    }
}
