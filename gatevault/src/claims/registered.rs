//! The claims that the token manager owns, as they are captured on the way through a token.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, MapAccess};

use super::json::{Audience, NumericDate};
use super::serde_reader::CapturedValue;
use super::subject::Subject;
use crate::clock::Timestamp;
use crate::json::Text;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// Opens guarded functions; lives for minutes.
    Access,
    /// Is exchanged for new tokens; lives for days.
    Refresh,
}

impl TokenKind {
    /// The value of the `type` claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh].into_iter().find(|kind| kind.name() == name)
    }
}

/// The registered claims as the token has them, not yet validated.
#[derive(Default)]
pub(crate) struct Captured<'t> {
    /// The user, under whatever name the manager gives the claim.
    pub(crate) subject: Option<Subject<'t>>,
    pub(crate) exp: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iss: Option<Text<'t>>,
    pub(crate) aud: Option<Audience<'t>>,
    pub(crate) jti: Option<Text<'t>>,
    pub(crate) sid: Option<Text<'t>>,
    pub(crate) kind: Option<Text<'t>>,
    pub(crate) auth_time: Option<NumericDate>,
}

/// The one list of registered claims: the name of each, and the field that captures it.
macro_rules! registered {
    ($($name:literal => $field:ident)+) => {
        /// The names that no claims type may use: the manager writes and reads them (RFC 7519 section 4.1; `auth_time` and
        /// `sid` of RFC 9068 section 2.2.1 and `OpenID` Connect).
        pub(crate) const RESERVED: &[&str] = &[$($name),+];

        impl<'t> Captured<'t> {
            /// Captures the value behind `name`. Returns whether the claim is registered.
            #[inline]
            pub(super) fn capture<A: MapAccess<'t>>(
                &mut self,
                name: &str,
                members: &mut A,
            ) -> Result<bool, A::Error> {
                match name {
                    $($name => fill(&mut self.$field, members),)+
                    _ => Ok(false),
                }
            }

            /// Returns the value of the registered claim `name`, if it was captured.
            pub(super) fn value(&self, name: &str) -> Option<CapturedValue<'t>> {
                match name {
                    $($name => self.$field.as_ref().map(CapturedValue::from),)+
                    _ => None,
                }
            }
        }
    };
}
registered! {
    "exp" => exp
    "iat" => iat
    "jti" => jti
    "type" => kind
    "sid" => sid
    "iss" => iss
    "aud" => aud
    "nbf" => nbf
    "auth_time" => auth_time
}

/// Reads the value into its slot, which is empty unless the name is repeated.
#[inline]
pub(super) fn fill<'t, T: Deserialize<'t>, A: MapAccess<'t>>(
    slot: &mut Option<T>,
    members: &mut A,
) -> Result<bool, A::Error> {
    if slot.is_some() {
        return Err(de::Error::custom("a claim is there twice"));
    }
    *slot = Some(members.next_value()?);
    Ok(true)
}

/// The registered claims of a verified token.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) expires_at: Timestamp,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) token_id: Id,
    pub(crate) session_id: Option<Id>,
    pub(crate) authenticated_at: Option<Timestamp>,
    pub(crate) kind: TokenKind,
    /// Whose token it is, where it is not our own.
    pub(crate) foreign_issuer: Option<Arc<str>>,
}

/// The id of a token or a session, which mostly is a UUID in its text form.
#[derive(Clone)]
pub(crate) enum Id {
    /// As short as a UUID, or shorter: the text in the first bytes.
    Short { length: u8, bytes: [u8; Self::SHORT] },
    /// As long as whoever made it liked.
    Long(Box<str>),
}

impl Id {
    const SHORT: usize = 36;

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Short { length, bytes } => {
                let text = bytes.get(..usize::from(*length)).unwrap_or_default();
                str::from_utf8(text).unwrap_or_default()
            }
            Self::Long(text) => text,
        }
    }
}

impl From<&str> for Id {
    #[inline]
    fn from(text: &str) -> Self {
        let mut bytes = [0; Self::SHORT];
        match (bytes.get_mut(..text.len()), text.len().try_into()) {
            (Some(space), Ok(length)) => {
                space.copy_from_slice(text.as_bytes());
                Self::Short { length, bytes }
            }
            _ => Self::Long(text.into()),
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
