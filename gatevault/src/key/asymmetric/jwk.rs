//! One key as JSON (RFC 7517; RFC 7518 section 6; RFC 8037 section 2), bound to one algorithm by its own members.

use std::any::Any;
use std::sync::Arc;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::form::Kind;
use super::public::{PublicKey, UNCOMPRESSED};
use super::refusal::refusal;
use super::suite::{self, Suite};
use crate::base64url;
use crate::error::ConfigError;
use crate::json::Strict;
use crate::key::{SigningKey, VerifyingKey};

/// Key pairs and secrets in JSON (feature `asymmetric`).
impl SigningKey {
    /// The key pair, or the secret for HMAC, in a JWK; its id is `kid`.
    ///
    /// `kty` and `crv` say for which algorithm it is, and `alg` where there is a choice: an RSA key without one is for
    /// RS256. An RSA key has to have its primes. `use` and `key_ops`, where there, have to allow signing.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for what cannot sign, and what [`hs256`](Self::hs256) finds wrong with a secret.
    pub fn from_jwk(json: &str) -> Result<Self, ConfigError> {
        Jwk::read(json, "SigningKey::from_jwk")?.signing_key()
    }
}

/// Public keys in JSON (feature `asymmetric`).
impl VerifyingKey {
    /// The public key, or the secret for HMAC, in a JWK; its id is `kid`.
    ///
    /// `kty` and `crv` say for which algorithm it is, and `alg` where there is a choice: an RSA key without one is for
    /// RS256. `use` and `key_ops`, where there, have to allow verifying.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for what cannot verify, and for a private key, which does not belong where only
    /// its public half is needed; and what [`hs256`](Self::hs256) finds wrong with a secret.
    pub fn from_jwk(json: &str) -> Result<Self, ConfigError> {
        Jwk::read(json, "VerifyingKey::from_jwk")?.verifying_key()
    }

