//! The JSON values of registered claims: dates and audiences.

use std::borrow::Cow;
use std::fmt;

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

/// The `aud` claim: one audience or several (RFC 7519 section 4.1.3).
#[derive(Debug)]
pub(crate) enum Audience<'t> {
    One(JsonStr<'t>),
    Several(Vec<JsonStr<'t>>),
}

impl Audience<'_> {
    /// Returns whether `audience` is among them.
    pub(crate) fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(name) => name.0 == audience,
            Self::Several(names) => names.iter().any(|name| name.0 == audience),
        }
    }
}

impl<'t> Deserialize<'t> for Audience<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct AudienceVisitor;
        impl<'t> Visitor<'t> for AudienceVisitor {
            type Value = Audience<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }
            fn visit_borrowed_str<E: de::Error>(self, name: &'t str) -> Result<Audience<'t>, E> {
                Ok(Audience::One(JsonStr(Cow::Borrowed(name))))
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Audience<'t>, E> {
                Ok(Audience::One(JsonStr(Cow::Owned(name.to_owned()))))
            }
            fn visit_seq<A: SeqAccess<'t>>(self, mut names: A) -> Result<Audience<'t>, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = names.next_element()? {
                    all.push(name);
                }
                Ok(Audience::Several(all))
            }
        }
        deserializer.deserialize_any(AudienceVisitor)
    }
}
