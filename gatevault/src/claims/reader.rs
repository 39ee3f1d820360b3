//! Reads a token's claims in one pass: registered claims are collected, the others go to the claims type.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::flat::Flat;
use super::names::Names;
use super::registered::{UNDECIDING, fill};
use super::serde_reader::RegisteredValue;
use super::value::AbsentClaim;
use super::{FromClaims, FromValue, RawRegistered, UserId};
use crate::error::{DecodeReason, InvalidReason, Segment, TokenError};
use crate::json::{JsonStr, Strict, fault};

/// A reader of one token's claims, member by member. The code that `#[derive(Claims)]` generates calls it.
pub struct ClaimReader<'t, 'r, A> {
    members: A,
    subject_claim: &'r str,
    state: &'r mut ParseState<'t>,
}

/// The state of one pass over the claims: the registered claims, and errors. It is large, so it is never moved.
#[derive(Default)]
pub(crate) struct ParseState<'t> {
    pub(crate) registered: RawRegistered<'t>,
    /// The names of the other claims, to detect duplicates in the fast pass. The strict pass detects them itself.
    names: Option<Names<'t>>,
    /// The member whose value is being read, for the error of the strict pass; empty between members.
    current: Option<Cow<'t, str>>,
    /// The error, if the parser's own error is not specific enough.
    error: Option<TokenError>,
    /// A registered claim failed to parse. Sticky, so that a claims type cannot swallow the error.
    failed: bool,
    /// The token is of another issuer, which may write claims that decide nothing in a form of its own.
    is_foreign: bool,
}

impl<'t> ParseState<'t> {
    /// Creates the state before the first claim.
    pub(crate) fn new(is_foreign: bool) -> Self {
        Self { is_foreign, ..Self::default() }
    }

    /// Reads the JSON of a token's claims.
    ///
    /// The inner error is a missing claim of the claims type. The registered claims are complete then, and their validation
    /// takes precedence: an expired token is reported as expired.
    pub(crate) fn read<C: FromClaims<'t>>(
        &mut self,
        json: &'t str,
        subject_claim: &str,
    ) -> Result<Result<C, TokenError>, TokenError> {
        match self.read_flat(json, subject_claim) {
            Some(claims) => Ok(Ok(claims)),
            None => self.read_strict(json, subject_claim),
        }
    }

    /// Reads simple, valid claims with the fast parser. `None` means that the strict pass must decide.
    fn read_flat<C: FromClaims<'t>>(&mut self, json: &'t str, subject_claim: &str) -> Option<C> {
        let mut members = Flat::open(json)?;
        self.names = Some(Names::default());
        let claims =
            C::read_claims(&mut ClaimReader { members: &mut members, subject_claim, state: self }).ok()?;
        (members.is_closed() && !self.failed && self.error.is_none()).then_some(claims)
    }

    /// Reads any claims with `serde_json` and determines the error: first of the JSON, then of the claims.
    fn read_strict<C: FromClaims<'t>>(
        &mut self,
        json: &'t str,
        subject_claim: &str,
    ) -> Result<Result<C, TokenError>, TokenError> {
        serde_json::from_str::<Strict<()>>(json)
            .map_err(|_| TokenError::Decode(fault(json.as_bytes(), Segment::Claims)))?;
        *self = Self { current: Some(Cow::Borrowed("")), ..Self::new(self.is_foreign) };
        let mut parser = serde_json::Deserializer::from_str(json);
        let visitor = ClaimsVisitor { subject_claim, state: self, claims: PhantomData };
        let claims = parser.deserialize_map(visitor);
        let is_complete = parser.end().is_ok() && !self.failed;
        let current = self.current.take().unwrap_or_default();
        match (claims, self.error.take()) {
            (Ok(claims), None) if is_complete => Ok(Ok(claims)),
            (Err(_), Some(error)) if is_complete && is_found_last(&error) => Ok(Err(error)),
            (Err(error), None) if error.is_data() && !current.is_empty() => {
                Err(TokenError::mistyped(&current))
            }
            (_, Some(error)) if !is_found_last(&error) => Err(error),
            _ => Err(TokenError::Decode(DecodeReason::Json(Segment::Claims))),
        }
    }
}