    /// The public key as a JWK, to be published: with `alg` and `use`, and with `kid` if it has an id.
    ///
    /// A key for HMAC has none: it is a secret.
    #[must_use]
    pub fn to_jwk(&self) -> Option<String> {
        let verifier: &dyn Any = &*self.verifier;
        let members = verifier.downcast_ref::<PublicKey>()?.jwk();
        let kid = self.id().map(|id| format!(r#""kid":{},"#, Value::from(id))).unwrap_or_default();
        Some(format!(r#"{{{members},{kid}"alg":"{}","use":"sig"}}"#, self.algorithm()))
    }
}

/// A key's members, and who is told when they make none.
pub(super) struct Jwk {
    members: Map<String, Value>,
    given_to: &'static str,
}

impl Jwk {
    fn read(json: &str, given_to: &'static str) -> Result<Self, ConfigError> {
        let value = serde_json::from_str(json).map(|Strict(value): Strict<Value>| value).unwrap_or_default();
        Self::new(value, given_to)
    }

    pub(super) fn new(value: Value, given_to: &'static str) -> Result<Self, ConfigError> {
        match value {
            Value::Object(members) => Ok(Self { members, given_to }),
            _ => Err(refusal(given_to, "what is no JSON object", "a JWK, no member of it twice")),
        }
    }

    pub(super) fn id(&self) -> Result<Option<&str>, ConfigError> {
        match self.text("kid")? {
            Some("") => Err(self.refuse("a JWK whose `kid` is empty", "one with an id, or without `kid`")),
            id => Ok(id),
        }
    }

    pub(super) fn signing_key(&self) -> Result<SigningKey, ConfigError> {
        self.allows("sign")?;
        let key = match self.suite()? {
            Some(suite) => self.key_pair(suite)?,
            None => self.secret()?,
        };
        match self.id()? {
            Some(id) => key.with_id(id),
            None => Ok(key),
        }
    }

    pub(super) fn verifying_key(&self) -> Result<VerifyingKey, ConfigError> {
        self.allows("verify")?;
        let key = match self.suite()? {
            Some(_) if PRIVATE.iter().any(|name| self.members.contains_key(*name)) => {
                return Err(
                    self.refuse("a private key", "its public half: the same JWK without `d` and the like")
                );
            }
            Some(suite) => VerifyingKey::new(suite.algorithm, Arc::new(self.public_key(suite)?)),
            None => self.secret()?.verifying_key().clone(),
        };
        match self.id()? {
            Some(id) => key.with_id(id),
            None => Ok(key),
        }
    }

    /// Whether it is a secret for HMAC, or would be.
    pub(super) fn is_secret(&self) -> bool {
        self.members.get("kty").is_some_and(|kty| kty == "oct")
    }

    /// What `use` and `key_ops` allow (RFC 7517 sections 4.2 and 4.3).
    fn allows(&self, operation: &str) -> Result<(), ConfigError> {
        if self.text("use")?.is_some_and(|usage| usage != "sig") {
            return Err(self.refuse("a JWK whose `use` is not `sig`", "one for signatures"));
        }
        let is_allowed = match self.members.get("key_ops") {
            Some(Value::Array(operations)) => operations.iter().any(|allowed| allowed == operation),
            Some(_) => false,
            None => true,
        };
        is_allowed.then_some(()).ok_or_else(|| {
            self.refuse(format!("a JWK whose `key_ops` do not name `{operation}`"), "one for signatures")
        })
    }

    /// The algorithm that the key is for, or none for a secret.
    fn suite(&self) -> Result<Option<&'static Suite>, ConfigError> {
        let usual = match (self.text("kty")?, self.text("crv")?) {
            (Some("RSA"), _) => &suite::RS256,
            (Some("EC"), Some("P-256")) => &suite::ES256,
            (Some("EC"), Some("P-384")) => &suite::ES384,
            (Some("OKP"), Some("Ed25519")) => &suite::EDDSA,
            (Some("oct"), _) => return Ok(None),
            _ => {
                let instead = "a key whose `kty` is RSA, EC on P-256 or P-384, or OKP on Ed25519";
                return Err(self.refuse("a JWK of another `kty` or `crv`", instead));
            }
        };
        let suite = self.text("alg")?.map_or(Some(usual), Suite::named);
        suite.filter(|suite| suite.kind == usual.kind).map(Some).ok_or_else(|| {
            self.refuse(
                "a JWK whose `alg` does not go with its `kty` and `crv`",
                "one of which all three agree",
            )
        })
    }

    fn secret(&self) -> Result<SigningKey, ConfigError> {
        let secret = self.bytes("k")?;
        match self.text("alg")? {
            Some("HS256") => SigningKey::hs256(&*secret),
            Some("HS384") => SigningKey::hs384(&*secret),
            Some("HS512") => SigningKey::hs512(&*secret),
            _ => Err(self.refuse("a secret for no HMAC", "one whose `alg` is HS256, HS384 or HS512")),
        }
    }

    fn public_key(&self, suite: &Suite) -> Result<PublicKey, ConfigError> {
        let key = match suite.kind {
            Kind::Ed25519 => PublicKey::new(suite, &self.coordinate("x", suite)?),
            Kind::P256 | Kind::P384 => PublicKey::new(suite, &self.point(suite)?),
            _ => PublicKey::from_rsa_numbers(suite, &self.bytes("n")?, &self.bytes("e")?),
        };
        key.map_err(|found| self.refuse(found, suite.public_jwk()))
    }

    /// A point with both of its coordinates (SEC1 section 2.3.3).
    pub(super) fn point(&self, suite: &Suite) -> Result<Vec<u8>, ConfigError> {
        let (x, y) = (self.coordinate("x", suite)?, self.coordinate("y", suite)?);
        Ok([&[UNCOMPRESSED], &**x, &**y].concat())
    }

    /// A number in the full length of its curve, as RFC 7518 section 6.2.1.2 demands.
    pub(super) fn coordinate(&self, name: &str, suite: &Suite) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let length = if suite.kind == Kind::P384 { 48 } else { 32 };
        let number = self.bytes(name)?;
        if number.len() == length {
            return Ok(number);
        }
        Err(self.refuse(format!("a JWK whose `{name}` is not {length} bytes long"), suite.public_jwk()))
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let bytes = self.text(name)?.and_then(base64url::decoded);
        bytes.map(Zeroizing::new).ok_or_else(|| {
            let found = format!("a JWK whose `{name}` is missing or is no base64url");
            self.refuse(found, "all members of the key, in base64url without padding")
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    pub(super) fn refuse(&self, found: impl Into<String>, instead: &'static str) -> ConfigError {
        refusal(self.given_to, found, instead)
    }

    fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => {
                Err(self.refuse(format!("a JWK whose `{name}` is no text"), "a text, or leave it out"))
            }
        }
    }
}

/// The members that only a private key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
