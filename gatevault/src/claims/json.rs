//! The JSON values of registered claims: dates and lists of strings.

use std::borrow::Cow;
use std::{fmt, slice};

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::clock::Timestamp;
use crate::json::JsonStr;

/// Seconds since the epoch (RFC 7519 section 2). A fraction is allowed and truncated, as in `PyJWT`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumericDate(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DateVisitor;
        impl Visitor<'_> for DateVisitor {
            type Value = NumericDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since the epoch, up to the year 9999")
            }
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
                Timestamp::from_seconds(seconds)
                    .map(NumericDate)
                    .ok_or_else(|| E::custom("after the year 9999"))
            }
            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
                Timestamp::from_fractional(seconds).map(NumericDate).ok_or_else(|| E::custom("out of range"))
            }
        }
        deserializer.deserialize_u64(DateVisitor)
    }
}

/// One string or a list: the claims `aud` (RFC 7519 section 4.1.3) and `amr`. RFC 8176 makes `amr` a list, but some issuers
/// write a list of one as a string.
#[derive(Debug)]
pub(crate) enum Strings<'t> {
    One(JsonStr<'t>),
    Several(Vec<JsonStr<'t>>),
}

impl Strings<'_> {
    /// Returns whether `string` is among them.
    pub(crate) fn contains(&self, string: &str) -> bool {
        self.iter().any(|one| one == string)
    }

    /// Returns the strings. A single one is kept whole: spaces do not separate strings.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(string) => slice::from_ref(string),
            Self::Several(strings) => strings,
        };
        all.iter().map(|string| &*string.0)
    }
}

impl<'t> Deserialize<'t> for Strings<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringsVisitor;
        impl<'t> Visitor<'t> for StringsVisitor {
            type Value = Strings<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }
            fn visit_borrowed_str<E: de::Error>(self, string: &'t str) -> Result<Strings<'t>, E> {
                Ok(Strings::One(JsonStr(Cow::Borrowed(string))))
            }
            fn visit_str<E: de::Error>(self, string: &str) -> Result<Strings<'t>, E> {
                Ok(Strings::One(JsonStr(Cow::Owned(string.to_owned()))))
            }
            fn visit_seq<A: SeqAccess<'t>>(self, mut strings: A) -> Result<Strings<'t>, A::Error> {
                let mut all = Vec::new();
                while let Some(string) = strings.next_element()? {
                    all.push(string);
                }
                Ok(Strings::Several(all))
            }
        }
        deserializer.deserialize_any(StringsVisitor)
    }
}
