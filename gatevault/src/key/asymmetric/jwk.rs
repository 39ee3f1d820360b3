//! JWKs (RFC 7517, RFC 7518 section 6, RFC 8037 section 2). The members of a JWK determine its one algorithm.

use std::any::Any;
use std::sync::Arc;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::form::KeyKind;
use super::invalid_key::invalid_key;
use super::public::{PublicKey, UNCOMPRESSED};
use super::suite::{self, Suite};
use crate::base64url;
use crate::error::ConfigError;
use crate::json::Strict;
use crate::key::{SigningKey, VerifyingKey};

/// Key pairs and secrets in JSON (feature `asymmetric`).
impl SigningKey {
    /// Reads a key pair, or a secret for HMAC, from a JWK. Its `kid` becomes the id.
    ///
    /// `kty` and `crv` determine the algorithm, and `alg` selects one where several are possible. An RSA key without
    /// `alg` is for RS256. An RSA key must include its primes. `use` and `key_ops`, if present, must allow signing.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key that cannot sign, and the errors of [`hs256`](Self::hs256) for a secret.
    pub fn from_jwk(json: &str) -> Result<Self, ConfigError> {
        Jwk::read(json, "SigningKey::from_jwk")?.signing_key()
    }
}

/// Public keys in JSON (feature `asymmetric`).
impl VerifyingKey {
    /// Reads a public key, or a secret for HMAC, from a JWK. Its `kid` becomes the id.
    ///
    /// `kty` and `crv` determine the algorithm, and `alg` selects one where several are possible. An RSA key without
    /// `alg` is for RS256. `use` and `key_ops`, if present, must allow verifying.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key that cannot verify, and for a private key, because only its public half is
    /// needed here. The errors of [`hs256`](Self::hs256) for a secret.
    pub fn from_jwk(json: &str) -> Result<Self, ConfigError> {
        Jwk::read(json, "VerifyingKey::from_jwk")?.verifying_key()
    }

