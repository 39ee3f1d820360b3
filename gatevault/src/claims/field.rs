//! Reading and writing one field in the output of the derives, so that a mistake in its type is one compiler error.
//!
//! Reading requires all that a field needs. Writing compiles for any type: a second error for the same field would say
//! nothing new.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess};
use serde::ser::{Error as _, Serializer};

use super::{ClaimReader, ClaimWriter, FromValue, ToValue};
use crate::error::TokenError;

/// Marks the type of a field: one that can be written as a claim and read from one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a claim",
    label = "serde cannot read and write this type",
    note = "for an enum of plain variants or a newtype, derive `gatevault::ClaimValue`; for a struct with several \
            fields, derive `serde::Serialize` and `serde::Deserialize`",
    note = "for a type of another crate, enable that crate's `serde` feature, or write `#[claims(with = module)]` on \
            the field, with the functions `encode` and `decode` in the module"
)]
pub trait FieldValue<'t>: Sized {
    /// Reads the value of the last name into `slot`.
    ///
    /// # Errors
    ///
    /// Those of [`ClaimReader::read`].
    fn read<A: MapAccess<'t>>(
        slot: &mut Option<Self>,
        claims: &mut ClaimReader<'t, '_, A>,
    ) -> Result<(), A::Error>;

    /// Returns the value of a slot after the last name.
    ///
    /// # Errors
    ///
    /// Those of [`ClaimReader::required`].
    fn required<A: MapAccess<'t>>(
        slot: Option<Self>,
        name: &'static str,
        claims: &mut ClaimReader<'t, '_, A>,
    ) -> Result<Self, A::Error>;

    /// Returns the subject after the last name.
    ///
    /// # Errors
    ///
    /// Those of [`ClaimReader::read_subject`].
    fn subject<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error>;

    /// Reads the value of a newtype.
    ///
    /// # Errors
    ///
    /// If the value has another type.
    fn inner<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error>;
}

#[diagnostic::do_not_recommend]
impl<'t, V: ToValue + FromValue<'t>> FieldValue<'t> for V {
    #[inline]
    fn read<A: MapAccess<'t>>(
        slot: &mut Option<Self>,
        claims: &mut ClaimReader<'t, '_, A>,
    ) -> Result<(), A::Error> {
        claims.read(slot)
    }
    #[inline]
    fn required<A: MapAccess<'t>>(
        slot: Option<Self>,
        name: &'static str,
        claims: &mut ClaimReader<'t, '_, A>,
    ) -> Result<Self, A::Error> {
        claims.required(name, slot)
    }
    #[inline]
    fn subject<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        claims.read_subject()
    }
    #[inline]
    fn inner<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        V::deserialize(deserializer)
    }
}

/// A field to write. Its own methods write it; those of [`Unwritable`] are found where its type is not a [`ToValue`].
#[derive(Debug)]
pub struct Field<'f, T: ?Sized>(pub &'f T);

impl<T: ToValue + ?Sized> Field<'_, T> {
    /// Writes the field as a claim.
    ///
    /// # Errors
    ///
    /// Those of [`ClaimWriter::claim`].
    #[inline]
    pub fn write_claim(&self, name: &str, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.claim(name, self.0)
    }

    /// Writes the field as the subject.
    ///
    /// # Errors
    ///
    /// Those of [`ClaimWriter::subject`].
    #[inline]
    pub fn write_subject(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject(self.0)
    }

    /// Writes the value of a newtype.
    ///
    /// # Errors
    ///
    /// If JSON cannot represent it.
    #[inline]
    pub fn write_inner<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Refuses to write a field whose type does not compile in [`FieldValue`] either.
pub trait Unwritable {
    /// Returns an error.
    ///
    /// # Errors
    ///
    /// Always.
    fn write_claim(&self, name: &str, _claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        Err(TokenError::mistyped(name))
    }

    /// Returns an error.
    ///
    /// # Errors
    ///
    /// Always.
    fn write_subject(&self, _claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        Err(TokenError::mistyped("the subject"))
    }

    /// Returns an error.
    ///
    /// # Errors
    ///
    /// Always.
    fn write_inner<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("not a value"))
    }
}

impl<T: ?Sized> Unwritable for Field<'_, T> {}

/// The type of a subject field. [`Self::kind`] is found if it never identifies a user, and that of [`PossibleId`] otherwise.
#[derive(Debug)]
pub struct SubjectType<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> SubjectType<T> {
    /// Creates the value to call `kind` on.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: ?Sized> Default for SubjectType<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: NoId + ?Sized> SubjectType<T> {
    /// Returns the kind of a type that never identifies a user.
    #[must_use]
    pub const fn kind(&self) -> NeverAnId {
        NeverAnId
    }
}

/// The kind of every other type, whose values are checked when a token is created.
pub trait PossibleId {
    /// Returns the kind of a type that can identify a user.
    fn kind(&self) -> AnId {
        AnId
    }
}

impl<T: ?Sized> PossibleId for SubjectType<T> {}

/// The kind of a type whose values can identify a user.
#[derive(Debug, Clone, Copy)]
pub struct AnId;

/// The kind of a type whose values never identify a user.
#[derive(Debug, Clone, Copy)]
pub struct NeverAnId;

/// Marks the type of a subject field that is of this kind.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the subject, which identifies the user",
    label = "not an integer or a string",
    note = "the subject is an integer, a string, a `gatevault::UserId`, or a newtype or enum with \
            `#[derive(gatevault::ClaimValue)]`, and every token has one; `#[claims(subject)]` marks a field of another name"
)]
pub trait SubjectField<Kind> {
    /// Accepts the kind.
    fn accept(_kind: Kind) {}
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> SubjectField<AnId> for T {}

/// With one impl alone the compiler would infer the kind from it, and report the other kind as a mismatch.
#[diagnostic::do_not_recommend]
impl<T: ?Sized> SubjectField<[AnId; 0]> for T {}

/// Marks a type of the standard library that never identifies a user.
pub trait NoId {}

macro_rules! no_ids {
    ($({$($generics:tt)*} $ty:ty),+ $(,)?) => {
        $(impl<$($generics)*> NoId for $ty {})+
    };
}
no_ids!(
    {} f32, {} f64, {} bool, {} (), {T} Option<T>, {T} Vec<T>, {T} VecDeque<T>, {T} [T], {T, const N: usize} [T; N],
    {T} BTreeSet<T>, {T, S} HashSet<T, S>, {K, V} BTreeMap<K, V>, {K, V, S} HashMap<K, V, S>,
    {A} (A,), {A, B} (A, B), {A, B, C} (A, B, C), {T: NoId + ?Sized} &T, {T: NoId + ?Sized} Box<T>,
);
