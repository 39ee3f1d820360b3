//! JWKs (RFC 7517, RFC 7518 section 6, RFC 8037 section 2). The members of a JWK determine its algorithm.

use std::any::Any;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::form::KeyKind;
use super::input_json::{self, Reader};
use super::invalid_key::invalid_key;
use super::public::PublicKey;
use super::suite::{self, RSA_FAMILY, Suite};
use super::thumbprints;
use crate::error::{ConfigError, quoted};
use crate::key::{Algorithm, SigningKey, VerifyingKey};

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
        input_json::jwk(json, Reader::SigningKey)?.signing_key()
    }
}

/// Public keys in JSON (feature `asymmetric`).
impl VerifyingKey {
    /// Reads a public key, or a secret for HMAC, from a JWK. Its `kid` becomes the id.
    ///
    /// `kty` and `crv` determine the algorithm, and `alg` selects one where several are possible. An RSA key without
    /// `alg` serves all of them, from RS256 to PS512. `use` and `key_ops`, if present, must allow verifying.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for a key that cannot verify, and for a private key, because only its public half is
    /// needed here. The errors of [`hs256`](Self::hs256) for a secret.
    pub fn from_jwk(json: &str) -> Result<Self, ConfigError> {
        input_json::jwk(json, Reader::VerifyingKey)?.verifying_key()
    }

    /// Writes the public key as a JWK for publication, with `alg` and `use`, and with `kid` if the key has an id.
    /// `alg` is left out if the key serves several algorithms.
    ///
    /// Returns `None` for an HMAC key, which is a secret.
    #[must_use]
    pub fn to_jwk(&self) -> Option<String> {
        let verifier: &dyn Any = &*self.verifier;
        let members = verifier.downcast_ref::<PublicKey>()?.jwk();
        let kid = self.id().map(|id| format!(r#""kid":{},"#, Value::from(id))).unwrap_or_default();
        let only = self.family.is_empty().then(|| self.algorithm());
        let alg = only.map(|alg| format!(r#""alg":"{alg}","#)).unwrap_or_default();
        Some(format!(r#"{{{members},{kid}{alg}"use":"sig"}}"#))
    }
}

/// The members of a JWK, and the name of the constructor for errors.
pub(super) struct Jwk {
    pub(super) members: Map<String, Value>,
    given_to: &'static str,
}

impl Jwk {
    /// Wraps parsed JSON, which must be an object.
    pub(super) fn new(value: Value, given_to: &'static str) -> Result<Self, ConfigError> {
        let found = match value {
            Value::Object(members) => return Ok(Self { members, given_to }),
            Value::Array(_) => "a JSON array",
            Value::String(_) => "a JSON string",
            Value::Number(_) => "a JSON number",
            Value::Bool(_) => "a JSON boolean",
            Value::Null => "null",
        };
        Err(invalid_key(given_to, found, "a JWK, which is a JSON object"))
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
            Some(suite) => self.public_half(suite)?,
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

    /// Creates the error for a JWK that cannot be used.
    pub(super) fn error(&self, found: impl Into<String>, instead: &'static str) -> ConfigError {
        invalid_key(self.given_to, found, instead)
    }

    /// Checks that `use` and `key_ops` allow `operation` (RFC 7517 sections 4.2 and 4.3).
    fn allows(&self, operation: &str) -> Result<(), ConfigError> {
        if let Some(usage) = self.string("use")?.filter(|usage| *usage != "sig") {
            let found = format!("a JWK whose `use` is {} and not `sig`", quoted(usage));
            return Err(self.error(found, "a JWK for signatures"));
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
        let default = match (self.required("kty")?, self.string("crv")?) {
            ("RSA", _) => &suite::RS256,
            ("EC", Some("P-256")) => &suite::ES256,
            ("EC", Some("P-384")) => &suite::ES384,
            ("EC", Some("P-521")) => &suite::ES512,
            ("OKP", Some("Ed25519")) => &suite::EDDSA,
            ("oct", _) => return Ok(None),
            (kty @ ("EC" | "OKP"), crv) => {
                let crv = crv.map_or("missing".to_owned(), quoted);
                return Err(
                    self.error(format!("a JWK whose `kty` is `{kty}` and whose `crv` is {crv}"), A_TYPE)
                );
            }
            (kty, _) => return Err(self.error(format!("a JWK whose `kty` is {}", quoted(kty)), A_TYPE)),
        };
        let Some(alg) = self.string("alg")? else { return Ok(Some(default)) };
        let suite = Algorithm::named(alg).and_then(Suite::of).filter(|suite| suite.kind == default.kind);
        suite.map(Some).ok_or_else(|| {
            let found =
                format!("a JWK whose `alg` is {}, which does not match its `kty` and `crv`", quoted(alg));
            self.error(found, "a JWK for signatures in which all three agree")
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

    /// Reads a public key. An RSA key without `alg` serves the whole family.
    fn public_half(&self, suite: &Suite) -> Result<VerifyingKey, ConfigError> {
        if let Some(private) = PRIVATE.iter().find(|name| self.has(name)) {
            return Err(self.error(
                format!("a private key, with the member `{private}`"),
                "its public half: the same JWK without its private members, such as `d`",
            ));
        }
        let family: &[Algorithm] =
            if suite.kind == KeyKind::Rsa && !self.has("alg") { &RSA_FAMILY } else { &[] };
        let public = self.public_key(suite)?.serving(family);
        let mut key = VerifyingKey::new(suite.algorithm, Arc::new(public));
        key.family = family;
        key.thumbprints = thumbprints::of(&self.members).into();
        Ok(key)
    }

    fn public_key(&self, suite: &Suite) -> Result<PublicKey, ConfigError> {
        let key = match suite.kind {
            KeyKind::Ed25519 => PublicKey::new(suite, &self.coordinate("x", suite)?),
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => PublicKey::new(suite, &self.point(suite)?),
            _ => PublicKey::from_rsa_numbers(suite, &self.bytes("n")?, &self.bytes("e")?),
        };
        key.map_err(|found| self.error(found, suite.public_jwk()))
    }
}

const A_TYPE: &str = "a JWK whose `kty` is RSA, EC on P-256, P-384 or P-521, or OKP on Ed25519";

/// The members of private keys and secrets (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