/// Returns whether this error is found only after all claims were read, so that the registered claims are validated first.
fn is_found_last(error: &TokenError) -> bool {
    matches!(error, TokenError::Invalid(InvalidReason::MissingClaim(_) | InvalidReason::Claims(_)))
}

/// Requires an object and passes its members to the claims type.
struct ClaimsVisitor<'t, 'r, C> {
    subject_claim: &'r str,
    state: &'r mut ParseState<'t>,
    claims: PhantomData<C>,
}

impl<'t, C: FromClaims<'t>> Visitor<'t> for ClaimsVisitor<'t, '_, C> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }
    fn visit_map<A: MapAccess<'t>>(self, members: A) -> Result<C, A::Error> {
        C::read_claims(&mut ClaimReader { members, subject_claim: self.subject_claim, state: self.state })
    }
}

impl<'t, A: MapAccess<'t>> ClaimReader<'t, '_, A> {
    /// Returns the name of the next claim that is not registered, or `None` at the end. It never returns a name twice.
    ///
    /// # Errors
    ///
    /// If the JSON is malformed, a claim is a duplicate, or a registered claim has the wrong type.
    pub fn next_name(&mut self) -> Result<Option<Cow<'t, str>>, A::Error> {
        while let Some((name, is_registered)) = self.next_member()? {
            if !is_registered {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Returns the name of the next claim, registered or not, and whether its value was read because it is registered.
    #[inline]
    pub(super) fn next_member(&mut self) -> Result<Option<(Cow<'t, str>, bool)>, A::Error> {
        let Some(JsonStr(name)) = self.members.next_key()? else {
            self.state.current = self.state.current.take().map(|_| Cow::Borrowed(""));
            return Ok(None);
        };
        if let Some(current) = &mut self.state.current {
            current.clone_from(&name);
        }
        let is_registered = self.read_registered(&name).inspect_err(|_| self.state.failed = true)?;
        if !is_registered {
            self.check_duplicate(&name).inspect_err(|_| self.state.failed = true)?;
        }
        Ok(Some((name, is_registered)))
    }

    /// Reads the value of `name` if it is the subject or a registered claim. Returns whether it is.
    #[inline]
    fn read_registered(&mut self, name: &str) -> Result<bool, A::Error> {
        if name == self.subject_claim {
            return fill(&mut self.state.registered.subject, &mut self.members);
        }
        // The fast pass leaves unexpected forms to the strict one.
        if self.state.is_foreign && self.state.current.is_some() && UNDECIDING.contains(&name) {
            return self.state.registered.read_any_form(name, &mut self.members).map(|()| true);
        }
        self.state.registered.read(name, &mut self.members)
    }

    /// Returns an error for a duplicate name, in the fast pass only.
    #[inline]
    fn check_duplicate(&mut self, name: &Cow<'t, str>) -> Result<(), A::Error> {
        let is_new = match (&mut self.state.names, name) {
            (None, _) => true,
            (Some(names), Cow::Borrowed(name)) => names.add(name).is_some(),
            (Some(_), Cow::Owned(_)) => false,
        };
        if is_new { Ok(()) } else { Err(de::Error::custom("duplicate claim, or too many claims")) }
    }

    /// Reads the value of the last name into `slot`.
    ///
    /// # Errors
    ///
    /// If the value has another type.
    pub fn read<T: FromValue<'t>>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        *slot = Some(self.members.next_value()?);
        Ok(())
    }

    /// Reads the value of the last name with a seed.
    pub(super) fn value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }

