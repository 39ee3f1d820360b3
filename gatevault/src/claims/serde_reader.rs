//! All claims of a token for serde: own claims as the parser reads them, registered claims as they were captured.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{self, BorrowedStrDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::ClaimReader;
use super::json::{Audience, NumericDate};
use super::subject::Subject;
use crate::json::Text;

/// All claims of a token, as an object that serde deserializes from.
pub(super) struct AllClaims<'c, 't, 'r, A> {
    claims: &'c mut ClaimReader<'t, 'r, A>,
    /// The fields of the type, if it is a struct without a flattened field. Such a struct does not see a registered claim
    /// that it has no field for, so `deny_unknown_fields` concerns the token's own claims only.
    fields: Option<&'static [&'static str]>,
    /// The value that belongs to the last name.
    next: Next<'t>,
}

/// A value that serde has not read yet.
enum Next<'t> {
    None,
    /// The value of an own claim, which the parser reads next.
    Unread,
    Captured(CapturedValue<'t>),
}

/// The value of a registered claim or of the subject, as it was captured.
pub(super) enum CapturedValue<'t> {
    Unsigned(u64),
    Signed(i64),
    Text(Cow<'t, str>),
    List(Vec<Cow<'t, str>>),
}

impl<'c, 't, 'r, A: MapAccess<'t>> AllClaims<'c, 't, 'r, A> {
    pub(super) fn new(claims: &'c mut ClaimReader<'t, 'r, A>) -> Self {
        Self { claims, fields: None, next: Next::None }
    }

    /// Reads the remaining claims, so that all registered ones are captured.
    pub(super) fn skip_rest(self) -> Result<(), A::Error> {
        if let Next::Unread = self.next {
            self.claims.skip()?;
        }
        while self.claims.next_name()?.is_some() {
            self.claims.skip()?;
        }
        Ok(())
    }

    fn is_withheld(&self, name: &str) -> bool {
        self.fields.is_some_and(|fields| !fields.contains(&name))
    }
}

impl<'t, A: MapAccess<'t>> MapAccess<'t> for AllClaims<'_, 't, '_, A> {
    type Error = Fault<A::Error>;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        while let Some((name, is_captured)) = self.claims.next_member().map_err(Fault::Parser)? {
            if is_captured && self.is_withheld(&name) {
                continue;
            }
            let captured = self.claims.captured(&name).filter(|_| is_captured);
            self.next = captured.map_or(Next::Unread, Next::Captured);
            return seed.deserialize(CapturedValue::Text(name)).map(Some).map_err(|_| Fault::Unfit);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        match std::mem::replace(&mut self.next, Next::None) {
            Next::Captured(value) => {
                seed.deserialize(value).map_err(|error| Fault::Parser(de::Error::custom(error)))
            }
            Next::Unread => self.claims.value_seed(seed).map_err(Fault::Parser),
            Next::None => Err(de::Error::custom("a value without a name")),
        }
    }
}

impl<'t, A: MapAccess<'t>> Deserializer<'t> for &mut AllClaims<'_, 't, '_, A> {
    type Error = Fault<A::Error>;

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

/// Deserializes into the same types as the value in JSON.
impl<'t> Deserializer<'t> for CapturedValue<'t> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Self::Unsigned(number) => visitor.visit_u64(number),
            Self::Signed(number) => visitor.visit_i64(number),
            Self::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Self::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Self::List(names) => {
                SeqDeserializer::new(names.into_iter().map(Self::Text)).deserialize_any(visitor)
            }
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
            Self::Text(Cow::Borrowed(text)) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Self::Text(Cow::Owned(text)) => visitor.visit_enum(text.into_deserializer()),
            other => other.deserialize_any(visitor),
        }
    }
    forward_to_deserialize_any! {
        <V: Visitor<'t>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl From<&NumericDate> for CapturedValue<'_> {
    fn from(date: &NumericDate) -> Self {
        Self::Unsigned(date.0.seconds())
    }
}

impl<'t> From<&Text<'t>> for CapturedValue<'t> {
    fn from(text: &Text<'t>) -> Self {
        Self::Text(text.0.clone())
    }
}

impl<'t> From<&Audience<'t>> for CapturedValue<'t> {
    fn from(audience: &Audience<'t>) -> Self {
        match audience {
            Audience::One(name) => name.into(),
            Audience::Several(names) => Self::List(names.iter().map(|name| name.0.clone()).collect()),
        }
    }
}

impl<'t> From<&Subject<'t>> for CapturedValue<'t> {
    fn from(subject: &Subject<'t>) -> Self {
        match subject {
            Subject::Unsigned(id) => Self::Unsigned(*id),
            Subject::Signed(id) => Self::Signed(*id),
            Subject::Text(id) => Self::Text(id.clone()),
        }
    }
}

impl<'t> IntoDeserializer<'t> for CapturedValue<'t> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// An error of serde over the claims.
#[derive(Debug)]
pub(super) enum Fault<E> {
    /// An error of one claim; the reader knows which.
    Parser(E),
    /// A required field whose claim is missing.
    Missing(&'static str),
    /// An error of the type itself, such as that of a `try_from` conversion.
    Unfit,
}

impl<E: de::Error> de::Error for Fault<E> {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Unfit
    }
    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

impl<E> fmt::Display for Fault<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims do not fit their type")
    }
}

impl<E: fmt::Debug> std::error::Error for Fault<E> {}
