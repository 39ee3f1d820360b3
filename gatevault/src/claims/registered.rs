//! The registered claims, which the token manager writes, reads and validates.

use std::fmt;
use std::sync::Arc;

use serde::de::value::F64Deserializer;
use serde::de::{self, Deserialize, MapAccess};
use serde_json::{Map, Value};

use super::json::{NumericDate, Strings};
use super::serde_reader::RegisteredValue;
use crate::clock::Timestamp;
use crate::json::{JsonStr, Strict};
use crate::user_id::Subject;

/// The purpose of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// Opens guarded functions. Lives for minutes.
    Access,
    /// Is exchanged for new tokens. Lives for days.
    Refresh,
    /// Serves one [`Purpose`](crate::token::Purpose). Opens no guarded function and is exchanged for nothing.
    /// [`Verified::kind`](crate::Verified::kind) never returns it: see [`VerifiedPurpose`](crate::token::VerifiedPurpose).
    Purpose,
}

impl TokenKind {
    /// Returns the value of the `type` claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Purpose => "purpose",
        }
    }

    /// Returns the kind of a JWT with this `type`. A purpose token is none: its signature is not that of a JWS.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh].into_iter().find(|kind| kind.name() == name)
    }
}

/// The registered claims of a token, not validated yet.
#[derive(Default)]
pub(crate) struct RawRegistered<'t> {
    /// The user. The manager chooses the name of this claim.
    pub(crate) subject: Option<Subject<'t>>,
    pub(crate) exp: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iss: Option<JsonStr<'t>>,
    pub(crate) aud: Option<Strings<'t>>,
    pub(crate) jti: Option<JsonStr<'t>>,
    pub(crate) sid: Option<JsonStr<'t>>,
    pub(crate) kind: Option<JsonStr<'t>>,
    pub(crate) auth_time: Option<NumericDate>,
    pub(crate) acr: Option<JsonStr<'t>>,
    pub(crate) amr: Option<Strings<'t>>,
    pub(crate) pool: Option<JsonStr<'t>>,
    /// The latest revocation of the user's access tokens that was known when the other claims were read.
    pub(crate) claims_since: Option<NumericDate>,
    /// The values in [`UNDECIDING`] claims of another issuer that have an unexpected form, by name.
    unexpected: Option<Box<Map<String, Value>>>,
}

/// The claims that decide nothing about a token of another issuer, which may write them in a form of its own.
pub(super) const UNDECIDING: [&str; 8] =
    ["type", "sid", "jti", "auth_time", "acr", "amr", "pool", "claims_since"];

impl RawRegistered<'_> {
    /// Returns whether the claim `name` has a value of an unexpected form. A null counts as absent.
    #[inline]
    pub(crate) fn is_unexpected(&self, name: &str) -> bool {
        let unexpected = self.unexpected.as_ref().and_then(|claims| claims.get(name));
        unexpected.is_some_and(|value| !value.is_null())
    }
}

/// Creates everything that lists the registered claims, from each name and the field that keeps its value.
macro_rules! registered_claims {
    ($($name:literal => $field:ident)+) => {
        /// The names of the registered claims, which no claims type may use (RFC 7519 section 4.1; `auth_time`, `acr`,
        /// `amr` and `sid` of RFC 9068 section 2.2.1 and `OpenID` Connect; `pool` and `claims_since` are ours).
        ///
        /// `gatevault-macros` and the documentation of its derive repeat the list; a test compares the three.
        pub(crate) const RESERVED: &[&str] = &[$($name),+];

        impl<'t> RawRegistered<'t> {
            /// Reads the value of `name` if it is a registered claim. Returns whether it is.
            #[inline]
            pub(super) fn read<A: MapAccess<'t>>(
                &mut self,
                name: &str,
                members: &mut A,
            ) -> Result<bool, A::Error> {
                match name {
                    $($name => fill(&mut self.$field, members),)+
                    _ => Ok(false),
                }
            }

            /// Reads the value of `name` in a token of another issuer. Keeps a value of an unexpected form apart.
            pub(super) fn read_any_form<A: MapAccess<'t>>(
                &mut self,
                name: &str,
                members: &mut A,
            ) -> Result<(), A::Error> {
                let Strict(value) = members.next_value::<Strict<Value>>()?;
                let is_expected = match name {
                    $($name => keep(&mut self.$field, &value),)+
                    _ => false,
                };
                if !is_expected {
                    self.unexpected.get_or_insert_default().insert(name.to_owned(), value);
                }
                Ok(())
            }

            /// Returns the value of the registered claim `name`, if it was read.
            pub(super) fn value(&self, name: &str) -> Option<RegisteredValue<'t>> {
                let expected = match name {
                    $($name => self.$field.as_ref().map(RegisteredValue::from),)+
                    _ => None,
                };
                expected.or_else(|| Some(RegisteredValue::Json(self.unexpected.as_ref()?.get(name)?.clone())))
            }
        }
    };
}
registered_claims! {
    "exp" => exp
    "iat" => iat
    "jti" => jti
    "type" => kind
    "sid" => sid
    "iss" => iss
    "aud" => aud
    "nbf" => nbf
    "auth_time" => auth_time
    "acr" => acr
    "amr" => amr
    "pool" => pool
    "claims_since" => claims_since
}