    /// Returns the value of the subject or of a registered claim, if it was read.
    pub(super) fn registered_value(&self, name: &str) -> Option<RegisteredValue<'t>> {
        if name == self.subject_claim {
            return self.state.registered.subject.as_ref().map(RegisteredValue::from);
        }
        self.state.registered.value(name)
    }

    /// Returns whether one of the claims was read in which an issuer describes itself and the login.
    #[inline]
    pub(super) fn has_any_of_issuer(&self) -> bool {
        let RawRegistered { iss, aud, acr, amr, .. } = &self.state.registered;
        iss.is_some() || aud.is_some() || acr.is_some() || amr.is_some()
    }

    /// Returns whether the token is of another issuer.
    pub(super) fn is_foreign(&self) -> bool {
        self.state.is_foreign
    }

    /// Skips the value of the last name. It is parsed as strictly as any other.
    ///
    /// # Errors
    ///
    /// If the value is malformed.
    pub fn skip(&mut self) -> Result<(), A::Error> {
        self.members.next_value::<IgnoredAny>().map(drop)
    }

    /// Returns the value of a slot after the last name. For an absent claim it returns `None` if `T` is an `Option`.
    ///
    /// # Errors
    ///
    /// If the claim is absent and `T` is not an `Option`.
    pub fn required<T: FromValue<'t>>(&mut self, name: &'static str, slot: Option<T>) -> Result<T, A::Error> {
        match slot {
            Some(value) => Ok(value),
            None => T::deserialize(AbsentClaim)
                .map_err(|_| self.fail(InvalidReason::MissingClaim(Cow::Borrowed(name)).into())),
        }
    }

    /// Returns the value of a slot after the last name, converted with `decode`.
    ///
    /// # Errors
    ///
    /// If the claim is absent, or the conversion fails.
    pub fn required_with<W: FromValue<'t>, T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        slot: Option<W>,
        decode: impl FnOnce(W) -> Result<T, E>,
    ) -> Result<T, A::Error> {
        decode(self.required(name, slot)?).map_err(|_| self.fail(TokenError::mistyped(name)))
    }

    /// Returns the subject after the last name. The token manager knows which claim it is.
    ///
    /// # Errors
    ///
    /// If the subject is missing, or cannot be read as a `T`.
    #[inline]
    pub fn read_subject<T: FromValue<'t>>(&mut self) -> Result<T, A::Error> {
        let Some(subject) = &self.state.registered.subject else {
            return Err(self.missing_subject());
        };
        T::deserialize(subject).map_err(|_| self.fail(TokenError::mistyped(self.subject_claim)))
    }

    /// Returns the subject after the last name, converted with `decode`.
    ///
    /// # Errors
    ///
    /// As for [`read_subject`](Self::read_subject), and if the conversion fails.
    pub fn read_subject_with<W: FromValue<'t>, T, E: fmt::Display>(
        &mut self,
        decode: impl FnOnce(W) -> Result<T, E>,
    ) -> Result<T, A::Error> {
        decode(self.read_subject()?).map_err(|_| self.fail(TokenError::mistyped(self.subject_claim)))
    }

    /// Returns the subject after the last name, as a user id.
    pub(crate) fn read_user_id(&mut self) -> Result<UserId, A::Error> {
        let subject = self.state.registered.subject.as_ref().map(crate::user_id::Subject::to_user_id);
        subject.ok_or_else(|| self.missing_subject())
    }

    #[cold]
    fn missing_subject(&mut self) -> A::Error {
        self.fail(InvalidReason::MissingClaim(Cow::Owned(self.subject_claim.to_owned())).into())
    }

    /// Reads the value of the last name as JSON.
    pub(super) fn value(&mut self) -> Result<Value, A::Error> {
        self.members.next_value::<Strict<Value>>().map(|strict| strict.0)
    }

    /// Records the error, and returns one of the parser's that stops it.
    pub(super) fn fail(&mut self, error: TokenError) -> A::Error {
        self.state.error = Some(error);
        de::Error::custom("rejected")
    }
}

impl<A> fmt::Debug for ClaimReader<'_, '_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimReader").finish_non_exhaustive()
    }
}
