//! Every claim of a token, for serde: registered claims as the token manager read them, the others from the parser.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{self, BorrowedStrDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::ClaimReader;
use super::json::{NumericDate, Strings};
use crate::json::JsonStr;
use crate::user_id::Subject;

/// A deserializer over every claim of a token.
pub(super) struct AllClaims<'c, 't, 'r, A> {
    claims: &'c mut ClaimReader<'t, 'r, A>,
    /// The fields of the type, if it is a struct without a flattened field. Registered claims without a field are hidden
    /// from such a struct, so that `deny_unknown_fields` applies to the other claims only.
    fields: Option<&'static [&'static str]>,
    /// The value of the last name.
    next: NextValue<'t>,
}

/// The value that serde reads next.
enum NextValue<'t> {
    None,
    /// The value of another claim, which the parser has not read yet.
    Unread,
    Registered(RegisteredValue<'t>),
}

/// The value of a registered claim or of the subject.
pub(super) enum RegisteredValue<'t> {
    Unsigned(u64),
    Signed(i64),
    String(Cow<'t, str>),
    List(Vec<Cow<'t, str>>),
    /// A value of an unexpected form, in a token of another issuer.
    Json(Value),
}

impl<'c, 't, 'r, A: MapAccess<'t>> AllClaims<'c, 't, 'r, A> {
    pub(super) fn new(claims: &'c mut ClaimReader<'t, 'r, A>) -> Self {
        Self { claims, fields: None, next: NextValue::None }
    }

    /// Skips the remaining claims. This reads the registered claims among them.
    pub(super) fn skip_remaining(self) -> Result<(), A::Error> {
        if let NextValue::Unread = self.next {
            self.claims.skip()?;
        }
        while self.claims.next_name()?.is_some() {
            self.claims.skip()?;
        }
        Ok(())
    }

    /// Returns whether a registered claim is hidden from the type.
    fn is_hidden(&self, name: &str) -> bool {
        self.fields.is_some_and(|fields| !fields.contains(&name))
    }
}

impl<'t, A: MapAccess<'t>> MapAccess<'t> for AllClaims<'_, 't, '_, A> {
    type Error = ReadError<A::Error>;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        while let Some((name, is_registered)) = self.claims.next_member().map_err(ReadError::Parser)? {
            if is_registered && self.is_hidden(&name) {
                continue;
            }
            let value = self.claims.registered_value(&name).filter(|_| is_registered);
            self.next = value.map_or(NextValue::Unread, NextValue::Registered);
            return seed
                .deserialize(RegisteredValue::String(name))
                .map(Some)
                .map_err(|_| ReadError::Mismatch);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        match std::mem::replace(&mut self.next, NextValue::None) {
            NextValue::Registered(value) => {
                seed.deserialize(value).map_err(|error| ReadError::Parser(de::Error::custom(error)))
            }
            NextValue::Unread => self.claims.value_seed(seed).map_err(ReadError::Parser),
            NextValue::None => Err(de::Error::custom("a value without a name")),
        }
    }
}

impl<'t, A: MapAccess<'t>> Deserializer<'t> for &mut AllClaims<'_, 't, '_, A> {
    type Error = ReadError<A::Error>;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(self)
    }
    fn deserialize_struct<V: Visitor<'t>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.fields = Some(fields);
        visitor.visit_map(self)
    }
    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }
    forward_to_deserialize_any! {
        <V: Visitor<'t>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Deserializes into the same types as the JSON value.
impl<'t> Deserializer<'t> for RegisteredValue<'t> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Self::Unsigned(number) => visitor.visit_u64(number),
            Self::Signed(number) => visitor.visit_i64(number),
            Self::String(Cow::Borrowed(string)) => visitor.visit_borrowed_str(string),
            Self::String(Cow::Owned(string)) => visitor.visit_string(string),
            Self::List(names) => {
                SeqDeserializer::new(names.into_iter().map(Self::String)).deserialize_any(visitor)
            }
            Self::Json(value) => value.deserialize_any(visitor).map_err(de::Error::custom),
        }
    }
    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        match self {
            Self::String(Cow::Borrowed(name)) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
            Self::String(Cow::Owned(name)) => visitor.visit_enum(name.into_deserializer()),
            other => other.deserialize_any(visitor),
        }
    }
    forward_to_deserialize_any! {
        <V: Visitor<'t>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl From<&NumericDate> for RegisteredValue<'_> {
    fn from(date: &NumericDate) -> Self {
        Self::Unsigned(date.0.seconds())
    }
}

impl<'t> From<&JsonStr<'t>> for RegisteredValue<'t> {
    fn from(string: &JsonStr<'t>) -> Self {
        Self::String(string.0.clone())
    }
}

impl<'t> From<&Strings<'t>> for RegisteredValue<'t> {
    fn from(strings: &Strings<'t>) -> Self {
        match strings {
            Strings::One(string) => string.into(),
            Strings::Several(strings) => Self::List(strings.iter().map(|string| string.0.clone()).collect()),
        }
    }
}

impl<'t> From<&Subject<'t>> for RegisteredValue<'t> {
    fn from(subject: &Subject<'t>) -> Self {
        match subject {
            Subject::Unsigned(id) => Self::Unsigned(*id),
            Subject::Signed(id) => Self::Signed(*id),
            Subject::String(id) => Self::String(id.clone()),
        }
    }
}

impl<'t> IntoDeserializer<'t> for RegisteredValue<'t> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// An error while serde reads the claims.
#[derive(Debug)]
pub(super) enum ReadError<E> {
    /// An error of the parser, or a value of the wrong type. The reader knows the name of the claim.
    Parser(E),
    /// The claim of a required field is missing.
    Missing(&'static str),
    /// The type rejects the claims as a whole, for example in a `try_from` conversion.
    Mismatch,
}

impl<E: de::Error> de::Error for ReadError<E> {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Mismatch
    }
    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

impl<E> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims do not match their type")
    }
}

impl<E: fmt::Debug> std::error::Error for ReadError<E> {}
