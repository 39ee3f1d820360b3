//! The id of a user: a whole number or a text.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::subject::Subject;

/// The id of a user, as tokens carry it: every `i64` and `u64`, or a text.
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
pub struct UserId(Id);

/// A number that is not negative is always `Unsigned`, so that equal ids are equal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Id {
    Signed(i64),
    Unsigned(u64),
    Text(Box<str>),
}

impl UserId {
    /// The id as an unsigned number, where it is one.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Id::Unsigned(id) => Some(id),
            _ => None,
        }
    }

    /// The id as a signed number, where it is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Id::Signed(id) => Some(id),
            Id::Unsigned(id) => id.try_into().ok(),
            Id::Text(_) => None,
        }
    }

    /// The id as a text, where it is one; a number is not turned into text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Id::Text(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Id::Signed(id) => fmt::Display::fmt(id, f),
            Id::Unsigned(id) => fmt::Display::fmt(id, f),
            Id::Text(id) => fmt::Display::fmt(id, f),
        }
    }
}

/// The number, or the text in quotes and escaped: what a log can hold.
impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Id::Signed(id) => fmt::Debug::fmt(id, f),
            Id::Unsigned(id) => fmt::Debug::fmt(id, f),
            Id::Text(id) => fmt::Debug::fmt(id, f),
        }
    }
}

macro_rules! from_integers {
    ($($unsigned:ty),+; $($signed:ty),+; $($wide:ty),+) => {
        $(impl From<$unsigned> for UserId {
            fn from(id: $unsigned) -> Self {
                Self(Id::Unsigned(id.into()))
            }
        })+
        $(impl From<$signed> for UserId {
            fn from(id: $signed) -> Self {
                Self(u64::try_from(id).map_or_else(|_| Id::Signed(id.into()), Id::Unsigned))
            }
        })+
        // One that no JSON number of ours holds is its decimal text, so that nothing of it is lost.
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
        Self(Id::Text(id.into()))
    }
}

impl From<String> for UserId {
    fn from(id: String) -> Self {
        Self(Id::Text(id.into()))
    }
}

impl Serialize for UserId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Id::Signed(id) => serializer.serialize_i64(*id),
            Id::Unsigned(id) => serializer.serialize_u64(*id),
            Id::Text(id) => serializer.serialize_str(id),
        }
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Subject::deserialize(deserializer).map(|subject| subject.to_user_id())
    }
}
