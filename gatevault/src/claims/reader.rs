//! The one pass over a token's claims: registered ones are captured, own ones handed to the claims type.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor, value};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::flat::Flat;
use super::names::Names;
use super::registered::fill;
use super::subject::Subject;
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
            (Err(_), Some(missing @ TokenError::Invalid(InvalidReason::MissingClaim(_)))) if is_whole => {
                Ok(Err(missing))
            }
            (Err(error), None) if error.is_data() && !current.is_empty() => {
                Err(TokenError::mistyped(&current))
            }
            (_, None | Some(TokenError::Invalid(InvalidReason::MissingClaim(_)))) => Err(TokenError::Decode),
            (_, Some(fault)) => Err(fault),
        }
    }
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
            if let Some(current) = &mut self.pass.current {
                current.clone_from(&name);
            }
            let taken = self.take(&name).inspect_err(|_| self.pass.failed = true)?;
            if !taken {
                self.note(&name).inspect_err(|_| self.pass.failed = true)?;
                return Ok(Some(name));
            }
        }
        self.pass.current = self.pass.current.take().map(|_| Cow::Borrowed(""));
        Ok(None)
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

/// A claim that is not there, as a value: only an `Option` can be read from it.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, value::Error> {
        Err(de::Error::custom("absent"))
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_none()
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