    /// Writes the public key as a JWK for publication, with `alg` and `use`, and with `kid` if the key has an id.
    ///
    /// Returns `None` for an HMAC key, which is a secret.
    #[must_use]
    pub fn to_jwk(&self) -> Option<String> {
        let verifier: &dyn Any = &*self.verifier;
        let members = verifier.downcast_ref::<PublicKey>()?.jwk();
        let kid = self.id().map(|id| format!(r#""kid":{},"#, Value::from(id))).unwrap_or_default();
        Some(format!(r#"{{{members},{kid}"alg":"{}","use":"sig"}}"#, self.algorithm()))
    }
}

/// The members of a JWK, and the name of the constructor for errors.
pub(super) struct Jwk {
    members: Map<String, Value>,
    given_to: &'static str,
}

impl Jwk {
    /// Parses JSON strictly: an object with a repeated member is rejected.
    fn read(json: &str, given_to: &'static str) -> Result<Self, ConfigError> {
        let value = serde_json::from_str(json).map(|Strict(value): Strict<Value>| value).unwrap_or_default();
        Self::new(value, given_to)
    }

    /// Wraps parsed JSON, which must be an object.
    pub(super) fn new(value: Value, given_to: &'static str) -> Result<Self, ConfigError> {
        match value {
            Value::Object(members) => Ok(Self { members, given_to }),
            _ => {
                Err(invalid_key(given_to, "data that is not a JSON object", "a JWK without repeated members"))
            }
        }
    }

    /// Returns the `kid`.
    pub(super) fn id(&self) -> Result<Option<&str>, ConfigError> {
        match self.string("kid")? {
            Some("") => Err(self.error("a JWK whose `kid` is empty", "a JWK with an id, or without `kid`")),
            id => Ok(id),
        }
    }

    /// Reads the key as a key pair or as a secret.
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

    /// Reads the key as a public key or as a secret.
    pub(super) fn verifying_key(&self) -> Result<VerifyingKey, ConfigError> {
        self.allows("verify")?;
        let key = match self.suite()? {
            Some(_) if PRIVATE.iter().any(|name| self.members.contains_key(*name)) => {
                return Err(self.error(
                    "a private key",
                    "its public half: the same JWK without its private members, such as `d`",
                ));
            }
            Some(suite) => VerifyingKey::new(suite.algorithm, Arc::new(self.public_key(suite)?)),
            None => self.secret()?.verifying_key().clone(),
        };
        match self.id()? {
            Some(id) => key.with_id(id),
            None => Ok(key),
        }
    }

    /// Returns whether the JWK is of the type for secrets, whether or not it is complete.
    pub(super) fn is_secret(&self) -> bool {
        self.members.get("kty").is_some_and(|kty| kty == "oct")
    }

    /// Checks that `use` and `key_ops` allow `operation` (RFC 7517 sections 4.2 and 4.3).
    fn allows(&self, operation: &str) -> Result<(), ConfigError> {
        if self.string("use")?.is_some_and(|usage| usage != "sig") {
            return Err(self.error("a JWK whose `use` is not `sig`", "a JWK for signatures"));
        }
        let is_allowed = match self.members.get("key_ops") {
            Some(Value::Array(operations)) => operations.iter().any(|allowed| allowed == operation),
            Some(_) => false,
            None => true,
        };
        is_allowed.then_some(()).ok_or_else(|| {
            self.error(format!("a JWK whose `key_ops` do not contain `{operation}`"), "a JWK for signatures")
        })
    }

    /// Returns the algorithm of the key, or `None` for a secret.
    fn suite(&self) -> Result<Option<&'static Suite>, ConfigError> {
        let default = match (self.string("kty")?, self.string("crv")?) {
            (Some("RSA"), _) => &suite::RS256,
            (Some("EC"), Some("P-256")) => &suite::ES256,
            (Some("EC"), Some("P-384")) => &suite::ES384,
            (Some("OKP"), Some("Ed25519")) => &suite::EDDSA,
            (Some("oct"), _) => return Ok(None),
            _ => {
                let instead = "a JWK whose `kty` is RSA, EC on P-256 or P-384, or OKP on Ed25519";
                return Err(self.error("a JWK with an unsupported `kty` or `crv`", instead));
            }
        };
        let suite = self.string("alg")?.map_or(Some(default), Suite::named);
        suite.filter(|suite| suite.kind == default.kind).map(Some).ok_or_else(|| {
            self.error(
                "a JWK whose `alg` does not match its `kty` and `crv`",
                "a JWK in which all three agree",
            )
        })
    }

    fn secret(&self) -> Result<SigningKey, ConfigError> {
        let secret = self.bytes("k")?;
        match self.string("alg")? {
            Some("HS256") => SigningKey::hs256(&*secret),
            Some("HS384") => SigningKey::hs384(&*secret),
            Some("HS512") => SigningKey::hs512(&*secret),
            _ => {
                Err(self
                    .error("a secret whose `alg` is not HMAC", "a JWK whose `alg` is HS256, HS384 or HS512"))
            }
        }
    }

    fn public_key(&self, suite: &Suite) -> Result<PublicKey, ConfigError> {
        let key = match suite.kind {
            KeyKind::Ed25519 => PublicKey::new(suite, &self.coordinate("x", suite)?),
            KeyKind::P256 | KeyKind::P384 => PublicKey::new(suite, &self.point(suite)?),
            _ => PublicKey::from_rsa_numbers(suite, &self.bytes("n")?, &self.bytes("e")?),
        };
        key.map_err(|found| self.error(found, suite.public_jwk()))
    }

    /// Returns the uncompressed point of `x` and `y` (SEC1 section 2.3.3).
    pub(super) fn point(&self, suite: &Suite) -> Result<Vec<u8>, ConfigError> {
        let (x, y) = (self.coordinate("x", suite)?, self.coordinate("y", suite)?);
        Ok([&[UNCOMPRESSED], &**x, &**y].concat())
    }

    /// Returns a number, which must have the full length of its curve (RFC 7518 section 6.2.1.2).
    pub(super) fn coordinate(&self, name: &str, suite: &Suite) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let length = if suite.kind == KeyKind::P384 { 48 } else { 32 };
        let number = self.bytes(name)?;
        if number.len() == length {
            return Ok(number);
        }
        Err(self.error(format!("a JWK whose `{name}` does not have {length} bytes"), suite.public_jwk()))
    }

    /// Decodes the bytes of a required member.
    pub(super) fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let bytes = self.string(name)?.and_then(base64url::decoded);
        bytes.map(Zeroizing::new).ok_or_else(|| {
            let found = format!("a JWK whose `{name}` is missing or not base64url");
            self.error(found, "a JWK with all members of the key, in base64url without padding")
        })
    }

    /// Returns whether the JWK has a member with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Creates the error for a JWK that cannot be used.
    pub(super) fn error(&self, found: impl Into<String>, instead: &'static str) -> ConfigError {
        invalid_key(self.given_to, found, instead)
    }

    /// Returns the string value of a member, if it is present.
    fn string(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(string)) => Ok(Some(string)),
            Some(_) => {
                Err(self
                    .error(format!("a JWK whose `{name}` is not a string"), "a string, or omit the member"))
            }
        }
    }
}

/// The members of private keys and secrets (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
