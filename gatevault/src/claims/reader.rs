//! The one pass over a token's claims: registered ones are captured, own ones handed to the claims type.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::flat::Flat;
use super::names::Names;
use super::registered::fill;
use super::serde_reader::CapturedValue;
use super::subject::Subject;
use super::value::Absent;
use super::{Captured, FromClaims, FromValue, UserId};
use crate::error::{InvalidReason, TokenError};
use crate::json::{Strict, Text};

/// Reads the claims of one token, member by member; what `#[derive(Claims)]` calls.
pub struct ClaimReader<'t, 'r, A> {
    members: A,
    subject_claim: &'r str,
    pass: &'r mut Pass<'t>,
}

/// One pass over the claims, and what it finds besides the claims type's own. It is large, and stays where it is.
#[derive(Default)]
pub(crate) struct Pass<'t> {
    pub(crate) captured: Captured<'t>,
    /// The names of the type's own claims, on a pass that is the first over this text.
    names: Option<Names<'t>>,
    /// The member whose value is being read, where somebody will want to know; empty between members.
    current: Option<Cow<'t, str>>,
    /// What was wrong, where the parser's own error does not say it.
    fault: Option<TokenError>,
    /// What is not the claims type's own could not be read: a type that swallows the error changes nothing.
    failed: bool,
}

impl<'t> Pass<'t> {
    /// Reads the JSON of a token's claims.
    ///
    /// The registered claims are captured even where a claim of the type's own is missing: whether the token is
    /// of the right kind and current is the better answer then.
    pub(crate) fn read<C: FromClaims<'t>>(
        &mut self,
        json: &'t str,
        subject_claim: &str,
    ) -> Result<Result<C, TokenError>, TokenError> {
        match self.read_flat(json, subject_claim) {
            Some(claims) => Ok(Ok(claims)),
            None => self.read_any(json, subject_claim),
        }
    }

    /// Reads claims that are plain and as they should be; `None` says nothing about others.
    fn read_flat<C: FromClaims<'t>>(&mut self, json: &'t str, subject_claim: &str) -> Option<C> {
        let mut members = Flat::open(json)?;
        self.names = Some(Names::default());
        let claims =
            C::read_claims(&mut ClaimReader { members: &mut members, subject_claim, pass: self }).ok()?;
        (members.is_closed() && !self.failed && self.fault.is_none()).then_some(claims)
    }

    /// Reads any claims, and finds what is wrong with them: first with the JSON, then with what it says.
    fn read_any<C: FromClaims<'t>>(
        &mut self,
        json: &'t str,
        subject_claim: &str,
    ) -> Result<Result<C, TokenError>, TokenError> {
        serde_json::from_str::<Strict<()>>(json).map_err(|_| TokenError::Decode)?;
        *self = Self { current: Some(Cow::Borrowed("")), ..Self::default() };
        let mut parser = serde_json::Deserializer::from_str(json);
        let object = Object { subject_claim, pass: self, claims: PhantomData };
        let claims = parser.deserialize_map(object);
        let is_whole = parser.end().is_ok() && !self.failed;
        let current = self.current.take().unwrap_or_default();
        match (claims, self.fault.take()) {
            (Ok(claims), None) if is_whole => Ok(Ok(claims)),
            (Err(_), Some(fault)) if is_whole && is_found_last(&fault) => Ok(Err(fault)),
            (Err(error), None) if error.is_data() && !current.is_empty() => {
                Err(TokenError::mistyped(&current))
            }
            (_, Some(fault)) if !is_found_last(&fault) => Err(fault),
            _ => Err(TokenError::Decode),
        }
    }
}

/// Returns whether this fault is found only after all claims have been read, so that the registered ones can be judged first.
fn is_found_last(fault: &TokenError) -> bool {
    matches!(fault, TokenError::Invalid(InvalidReason::MissingClaim(_) | InvalidReason::Claims(_)))
}

/// The claims must be an object; everything else about them is the reader's.
struct Object<'t, 'r, C> {
    subject_claim: &'r str,
    pass: &'r mut Pass<'t>,
    claims: PhantomData<C>,
}

impl<'t, C: FromClaims<'t>> Visitor<'t> for Object<'t, '_, C> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }
    fn visit_map<A: MapAccess<'t>>(self, members: A) -> Result<C, A::Error> {
        C::read_claims(&mut ClaimReader { members, subject_claim: self.subject_claim, pass: self.pass })
    }
}

