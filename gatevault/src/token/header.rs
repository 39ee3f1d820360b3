//! The JOSE header (RFC 7515 section 4): recognised by its bytes, or read strictly.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::claims::{StrictValue, Text};
use crate::error::{InvalidReason, TokenError};
use crate::key::SigningKey;

/// Accepts the encoded header of a token that `key` is to verify.
pub(super) fn accept(segment: &str, key: &SigningKey) -> Result<(), TokenError> {
    if segment == key.header() {
        return Ok(());
    }
    let json = URL_SAFE_NO_PAD.decode(segment).map_err(|_| TokenError::Decode)?;
    let header: Header<'_> = serde_json::from_slice(&json).map_err(|_| TokenError::Decode)?;
    header.accept(key)
}

/// What of a header is looked at. `jwk`, `jku`, `x5u` and `x5c` are not: a token never brings its own key.
#[derive(Default)]
struct Header<'t> {
    alg: Option<Text<'t>>,
    typ: Option<Text<'t>>,
    kid: Option<Text<'t>>,
    extension: Option<&'static str>,
}

impl Header<'_> {
    fn accept(&self, key: &SigningKey) -> Result<(), TokenError> {
        if let Some(extension) = self.extension {
            return Err(InvalidReason::Extension(extension).into());
        }
        let alg = self.alg.as_ref().ok_or(InvalidReason::Algorithm)?;
        if alg.0 != key.algorithm().name() {
            return Err(InvalidReason::Algorithm.into());
        }
        if !self.typ.as_ref().is_none_or(|typ| is_jwt(&typ.0)) {
            return Err(InvalidReason::Type.into());
        }
        match (&self.kid, key.verifying_key().id()) {
            (Some(kid), Some(id)) if kid.0 != id => Err(InvalidReason::KeyId.into()),
            _ => Ok(()),
        }
    }
}

/// A JWT (RFC 7519 section 5.1) or an access token in JWT form (RFC 9068 section 2.1). The `typ` of an ID token
/// event, a proof or a logout token is another kind's (RFC 8725 section 3.11).
fn is_jwt(typ: &str) -> bool {
    ["JWT", "at+jwt", "application/at+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known))
}

impl<'t> Deserialize<'t> for Header<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'t> Visitor<'t> for HeaderVisitor {
    type Value = Header<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Header<'t>, A::Error> {
        let mut header = Header::default();
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<Text<'t>>()? {
            match &*name.0 {
                "alg" => header.alg = Some(members.next_value()?),
                "typ" => header.typ = Some(members.next_value()?),
                "kid" => header.kid = Some(members.next_value()?),
                "crit" => header.extension = extension("crit", &mut members)?,
                "b64" => header.extension = extension("b64", &mut members)?,
                _ => drop(members.next_value::<StrictValue>()?),
            }
            if !seen.insert(name) {
                return Err(de::Error::custom("a member is there twice"));
            }
        }
        Ok(header)
    }
}

/// Whatever it demands, it is not understood; it is read as strictly as the rest all the same.
fn extension<'t, A: MapAccess<'t>>(
    name: &'static str,
    members: &mut A,
) -> Result<Option<&'static str>, A::Error> {
    members.next_value::<StrictValue>().map(|_| Some(name))
}
