//! The subject of a token: an integer, or a string that may borrow from the token.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor, value};
use serde::forward_to_deserialize_any;

use super::UserId;
use crate::json::{BIG_NUMBER, JsonStr, big_number};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject<'t> {
    Unsigned(u64),
    Signed(i64),
    String(Cow<'t, str>),
}

impl Subject<'_> {
    /// Returns the subject as an owned id.
    pub(crate) fn to_user_id(&self) -> UserId {
        match self {
            Self::Unsigned(id) => UserId::from(*id),
            Self::Signed(id) => UserId::from(*id),
            Self::String(id) => UserId::from(&**id),
        }
    }
}

impl<'t> Deserialize<'t> for Subject<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SubjectVisitor)
    }
}

struct SubjectVisitor;

impl<'t> Visitor<'t> for SubjectVisitor {
    type Value = Subject<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer or a string that is not empty")
    }
    fn visit_u64<E: de::Error>(self, id: u64) -> Result<Subject<'t>, E> {
        Ok(Subject::Unsigned(id))
    }
    fn visit_i64<E: de::Error>(self, id: i64) -> Result<Subject<'t>, E> {
        Ok(Subject::Signed(id))
    }
    fn visit_borrowed_str<E: de::Error>(self, id: &'t str) -> Result<Subject<'t>, E> {
        not_empty(Cow::Borrowed(id))
    }
    fn visit_str<E: de::Error>(self, id: &str) -> Result<Subject<'t>, E> {
        not_empty(Cow::Owned(id.to_owned()))
    }
    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Subject<'t>, A::Error> {
        let number = match members.next_key()? {
            Some(JsonStr(name)) if name == BIG_NUMBER => big_number(&mut members)?,
            _ => return Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        };
        let unsigned = number.as_u64().map(Subject::Unsigned);
        unsigned
            .or_else(|| number.as_i64().map(Subject::Signed))
            .ok_or_else(|| de::Error::custom("not an integer"))
    }
}

fn not_empty<E: de::Error>(id: Cow<'_, str>) -> Result<Subject<'_>, E> {
    if id.is_empty() { Err(E::custom("an empty subject")) } else { Ok(Subject::String(id)) }
}

/// Deserializes the subject into the type of its field: an integer, a string, or a newtype of one.
impl<'de> Deserializer<'de> for &Subject<'de> {
    type Error = value::Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            Subject::Unsigned(id) => visitor.visit_u64(*id),
            Subject::Signed(id) => visitor.visit_i64(*id),
            Subject::String(Cow::Borrowed(id)) => visitor.visit_borrowed_str(id),
            Subject::String(Cow::Owned(id)) => visitor.visit_str(id),
        }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_newtype_struct(self)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