impl<'t, A: MapAccess<'t>> ClaimReader<'t, '_, A> {
    /// The name of the next claim of the type's own, or `None` at the end. No name comes twice.
    ///
    /// # Errors
    ///
    /// When the JSON is not well formed or a registered claim is mistyped.
    pub fn next_name(&mut self) -> Result<Option<Cow<'t, str>>, A::Error> {
        while let Some(Text(name)) = self.members.next_key()? {
            if !self.take_or_note(&name)? {
                return Ok(Some(name));
            }
        }
        self.leave_member();
        Ok(None)
    }

    /// Returns the name of the next member of any kind, and whether its value was captured.
    pub(super) fn next_member(&mut self) -> Result<Option<(Cow<'t, str>, bool)>, A::Error> {
        let Some(Text(name)) = self.members.next_key()? else {
            self.leave_member();
            return Ok(None);
        };
        let is_captured = self.take_or_note(&name)?;
        Ok(Some((name, is_captured)))
    }

    /// Captures the value behind `name` if the manager owns it, and otherwise notes the name. Returns whether it captured it.
    #[inline]
    fn take_or_note(&mut self, name: &Cow<'t, str>) -> Result<bool, A::Error> {
        if let Some(current) = &mut self.pass.current {
            current.clone_from(name);
        }
        let taken = self.take(name).inspect_err(|_| self.pass.failed = true)?;
        if !taken {
            self.note(name).inspect_err(|_| self.pass.failed = true)?;
        }
        Ok(taken)
    }

    #[inline]
    fn leave_member(&mut self) {
        self.pass.current = self.pass.current.take().map(|_| Cow::Borrowed(""));
    }

    /// Takes the value behind `name` when it is the subject or a registered claim.
    #[inline]
    fn take(&mut self, name: &str) -> Result<bool, A::Error> {
        if name == self.subject_claim {
            return fill(&mut self.pass.captured.subject, &mut self.members);
        }
        self.pass.captured.capture(name, &mut self.members)
    }

    /// Notes a name of the type's own, where nobody has looked for repeated ones before.
    #[inline]
    fn note(&mut self, name: &Cow<'t, str>) -> Result<(), A::Error> {
        let is_new = match (&mut self.pass.names, name) {
            (None, _) => true,
            (Some(names), Cow::Borrowed(name)) => names.add(name).is_some(),
            (Some(_), Cow::Owned(_)) => false,
        };
        if is_new { Ok(()) } else { Err(de::Error::custom("a claim is there twice, or there are too many")) }
    }

    /// Reads the value behind the last name into its slot.
    ///
    /// # Errors
    ///
    /// When the value is of another type.
    pub fn read<T: FromValue<'t>>(&mut self, slot: &mut Option<T>) -> Result<(), A::Error> {
        *slot = Some(self.members.next_value()?);
        Ok(())
    }

    /// Reads the value behind the last name with a seed.
    pub(super) fn value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }

    /// Returns the value that was captured under this name: of a registered claim, or the subject.
    pub(super) fn captured(&self, name: &str) -> Option<CapturedValue<'t>> {
        if name == self.subject_claim {
            return self.pass.captured.subject.as_ref().map(CapturedValue::from);
        }
        self.pass.captured.value(name)
    }

    /// Passes over the value behind the last name, as strictly as if it were wanted.
    ///
    /// # Errors
    ///
    /// When the value is not well formed.
    pub fn skip(&mut self) -> Result<(), A::Error> {
        self.members.next_value::<IgnoredAny>().map(drop)
    }

    /// The value of a slot after the last name: an absent claim is `None` for an `Option`, refused for others.
    ///
    /// # Errors
    ///
    /// When the claim is missing.
    pub fn required<T: FromValue<'t>>(&mut self, name: &'static str, slot: Option<T>) -> Result<T, A::Error> {
        match slot {
            Some(value) => Ok(value),
            None => T::deserialize(Absent)
                .map_err(|_| self.refuse(InvalidReason::MissingClaim(Cow::Borrowed(name)).into())),
        }
    }

    /// The value of a slot that was read as a `W`, converted.
    ///
    /// # Errors
    ///
    /// When the claim is missing, or the conversion refuses the value.
    pub fn required_with<W: FromValue<'t>, T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        slot: Option<W>,
        decode: impl FnOnce(W) -> Result<T, E>,
    ) -> Result<T, A::Error> {
        decode(self.required(name, slot)?).map_err(|_| self.refuse(TokenError::mistyped(name)))
    }

    /// The subject, whatever name the token manager gives it, after the last name.
    ///
    /// # Errors
    ///
    /// When there is none, or it is not what the field can hold.
    #[inline]
    pub fn read_subject<T: FromValue<'t>>(&mut self) -> Result<T, A::Error> {
        T::deserialize(self.subject()?).map_err(|_| self.refuse(TokenError::mistyped(self.subject_claim)))
    }

    /// The subject, which was read as a `W`, converted.
    ///
    /// # Errors
    ///
    /// As for [`read_subject`](Self::read_subject), and when the conversion refuses the value.
    pub fn read_subject_with<W: FromValue<'t>, T, E: fmt::Display>(
        &mut self,
        decode: impl FnOnce(W) -> Result<T, E>,
    ) -> Result<T, A::Error> {
        decode(self.read_subject()?).map_err(|_| self.refuse(TokenError::mistyped(self.subject_claim)))
    }

    pub(crate) fn read_user_id(&mut self) -> Result<UserId, A::Error> {
        Ok(self.subject()?.to_user_id())
    }

    #[inline]
    fn subject(&mut self) -> Result<Subject<'t>, A::Error> {
        let name = self.subject_claim;
        let missing = || InvalidReason::MissingClaim(Cow::Owned(name.to_owned())).into();
        self.pass.captured.subject.clone().ok_or_else(|| self.refuse(missing()))
    }

    /// The value behind the last name, of no type.
    pub(super) fn value(&mut self) -> Result<Value, A::Error> {
        self.members.next_value::<Strict<Value>>().map(|strict| strict.0)
    }

    /// Notes what is wrong, and gives the parser an error to stop with.
    pub(super) fn refuse(&mut self, fault: TokenError) -> A::Error {
        self.pass.fault = Some(fault);
        de::Error::custom("refused")
    }
}

impl<A> fmt::Debug for ClaimReader<'_, '_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimReader").finish_non_exhaustive()
    }
}
