//! Strict JSON, for claims, headers and key sets: no duplicate members at any depth, and numbers that do not depend on the
//! `serde_json` features that other crates enable.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::error::{DecodeReason, Segment, excerpt};

/// A string that borrows from the input unless it has escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonStr<'t>(pub(crate) Cow<'t, str>);

impl<'t> Deserialize<'t> for JsonStr<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonStrVisitor;
        impl<'t> Visitor<'t> for JsonStrVisitor {
            type Value = JsonStr<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: de::Error>(self, string: &'t str) -> Result<JsonStr<'t>, E> {
                Ok(JsonStr(Cow::Borrowed(string)))
            }
            fn visit_str<E: de::Error>(self, string: &str) -> Result<JsonStr<'t>, E> {
                Ok(JsonStr(Cow::Owned(string.to_owned())))
            }
        }
        deserializer.deserialize_str(JsonStrVisitor)
    }
}

/// Any JSON without duplicate members: kept as a [`Value`], or only validated, as `()`.
pub(crate) struct Strict<T>(pub(crate) T);

/// Creates a value from JSON that was read strictly.
pub(crate) trait FromJson: Sized {
    fn string(string: &str) -> Self;
    fn scalar(value: Value) -> Self;
    fn array(elements: Vec<Self>) -> Self;
    fn object(members: BTreeMap<Cow<'_, str>, Self>) -> Self;
}

impl FromJson for () {
    fn string(_: &str) {}
    fn scalar(_: Value) {}
    fn array(_: Vec<()>) {}
    fn object(_: BTreeMap<Cow<'_, str>, ()>) {}
}

impl FromJson for Value {
    fn string(string: &str) -> Self {
        Self::from(string)
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

impl<'de, T: FromJson> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor(PhantomData)).map(Self)
    }
}

struct StrictVisitor<T>(PhantomData<T>);

impl<'de, T: FromJson> Visitor<'de> for StrictVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
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
    fn visit_str<E: de::Error>(self, string: &str) -> Result<T, E> {
        Ok(T::string(string))
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
        while let Some(JsonStr(name)) = members.next_key()? {
            if name == BIG_NUMBER {
                return big_number(&mut members).map(|number| T::scalar(Value::Number(number)));
            }
            if name == RAW_VALUE {
                return Err(de::Error::custom("a name of serde_json"));
            }
            let Strict(value) = members.next_value()?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("duplicate member"));
            }
        }
        Ok(T::object(object))
    }
}

/// The member in which `serde_json` passes a number if any crate in the build enables its feature `arbitrary_precision`.
pub(crate) const BIG_NUMBER: &str = "$serde_json::private::Number";

/// The member in which `serde_json` passes raw JSON if any crate in the build enables its feature `raw_value`, as `asymmetric`
/// does. A [`Value`] that is read from an object with this name is the JSON in the string, in which members may be repeated.
/// Without the feature it is an object, so it is rejected in both cases.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Reads such a number as it is read without the feature, so that no verdict depends on the feature.
pub(crate) fn big_number<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Number, A::Error> {
    let Digits(digits) = members.next_value()?;
    let integer =
        digits.parse::<u64>().map(Number::from).or_else(|_| digits.parse::<i64>().map(Number::from));
    integer
        .ok()
        .filter(|_| digits != "-0") // a float without the feature
        .or_else(|| digits.parse().ok().and_then(Number::from_f64))
        .ok_or_else(|| de::Error::custom("number out of range"))
}

/// The digits of such a number, which `serde_json` passes as an owned string. A member of the token that has the same name is
/// passed as a borrowed string and rejected: an object is never a number.
struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DigitsVisitor;
        #[expect(clippy::serde_api_misuse, reason = "a borrowed string must be rejected")]
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

/// Returns the reason why the JSON of a segment was rejected. It parses the JSON again, member by member.
#[cold]
pub(crate) fn fault(json: &[u8], segment: Segment) -> DecodeReason {
    let mut found = Fault::default();
    let mut parser = serde_json::Deserializer::from_slice(json);
    // The error of the parser can contain values of the token, so it is dropped.
    drop(parser.deserialize_map(&mut found));
    match found {
        Fault { member: Some(member), is_repeated: true } => DecodeReason::Repeated { segment, member },
        Fault { member: Some(member), .. } => DecodeReason::Value { segment, member },
        Fault { member: None, .. } => DecodeReason::Json(segment),
    }
}

/// The member at which parsing stopped.
#[derive(Default)]
struct Fault {
    member: Option<String>,
    is_repeated: bool,
}

impl<'de> Visitor<'de> for &mut Fault {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<JsonStr<'de>>()? {
            self.member = Some(excerpt(&name.0));
            self.is_repeated = !seen.insert(name);
            if self.is_repeated {
                return Err(de::Error::custom("duplicate member"));
            }
            members.next_value::<Strict<()>>()?;
            self.member = None;
        }
        Ok(())
    }
}
