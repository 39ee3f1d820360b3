//! The id of a user: an integer or a string.

mod subject;
#[cfg(feature = "uuid")]
mod uuid;

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

pub(crate) use subject::Subject;

/// The id of a user: any `i64` or `u64`, or a string.
///
/// # Examples
///
/// ```
/// use gatevault::UserId;
///
/// assert_eq!(UserId::from(42).as_u64(), Some(42));
/// assert_eq!(UserId::from(-7).as_i64(), Some(-7));
/// assert_eq!(UserId::from("ada").as_str(), Some("ada"));
/// assert_eq!(UserId::from(42), UserId::from(42_u64));
/// assert_ne!(UserId::from(42), UserId::from("42"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(UserIdRepr);

/// The value of an id. Integers from zero on are always `Unsigned`, so that equal ids compare as equal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum UserIdRepr {
    Signed(i64),
    Unsigned(u64),
    String(Box<str>),
}

impl UserId {
    /// Returns the id as an unsigned integer, if it is one.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self.0 {
            UserIdRepr::Unsigned(id) => Some(id),
            _ => None,
        }
    }

    /// Returns the id as a signed integer, if it is an integer that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            UserIdRepr::Signed(id) => Some(id),
            UserIdRepr::Unsigned(id) => id.try_into().ok(),
            UserIdRepr::String(_) => None,
        }
    }

    /// Returns the id as JSON, which distinguishes 42 from "42".
    pub(crate) fn to_json(&self) -> String {
        // An integer and a string always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the id as a string, if it is one. An integer is not converted.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            UserIdRepr::String(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            UserIdRepr::Signed(id) => fmt::Display::fmt(id, f),
            UserIdRepr::Unsigned(id) => fmt::Display::fmt(id, f),
            UserIdRepr::String(id) => fmt::Display::fmt(id, f),
        }
    }
}

/// Formats an integer as it is, and a string in quotes and escaped, so that logs can contain it.
impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            UserIdRepr::Signed(id) => fmt::Debug::fmt(id, f),
            UserIdRepr::Unsigned(id) => fmt::Debug::fmt(id, f),
            UserIdRepr::String(id) => fmt::Debug::fmt(id, f),
        }
    }
}

macro_rules! from_integers {
    ($($unsigned:ty),+; $($signed:ty),+; $($wide:ty),+) => {
        $(impl From<$unsigned> for UserId {
            fn from(id: $unsigned) -> Self {
                Self(UserIdRepr::Unsigned(id.into()))
            }
        })+
        $(impl From<$signed> for UserId {
            fn from(id: $signed) -> Self {
                Self(u64::try_from(id).map_or_else(|_| UserIdRepr::Signed(id.into()), UserIdRepr::Unsigned))
            }
        })+
        // An integer that fits neither `u64` nor `i64` becomes a decimal string, so that no digit is lost.
        $(impl From<$wide> for UserId {
            fn from(id: $wide) -> Self {
                let unsigned = u64::try_from(id).map(Self::from);
                unsigned.or_else(|_| i64::try_from(id).map(Self::from)).unwrap_or_else(|_| Self::from(id.to_string()))
            }
        })+
    };
}
from_integers!(u8, u16, u32, u64; i8, i16, i32, i64; usize, isize, u128, i128);

impl From<&str> for UserId {
    fn from(id: &str) -> Self {
        Self(UserIdRepr::String(id.into()))
    }
}

impl From<&UserId> for UserId {
    fn from(id: &UserId) -> Self {
        id.clone()
    }
}

impl From<String> for UserId {
    fn from(id: String) -> Self {
        Self(UserIdRepr::String(id.into()))
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            UserIdRepr::Signed(id) => serializer.serialize_i64(*id),
            UserIdRepr::Unsigned(id) => serializer.serialize_u64(*id),
            UserIdRepr::String(id) => serializer.serialize_str(id),
        }
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Subject::deserialize(deserializer).map(|subject| subject.to_user_id())
    }
}
