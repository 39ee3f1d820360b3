//! Writes the claims of a new token, in this order: subject, registered claims, other claims.

use std::borrow::Cow;
use std::fmt;
use std::io::Read as _;

use serde::Serialize;
use serde_json::Value;

use super::requested_scopes::TokenScopes;
use super::scope_limit::ScopeLimit;
use super::{RESERVED, ToClaims, ToValue, TokenKind, UserId};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::json::Strict;

/// The registered claims of a new token.
#[derive(Clone, Copy)]
pub(crate) struct IssuedClaims<'i> {
    pub(crate) expires_at: Timestamp,
    pub(crate) issued_at: Timestamp,
    pub(crate) kind: TokenKind,
    pub(crate) token_id: &'i str,
    pub(crate) session: Option<&'i str>,
    pub(crate) authenticated_at: Option<Timestamp>,
    pub(crate) acr: Option<&'i str>,
    pub(crate) amr: &'i [String],
    pub(crate) pool: Option<&'i str>,
    /// The latest revocation of the user's access tokens that was known when the claims of the user were read.
    pub(crate) claims_since: Option<Timestamp>,
    pub(crate) issuer: Option<&'i str>,
    pub(crate) audience: Option<&'i str>,
    /// The limit for the scopes of the token.
    pub(crate) scopes: TokenScopes<'i>,
}

impl<'i> IssuedClaims<'i> {
    /// Creates the registered claims of a token without a session.
    pub(crate) fn new(
        kind: TokenKind,
        token_id: &'i str,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            expires_at,
            issued_at,
            kind,
            token_id,
            session: None,
            authenticated_at: None,
            acr: None,
            amr: &[],
            pool: None,
            claims_since: None,
            issuer: None,
            audience: None,
            scopes: TokenScopes::AtMost(&[]),
        }
    }
}

/// A writer of one token's claims: the subject once and first, then the others. The code that `#[derive(Claims)]` generates
/// calls it.
pub struct ClaimWriter<'w> {
    json: Vec<u8>,
    subject_claim: &'w str,
    issued: &'w IssuedClaims<'w>,
    limit: Option<ScopeLimit<'w>>,
}

impl<'w> ClaimWriter<'w> {
    /// Creates a writer that appends to `json`, an empty buffer.
    pub(crate) fn new(json: Vec<u8>, subject_claim: &'w str, issued: &'w IssuedClaims<'w>) -> Self {
        Self { json, subject_claim, issued, limit: ScopeLimit::new(issued.scopes) }
    }

    /// Writes the subject, under the name that the token manager chooses, and the registered claims.
    ///
    /// # Errors
    ///
    /// `Invalid(MistypedClaim)` for a subject that is neither an integer nor a string with at least one character,
    /// `Invalid(Subject)` if it is already written.
    pub fn subject<T: ToValue + ?Sized>(&mut self, subject: &T) -> Result<(), TokenError> {
        if !self.json.is_empty() {
            return Err(InvalidReason::Subject.into());
        }
        self.member(self.subject_claim, subject, is_subject)?;
        self.registered()
    }

