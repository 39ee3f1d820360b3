//! Finds the requested key or key set in JSON input, and names what was given instead.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::invalid_key::invalid_key;
use super::jwk::Jwk;
use crate::error::ConfigError;
use crate::json::{JsonStr, Strict};

/// A function that reads keys in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    SigningKey,
    VerifyingKey,
    JwkSet,
}

impl Reader {
    /// Returns the name of the function, for errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SigningKey => "SigningKey::from_jwk",
            Self::VerifyingKey => "VerifyingKey::from_jwk",
            Self::JwkSet => "JwkSet::from_json",
        }
    }

    /// Returns the expected input, for errors.
    fn expected(self) -> &'static str {
        match self {
            Self::SigningKey | Self::VerifyingKey => "a JWK, which is a JSON object",
            Self::JwkSet => A_SET,
        }
    }
}

/// Reads a JWK.
pub(super) fn jwk(json: &str, reader: Reader) -> Result<Jwk, ConfigError> {
    let jwk = strict(json, reader).and_then(|value| Jwk::new(value, reader.name()));
    // A set has the members of no key, so it is recognized before its `kty` is missed.
    let is_jwk = jwk.as_ref().is_ok_and(|jwk| jwk.has("kty"));
    if is_jwk { jwk } else { mistaken(json, reader).map_or(jwk, Err) }
}

/// Splits a JWK set into the JSON of its members, which is only scanned: a malformed member does not spoil the others.
pub(super) fn members(json: &str) -> Result<Vec<&str>, ConfigError> {
    let (json, reader) = (without_bom(json), Reader::JwkSet);
    let error = |found: String| {
        mistaken(json, reader).unwrap_or_else(|| invalid_key(reader.name(), found, reader.expected()))
    };
    let set: Set<'_> = serde_json::from_str(json).map_err(|reason| error(described(&reason)))?;
    let keys = set.0.ok_or_else(|| error("JSON without `keys`".to_owned()))?;
    let keys: Vec<&RawValue> = serde_json::from_str(keys.get())
        .map_err(|_| error("JSON whose `keys` is not an array".to_owned()))?;
    Ok(keys.into_iter().map(RawValue::get).collect())
}

/// Removes the byte order mark that some servers write before a set. RFC 8259 section 8.1 allows ignoring it.
fn without_bom(json: &str) -> &str {
    json.strip_prefix('\u{feff}').unwrap_or(json)
}

/// Parses JSON in which no member is repeated, at any depth.
pub(super) fn strict(json: &str, reader: Reader) -> Result<Value, ConfigError> {
    let Strict(value) = serde_json::from_str(json)
        .map_err(|error| invalid_key(reader.name(), described(&error), reader.expected()))?;
    Ok(value)
}

/// Describes the problem, without any part of the input.
fn described(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => {
            let (line, column) = (error.line(), error.column());
            format!("JSON that is no object or has a repeated member, at line {line} column {column}")
        }
        _ => format!("invalid JSON: {error}"),
    }
}

/// Recognizes input for another function.
fn mistaken(input: &str, reader: Reader) -> Option<ConfigError> {
    let error = |found: &str, instead| Some(invalid_key(reader.name(), found, instead));
    if without_bom(input).trim_start().starts_with("-----BEGIN ") {
        return error(
            "PEM",
            match reader {
                Reader::SigningKey => {
                    "the PEM to the constructor of its algorithm, such as `SigningKey::rs256`"
                }
                _ => "the PEM to the constructor of its algorithm, such as `VerifyingKey::rs256`",
            },
        );
    }
    let value: Value = serde_json::from_str(input).ok()?;
    let has = |name: &str| value.get(name).is_some();
    match reader {
        Reader::JwkSet if has("keys") => None,
        Reader::JwkSet if has("kty") => {
            error("a JWK", "it to `VerifyingKey::from_jwk`, or a JWK set: `{\"keys\": [..]}`")
        }
        Reader::SigningKey if has("keys") => {
            error("a JWK set", "one JWK of its `keys`, with its private members")
        }
        Reader::VerifyingKey if has("keys") => error("a JWK set", "it to `JwkSet::from_json`"),
        _ if has("jwks_uri") => error(
            "the configuration of an issuer",
            "the JWK set at its `jwks_uri`, or the issuer to `RemoteKeys::discover`",
        ),
        _ if is_array_of_jwks(&value) => {
            error("an array of JWKs", "`JwkSet::from_json` an object with the array: `{\"keys\": [..]}`")
        }
        _ if is_map_of_certificates(&value) => error(
            "a map of certificates",
            "each certificate to `VerifyingKey::rs256`, with its name in `with_id`, or the issuer's JWK set",
        ),
        _ => None,
    }
}

fn is_array_of_jwks(value: &Value) -> bool {
    value.as_array().and_then(|array| array.first()).is_some_and(|first| first.get("kty").is_some())
}

/// Returns whether the value is an object of PEM certificates, each under its id, as Google publishes for Firebase.
fn is_map_of_certificates(value: &Value) -> bool {
    let is_certificate = |value: &Value| {
        value.as_str().is_some_and(|text| text.trim_start().starts_with("-----BEGIN CERTIFICATE-----"))
    };
    value.as_object().is_some_and(|map| !map.is_empty() && map.values().all(is_certificate))
}

/// The member `keys` of a JSON object, not parsed yet.
struct Set<'j>(Option<&'j RawValue>);

impl<'de> Deserialize<'de> for Set<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SetVisitor)
    }
}

struct SetVisitor;

impl<'de> Visitor<'de> for SetVisitor {
    type Value = Set<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWK set")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Set<'de>, A::Error> {
        let mut keys = None;
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<JsonStr<'_>>()? {
            match &*name.0 {
                "keys" => keys = Some(members.next_value()?),
                _ => members.next_value::<IgnoredAny>().map(drop)?,
            }
            if !seen.insert(name) {
                return Err(de::Error::custom("duplicate member"));
            }
        }
        Ok(Set(keys))
    }
}

pub(super) const A_SET: &str =
    "a JWK set with a public key for signatures: RSA, EC on P-256, P-384 or P-521, or Ed25519";
