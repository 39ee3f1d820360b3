//! Dynamic claims, without a type of their own.

use std::ops::Index;

use serde::de::{Deserialize as _, DeserializeOwned, MapAccess};
use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value};

use super::{ClaimMap, ClaimReader, ClaimWriter, FromClaims, RESERVED, ToClaims, UserId};
use crate::error::TokenError;

/// Dynamic claims: the id of the user, and the other claims as JSON values by name.
///
/// `payload["role"]` is a JSON value, null if the claim is absent; [`get`](Self::get) reads it as a type.
/// `payload["user_id"]` is the user's id, even if the token has it under another name, such as `sub`.
///
/// A payload serializes as the object of its claims, the id first and as `user_id`. Registered claims, such as `exp`, are not
/// part of it. Four of them can still be read by name: `payload["iss"]`, `payload["aud"]`, `payload["acr"]` and
/// `payload["amr"]`; in a token of another [`Issuer`](crate::Issuer), all of them. They are left out everywhere else, so
/// that a token created from the payload has the manager's own values.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let access = tokens.create_access_token(&Payload::new(42).with("role", "admin").with("org_id", 7))?;
///
/// let payload = tokens.decode_access_token::<Payload>(&access)?;
/// assert_eq!(payload.user_id(), &42.into());
/// assert_eq!(payload["role"], "admin");
/// assert_eq!(payload.get::<u64>("org_id"), Some(7));
/// assert!(payload["team"].is_null());
///
/// let json = serde_json::to_value(&*payload).unwrap_or_default();
/// assert_eq!(json, serde_json::json!({ "user_id": 42, "role": "admin", "org_id": 7 }));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Payload {
    user_id: UserId,
    /// The id as JSON, for `payload["user_id"]`.
    subject: Value,
    claims: Map<String, Value>,
    /// The registered claims that can be read by name. Most tokens have none of them.
    registered: Option<Box<Map<String, Value>>>,
    /// The first claim that `with` could not serialize: an error when the token is created.
    invalid: Option<String>,
}

impl Payload {
    /// Creates claims with the id of the user only.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self::from_parts(user_id.into(), Map::new())
    }

    /// Adds a claim, or replaces its value. `None` is left out of the token.
    ///
    /// The name of a registered claim, or a value that JSON cannot represent, is an error when the token is created.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(value) => drop(self.claims.insert(name, value)),
            Err(_) => self.invalid = self.invalid.or(Some(name)),
        }
        self
    }

    /// Returns the id of the user.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns a claim as a `T`; `None` if it is absent or of another type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.value(name)?).ok()
    }

    /// Returns the names and values of the claims, without the user's id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.claims.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn into_user_id(self) -> UserId {
        self.user_id
    }

    fn from_parts(user_id: UserId, claims: Map<String, Value>) -> Self {
        let subject = user_id.as_str().map(Value::from).or_else(|| user_id.as_u64().map(Value::from));
        let subject = subject.or_else(|| user_id.as_i64().map(Value::from)).unwrap_or_default();
        Self { user_id, subject, claims, registered: None, invalid: None }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        if name == SUBJECT {
            return Some(&self.subject);
        }
        self.claims.get(name).or_else(|| self.registered.as_ref()?.get(name))
    }
}

/// Compares the ids and the claims, as a new token would have them.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        (&self.user_id, &self.claims, &self.invalid) == (&other.user_id, &other.claims, &other.invalid)
    }
}

impl Index<&str> for Payload {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.value(name).unwrap_or(&Value::Null)
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(name) = &self.invalid {
            return Err(S::Error::custom(format_args!("the claim `{name}` cannot be represented in JSON")));
        }
        // `None` is left out of tokens, so it is left out here too. `payload["user_id"]` is the id, and so is this one.
        let others = || self.iter().filter(|(name, value)| *name != SUBJECT && !value.is_null());
        let mut object = serializer.serialize_map(Some(others().count().saturating_add(1)))?;
        object.serialize_entry(SUBJECT, &self.subject)?;
        others().try_for_each(|(name, value)| object.serialize_entry(name, value))?;
        object.end()
    }
}

impl ToClaims for Payload {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        if let Some(name) = &self.invalid {
            return Err(TokenError::mistyped(name));
        }
        claims.subject(&self.user_id)?;
        self.claims.iter().try_for_each(|(name, value)| claims.claim(name, value))
    }
}

impl<'t> FromClaims<'t> for Payload {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        let mut map = Map::new();
        while let Some(name) = claims.next_name()? {
            ClaimMap::read(&mut map, name, claims)?;
        }
        let is_readable = claims.is_foreign() || claims.has_any_of_issuer();
        let registered = is_readable.then(|| Box::new(readable(claims)));
        Ok(Self { registered, ..Self::from_parts(claims.read_user_id()?, map) })
    }
}

/// Returns the registered claims that can be read by name. Called after the last name.
#[cold]
fn readable<'t, A: MapAccess<'t>>(claims: &ClaimReader<'t, '_, A>) -> Map<String, Value> {
    let value = |name: &&str| Value::deserialize(claims.registered_value(name)?).ok();
    let names = if claims.is_foreign() { RESERVED } else { &READABLE };
    names.iter().filter_map(|name| Some(((*name).to_owned(), value(name)?))).collect()
}

/// The registered claims in which an issuer describes itself and the login, and which differ between issuers.
const READABLE: [&str; 4] = ["iss", "aud", "acr", "amr"];

/// The name of the user's id in `payload[..]` and in JSON.
const SUBJECT: &str = "user_id";
