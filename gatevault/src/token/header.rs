//! A strict parser for the JOSE header (RFC 7515 section 4), for headers that no key recognizes by their bytes.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::base64url;
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::json::{JsonStr, Strict};
use crate::key::{KeySnapshot, TokenType, VerifyingKey};

/// The parts of a header that matter. `jwk`, `jku`, `x5u` and `x5c` are ignored: a token never brings its own key.
pub(super) struct Header<'m> {
    alg: String,
    kid: Option<String>,
    token_type: TokenType,
    /// The encoded claims after the header.
    claims: &'m str,
}

impl<'m> Header<'m> {
    /// Parses the encoded header of a message whose signature is not verified yet.
    pub(super) fn read(message: &'m str) -> Result<Self, TokenError> {
        let (segment, claims) = message.split_once('.').ok_or(TokenError::Decode)?;
        let json = base64url::decoded(segment).ok_or(TokenError::Decode)?;
        let members: Members<'_> = serde_json::from_slice(&json).map_err(|_| TokenError::Decode)?;
        if let Some(extension) = members.extension {
            return Err(InvalidReason::Extension(extension).into());
        }
        Ok(Self {
            alg: members.alg.ok_or(InvalidReason::Algorithm)?.0.into_owned(),
            kid: members.kid.map(|kid| kid.0.into_owned()),
            token_type: members
                .typ
                .map_or(Some(TokenType::Jwt), |typ| token_type(&typ.0))
                .ok_or(InvalidReason::Type)?,
            claims,
        })
    }

    /// Returns the key that must verify a token with this header, the type of the token, and its encoded claims.
    pub(super) fn choose<'k>(
        &self,
        keys: &'k KeySnapshot,
        now: Timestamp,
    ) -> Result<(&'k VerifyingKey, TokenType, &'m str), InvalidReason> {
        keys.find(self.kid.as_deref(), &self.alg, now).map(|key| (key, self.token_type, self.claims))
    }
}

/// Returns the type for a `typ`; `None` for other kinds of JWT, such as logout tokens and proofs (RFC 8725 section 3.11).
fn token_type(typ: &str) -> Option<TokenType> {
    let types =
        [("JWT", TokenType::Jwt), ("at+jwt", TokenType::AtJwt), ("application/at+jwt", TokenType::AtJwt)];
    types.into_iter().find_map(|(name, known)| typ.eq_ignore_ascii_case(name).then_some(known))
}

/// The members of a header that are read.
#[derive(Default)]
struct Members<'t> {
    alg: Option<JsonStr<'t>>,
    typ: Option<JsonStr<'t>>,
    kid: Option<JsonStr<'t>>,
    extension: Option<&'static str>,
}

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'t> Visitor<'t> for MembersVisitor {
    type Value = Members<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Members<'t>, A::Error> {
        let mut header = Members::default();
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<JsonStr<'t>>()? {
            match &*name.0 {
                "alg" => header.alg = Some(members.next_value()?),
                "typ" => header.typ = Some(members.next_value()?),
                "kid" => header.kid = Some(members.next_value()?),
                "crit" => header.extension = extension("crit", &mut members)?,
                "b64" => header.extension = extension("b64", &mut members)?,
                _ => members.next_value::<Strict<()>>()?.0,
            }
            if !seen.insert(name) {
                return Err(de::Error::custom("duplicate member"));
            }
        }
        Ok(header)
    }
}

/// Reads the value of an extension, strictly, and returns its name: no extension is supported.
fn extension<'t, A: MapAccess<'t>>(
    name: &'static str,
    members: &mut A,
) -> Result<Option<&'static str>, A::Error> {
    members.next_value::<Strict<()>>().map(|_| Some(name))
}
