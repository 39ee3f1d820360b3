//! Claims without a type of their own.

use std::ops::Index;

use serde::de::{DeserializeOwned, MapAccess};
use serde::ser::Serialize;
use serde_json::{Map, Value};

use super::{ClaimMap, ClaimReader, ClaimWriter, FromClaims, ToClaims, UserId};
use crate::error::TokenError;

/// The dynamic form of claims: the id of the user, and whatever else the token says.
///
/// `payload["role"]` is a JSON value, null when the claim is absent; [`get`](Self::get) reads it as a type.
/// `payload["user_id"]` is the user's id, whatever the claim is called in the token.
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
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    user_id: UserId,
    /// The id again as JSON, for `payload["user_id"]`.
    subject: Value,
    claims: Map<String, Value>,
    /// The first claim that `with` could not turn into JSON: an error when the token is made.
    unwritable: Option<String>,
}

impl Payload {
    /// Claims that say who the user is, and nothing else yet.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        Self::from_parts(user_id.into(), Map::new())
    }

    /// The same claims with one more, or with another value for one; `None` is left out.
    ///
    /// A name that the token manager writes itself, or a value that JSON cannot hold, is an error when the
    /// token is created.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(value) => drop(self.claims.insert(name, value)),
            Err(_) => self.unwritable = self.unwritable.or(Some(name)),
        }
        self
    }

    /// Who the user is.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// A claim as a `T`; `None` when it is absent or something else.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.value(name)?).ok()
    }

    /// The claims besides the user's id, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.claims.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn into_user_id(self) -> UserId {
        self.user_id
    }

    fn from_parts(user_id: UserId, claims: Map<String, Value>) -> Self {
        let subject = user_id.as_str().map(Value::from).or_else(|| user_id.as_u64().map(Value::from));
        let subject = subject.or_else(|| user_id.as_i64().map(Value::from)).unwrap_or_default();
        Self { user_id, subject, claims, unwritable: None }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        if name == "user_id" { Some(&self.subject) } else { self.claims.get(name) }
    }
}

impl Index<&str> for Payload {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.value(name).unwrap_or(&Value::Null)
    }
}

impl ToClaims for Payload {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        if let Some(name) = &self.unwritable {
            return Err(TokenError::mistyped(name));
        }
        claims.subject(&self.user_id)?;
        self.claims.iter().try_for_each(|(name, value)| claims.claim(name, value))
    }
}

impl<'t> FromClaims<'t> for Payload {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        let mut own = Map::new();
        while let Some(name) = claims.next_name()? {
            ClaimMap::read(&mut own, name, claims)?;
        }
        Ok(Self::from_parts(claims.read_user_id()?, own))
    }
}