/// Reads a value into its slot. A slot that is not empty means a duplicate.
#[inline]
pub(super) fn fill<'t, T: Deserialize<'t>, A: MapAccess<'t>>(
    slot: &mut Option<T>,
    members: &mut A,
) -> Result<bool, A::Error> {
    if slot.is_some() {
        return Err(de::Error::custom("duplicate claim"));
    }
    *slot = Some(members.next_value()?);
    Ok(true)
}

/// Keeps a value that has the form of its slot. Returns whether it has.
fn keep<'t, T: Deserialize<'t>>(slot: &mut Option<T>, value: &Value) -> bool {
    // With the feature `arbitrary_precision`, `serde_json` reads a fraction from a text only.
    *slot = match value.as_f64().filter(|_| value.is_f64()) {
        Some(number) => T::deserialize(F64Deserializer::<de::value::Error>::new(number)).ok(),
        None => T::deserialize(value.clone()).ok(),
    };
    slot.is_some()
}

/// The registered claims of a verified token.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) expires_at: Timestamp,
    pub(crate) issued_at: Option<Timestamp>,
    /// The `jti`, which tokens of other issuers may lack.
    pub(crate) token_id: Option<InlineId>,
    pub(crate) session_id: Option<InlineId>,
    pub(crate) authenticated_at: Option<Timestamp>,
    /// The token has a time of the login, in a form that cannot be read.
    pub(crate) has_unreadable_login: bool,
    /// The claims `acr`, `amr`, `pool` and `claims_since`, and the service. Few tokens have them, so they take one pointer in the
    /// others.
    pub(crate) authentication: Option<Box<Authentication>>,
    pub(crate) kind: TokenKind,
    /// The issuer, if it is not us.
    pub(crate) foreign_issuer: Option<Arc<str>>,
}

/// The way in which the user authenticated (`OpenID` Connect Core section 2), the user's pool, and the service that created
/// the token.
#[derive(Debug, Clone)]
pub(crate) struct Authentication {
    /// The class that the authentication satisfies.
    pub(crate) acr: Option<Box<str>>,
    /// The methods that were used (RFC 8176).
    pub(crate) amr: Box<[Box<str>]>,
    /// The pool of the user.
    pub(crate) pool: Option<Box<str>>,
    /// The `iss` of a token of our own key, if we have no name: that of the service that created it.
    pub(crate) service: Option<Box<str>>,
    /// The latest revocation of the user's access tokens that was known when the other claims were read.
    pub(crate) claims_since: Option<Timestamp>,
}

impl Authentication {
    /// Returns the claims `acr`, `amr`, `pool` and `claims_since` of a token and its `service`, if it has one of them.
    #[inline]
    pub(crate) fn of(raw: &RawRegistered<'_>, service: Option<&str>) -> Option<Box<Self>> {
        let has_none = raw.acr.is_none() && raw.amr.is_none() && raw.pool.is_none() && service.is_none();
        if has_none && raw.claims_since.is_none() { None } else { Some(Self::boxed(raw, service)) }
    }

    #[cold]
    fn boxed(raw: &RawRegistered<'_>, service: Option<&str>) -> Box<Self> {
        Box::new(Self {
            acr: raw.acr.as_ref().map(|acr| (*acr.0).into()),
            amr: raw.amr.iter().flat_map(Strings::iter).map(Into::into).collect(),
            pool: raw.pool.as_ref().map(|pool| (*pool.0).into()),
            service: service.map(Into::into),
            claims_since: raw.claims_since.map(|since| since.0),
        })
    }
}

/// The id of a token or a session. UUIDs and shorter ids are stored inline, without an allocation.
#[derive(Clone)]
pub(crate) enum InlineId {
    /// An id of up to 36 bytes, in the first `length` bytes.
    Short { length: u8, bytes: [u8; Self::SHORT] },
    /// A longer id, on the heap.
    Long(Box<str>),
}

impl InlineId {
    const SHORT: usize = 36;

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Short { length, bytes } => {
                let id = bytes.get(..usize::from(*length)).unwrap_or_default();
                str::from_utf8(id).unwrap_or_default()
            }
            Self::Long(id) => id,
        }
    }
}

impl From<&str> for InlineId {
    #[inline]
    fn from(id: &str) -> Self {
        let mut bytes = [0; Self::SHORT];
        match (bytes.get_mut(..id.len()), id.len().try_into()) {
            (Some(space), Ok(length)) => {
                space.copy_from_slice(id.as_bytes());
                Self::Short { length, bytes }
            }
            _ => Self::Long(id.into()),
        }
    }
}

impl fmt::Debug for InlineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
