//! JSON read strictly: no member twice at any depth, and numbers that no other crate's features change. What claims,
//! headers and key sets have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// A string, borrowed from the token where it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'t>(pub(crate) Cow<'t, str>);

impl<'t> Deserialize<'t> for Text<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'t> Visitor<'t> for TextVisitor {
            type Value = Text<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'t str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'t>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// Any JSON in which no object names a member twice: kept as a [`Value`], or only looked at, as `()`.
pub(crate) struct Strict<T>(pub(crate) T);

/// What becomes of JSON that was looked at.
pub(crate) trait Kept: Sized {
    fn text(text: &str) -> Self;
    fn scalar(value: Value) -> Self;
    fn array(elements: Vec<Self>) -> Self;
    fn object(members: BTreeMap<Cow<'_, str>, Self>) -> Self;
}

impl Kept for () {
    fn text(_: &str) {}
    fn scalar(_: Value) {}
    fn array(_: Vec<()>) {}
    fn object(_: BTreeMap<Cow<'_, str>, ()>) {}
}

impl Kept for Value {
    fn text(text: &str) -> Self {
        Self::from(text)
    }
    fn scalar(value: Value) -> Self {
        value
    }
    fn array(elements: Vec<Self>) -> Self {
        Self::Array(elements)
    }
    fn object(members: BTreeMap<Cow<'_, str>, Self>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.into_owned(), value)).collect())
    }
}

impl<'de, T: Kept> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor(PhantomData)).map(Self)
    }
}

struct StrictVisitor<T>(PhantomData<T>);

impl<'de, T: Kept> Visitor<'de> for StrictVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }
    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Ok(T::scalar(Value::Null))
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        Ok(T::scalar(value.into()))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Ok(T::scalar(value.into()))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Ok(T::scalar(value.into()))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        Ok(T::scalar(value.into()))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<T, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(T::array(array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<T, A::Error> {
        let mut object = BTreeMap::new();
        while let Some(Text(name)) = members.next_key()? {
            if name == BIG_NUMBER {
                return big_number(&mut members).map(|number| T::scalar(Value::Number(number)));
            }
            let Strict(value) = members.next_value()?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("a member is there twice"));
            }
        }
        Ok(T::object(object))
    }
}

/// The member under which `serde_json` hands over a number when any crate of the build has turned its
/// feature `arbitrary_precision` on.
pub(crate) const BIG_NUMBER: &str = "$serde_json::private::Number";

/// Reads such a number as it would have been read without the feature, so that no verdict depends on it.
pub(crate) fn big_number<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Number, A::Error> {
    let Digits(digits) = members.next_value()?;
    let whole = digits.parse::<u64>().map(Number::from).or_else(|_| digits.parse::<i64>().map(Number::from));
    whole
        .ok()
        .filter(|_| digits != "-0") // a fraction without the feature
        .or_else(|| digits.parse().ok().and_then(Number::from_f64))
        .ok_or_else(|| de::Error::custom("number out of range"))
}

/// The text of such a number, which alone is handed over owned. A member of the token that has the same name
/// is lent by the parser and so refused: an object is never a number.
struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DigitsVisitor;
        #[expect(clippy::serde_api_misuse, reason = "a text that is lent is what must be refused")]
        impl Visitor<'_> for DigitsVisitor {
            type Value = Digits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("another name")
            }
            fn visit_string<E: de::Error>(self, digits: String) -> Result<Digits, E> {
                Ok(Digits(digits))
            }
        }
        deserializer.deserialize_string(DigitsVisitor)
    }
}
