//! The values of a JWK's members, in the types that keys need.

use serde_json::Value;
use zeroize::Zeroizing;

use super::form::KeyKind;
use super::jwk::Jwk;
use super::public::UNCOMPRESSED;
use super::suite::Suite;
use crate::base64url;
use crate::error::ConfigError;

impl Jwk {
    /// Returns whether the JWK has a member with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns the string value of a member, if it is present.
    pub(super) fn string(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(string)) => Ok(Some(string)),
            Some(_) => {
                let found = format!("a JWK whose `{name}` is not a string");
                Err(self.error(found, "a string, or omit the member"))
            }
        }
    }

    /// Returns the string value of a required member.
    pub(super) fn required(&self, name: &str) -> Result<&str, ConfigError> {
        self.string(name)?
            .ok_or_else(|| self.error(format!("a JWK without `{name}`"), "a JWK with all members of the key"))
    }

    /// Decodes the bytes of a required member. Each number has one spelling: padding and the standard alphabet are rejected.
    pub(super) fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let string = self.required(name)?;
        base64url::decoded(string).map(Zeroizing::new).ok_or_else(|| {
            let problem = match string {
                _ if string.contains(['+', '/']) => "base64 and not base64url (`-` and `_`)",
                _ if string.contains('=') => "base64url with padding (`=`)",
                _ => "not base64url",
            };
            let found = format!("a JWK whose `{name}` is {problem}");
            self.error(found, "a JWK with all members of the key, in base64url without padding")
        })
    }

    /// Returns a number, which must have the full length of its curve (RFC 7518 section 6.2.1.2).
    pub(super) fn coordinate(&self, name: &str, suite: &Suite) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let length = match suite.kind {
            KeyKind::P384 => 48,
            KeyKind::P521 => 66,
            _ => 32,
        };
        let number = self.bytes(name)?;
        if number.len() == length {
            return Ok(number);
        }
        let found = format!("a JWK whose `{name}` has {} bytes and not {length}", number.len());
        Err(self.error(found, suite.public_jwk()))
    }

    /// Returns the uncompressed point of `x` and `y` (SEC1 section 2.3.3).
    pub(super) fn point(&self, suite: &Suite) -> Result<Vec<u8>, ConfigError> {
        let (x, y) = (self.coordinate("x", suite)?, self.coordinate("y", suite)?);
        Ok([&[UNCOMPRESSED], &**x, &**y].concat())
    }
}