    /// Writes a claim. A null value, such as `None`, is left out.
    ///
    /// # Errors
    ///
    /// `Invalid(ReservedClaim)` for the name of a registered claim or of the subject, `Invalid(MistypedClaim)` for a value
    /// that JSON cannot represent, `Invalid(Subject)` if the subject is not written yet.
    pub fn claim<T: ToValue + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), TokenError> {
        if self.json.is_empty() {
            return Err(InvalidReason::Subject.into());
        }
        if RESERVED.contains(&name) || name == self.subject_claim {
            return Err(InvalidReason::ReservedClaim(Cow::Owned(name.to_owned())).into());
        }
        self.limited(name, |json| Some(json != b"null"), value)
    }

    /// Records that the claim `name`, which follows, holds scopes: a string with spaces between them, or a list of strings.
    ///
    /// In the token of an [API key](crate::OAuthHandler::create_key) or a session that is limited to scopes, the claim contains
    /// those of its scopes to which the key or the session is limited, and no others. The claims `scope` and `scp` are always limited; `#[claims(scope)]`
    /// declares any other name. Call it where a hand-written [`ToClaims`](super::ToClaims) writes scopes under another name.
    pub fn declare_scopes(&mut self, name: &str) {
        if let Some(limit) = &mut self.limit {
            limit.declare(name);
        }
    }

    /// Writes a claim as serde serializes it. Null is kept, because not every type can be read without it.
    pub(super) fn serialized<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), TokenError> {
        self.limited(name, |json| is_readable(json).then_some(true), value)
    }

    /// Records a claim that the type has and leaves out of this token.
    pub(super) fn left_out(&mut self, name: &str) {
        if let Some(limit) = &mut self.limit {
            limit.find(name);
        }
    }

    /// Writes a claim of the type: if it holds scopes, without those that the limit excludes.
    fn limited<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        stays: impl FnOnce(&[u8]) -> Option<bool>,
        value: &T,
    ) -> Result<(), TokenError> {
        let is_limited = self.limit.as_mut().is_some_and(|limit| limit.find(name));
        match self.limit.as_mut().filter(|_| is_limited) {
            Some(limit) => {
                let granted = limit.granted(name, value)?;
                self.member_if(name, &granted, stays)
            }
            None => self.member_if(name, value, stays),
        }
    }

    /// Returns the name of the subject.
    pub(super) fn subject_claim(&self) -> &'w str {
        self.subject_claim
    }

    /// Returns the value of a registered claim in this token, or null if the token has none.
    pub(super) fn issued(&self, name: &str) -> Value {
        let issued = self.issued;
        match name {
            "iss" => issued.issuer.into(),
            "aud" => issued.audience.into(),
            "sid" => issued.session.into(),
            "auth_time" => issued.authenticated_at.map(Timestamp::seconds).into(),
            "acr" => issued.acr.into(),
            "amr" if !issued.amr.is_empty() => issued.amr.into(),
            "pool" => issued.pool.into(),
            _ => Value::Null,
        }
    }

    /// Returns the complete JSON.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, TokenError> {
        if self.json.is_empty() {
            return Err(InvalidReason::Subject.into());
        }
        self.limit.as_ref().map_or(Ok(()), ScopeLimit::validate)?;
        self.json.push(b'}');
        Ok(self.json)
    }

    /// Returns the subject that these claims write into a token.
    pub(crate) fn subject_of<C: ToClaims + ?Sized>(claims: &C) -> Option<UserId> {
        let first = Timestamp::FIRST_SECOND;
        let issued = IssuedClaims::new(TokenKind::Access, "", first, first);
        let mut writer = ClaimWriter::new(Vec::new(), "", &issued);
        // A claim after the subject may be one that no new token can have, such as the `iss` of another service.
        let _ = claims.write_claims(&mut writer);
        let subject = writer.json.strip_prefix(br#"{"":"#)?;
        serde_json::Deserializer::from_slice(subject).into_iter().next()?.ok()
    }

    fn registered(&mut self) -> Result<(), TokenError> {
        let issued = self.issued;
        self.date(r#","exp":"#, issued.expires_at)?;
        self.date(r#","iat":"#, issued.issued_at)?;
        // A kind contains no characters to escape. An id may come from a store, which must not be able to add claims.
        for part in [r#","type":""#, issued.kind.name(), r#"""#] {
            self.json.extend_from_slice(part.as_bytes());
        }
        self.value(r#","jti":"#, issued.token_id)?;
        if let Some(session) = issued.session {
            self.value(r#","sid":"#, session)?;
        }
        if let Some(authenticated_at) = issued.authenticated_at {
            self.date(r#","auth_time":"#, authenticated_at)?;
        }
        if let Some(acr) = issued.acr {
            self.value(r#","acr":"#, acr)?;
        }
        if !issued.amr.is_empty() {
            self.value(r#","amr":"#, issued.amr)?;
        }
        if let Some(pool) = issued.pool {
            self.value(r#","pool":"#, pool)?;
        }
        if let Some(claims_since) = issued.claims_since {
            self.date(r#","claims_since":"#, claims_since)?;
        }
        if let Some(issuer) = issued.issuer {
            self.value(r#","iss":"#, issuer)?;
        }
        issued.audience.map_or(Ok(()), |audience| self.value(r#","aud":"#, audience))
    }

    fn date(&mut self, name: &str, date: Timestamp) -> Result<(), TokenError> {
        self.value(name, &date.seconds())
    }

    /// Writes a registered claim. `name` is JSON, with the comma before it and the colon after it.
    fn value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), TokenError> {
        self.json.extend_from_slice(name.as_bytes());
        serde_json::to_writer(&mut self.json, value).map_err(|_| TokenError::mistyped(name))
    }

    /// Writes a member. A null value is left out; a value whose JSON is not acceptable is an error.
    fn member<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        is_acceptable: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), TokenError> {
        self.member_if(name, value, |json| is_acceptable(json).then_some(json != b"null"))
    }

    /// Writes a member if `stays` returns true for the JSON of its value. `None` rejects the value.
    fn member_if<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        stays: impl FnOnce(&[u8]) -> Option<bool>,
    ) -> Result<(), TokenError> {
        let start = self.json.len();
        self.json.push(if start == 0 { b'{' } else { b',' });
        let write = |json: &mut Vec<u8>| {
            serde_json::to_writer(&mut *json, name).ok()?;
            json.push(b':');
            let value_start = json.len();
            serde_json::to_writer(&mut *json, value).ok()?;
            stays(json.get(value_start..)?)
        };
        let stays = write(&mut self.json);
        // Remove a partial member, because a claims type may ignore the error.
        if stays != Some(true) {
            self.json.truncate(start);
        }
        stays.map(drop).ok_or_else(|| TokenError::mistyped(name))
    }
}

/// Returns whether this JSON is an integer, or a string with at least one character.
fn is_subject(json: &[u8]) -> bool {
    let is_integer = |digits: &str| digits.parse::<u64>().is_ok() || digits.parse::<i64>().is_ok();
    match json.first() {
        Some(b'"') => json != br#""""#,
        _ => str::from_utf8(json).is_ok_and(is_integer),
    }
}

/// Returns whether the reader accepts this JSON as the value of a claim: no repeated members, and not nested too deep.
fn is_readable(json: &[u8]) -> bool {
    if !matches!(json.first(), Some(b'[' | b'{')) {
        return true;
    }
    // The brackets add the level of the claims object, which the reader counts.
    let nested = b"[".chain(json).chain(&b"]"[..]);
    serde_json::from_reader::<_, Strict<()>>(nested).is_ok()
}

impl fmt::Debug for ClaimWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimWriter").finish_non_exhaustive()
    }
}
