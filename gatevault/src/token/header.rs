//! The JOSE header (RFC 7515 section 4) of a token whose header no key has recognised by its bytes, read strictly.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::base64url;
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::json::{Strict, Text};
use crate::key::{KeySnapshot, TokenType, VerifyingKey};

/// What of a header counts. `jwk`, `jku`, `x5u` and `x5c` do not: a token never brings its own key.
pub(super) struct Header<'m> {
    alg: String,
    kid: Option<String>,
    token_type: TokenType,
    /// The encoded claims behind it.
    claims: &'m str,
}

impl<'m> Header<'m> {
    /// Reads the encoded header of a message of which nothing is known yet.
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

    /// The key of a ring that is to verify a token with this header, and what else there is to know.
    pub(super) fn choose<'k>(
        &self,
        keys: &'k KeySnapshot,
        now: Timestamp,
    ) -> Result<(&'k VerifyingKey, TokenType, &'m str), InvalidReason> {
        keys.find(self.kid.as_deref(), &self.alg, now).map(|key| (key, self.token_type, self.claims))
    }
}

/// The `typ` of an ID token event, a proof or a logout token is another kind's (RFC 8725 section 3.11).
fn token_type(typ: &str) -> Option<TokenType> {
    let types =
        [("JWT", TokenType::Jwt), ("at+jwt", TokenType::AtJwt), ("application/at+jwt", TokenType::AtJwt)];
    types.into_iter().find_map(|(name, known)| typ.eq_ignore_ascii_case(name).then_some(known))
}

/// The members of a header that are looked at.
#[derive(Default)]
struct Members<'t> {
    alg: Option<Text<'t>>,
    typ: Option<Text<'t>>,
    kid: Option<Text<'t>>,
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
        while let Some(name) = members.next_key::<Text<'t>>()? {
            match &*name.0 {
                "alg" => header.alg = Some(members.next_value()?),
                "typ" => header.typ = Some(members.next_value()?),
                "kid" => header.kid = Some(members.next_value()?),
                "crit" => header.extension = extension("crit", &mut members)?,
                "b64" => header.extension = extension("b64", &mut members)?,
                _ => members.next_value::<Strict<()>>()?.0,
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
    members.next_value::<Strict<()>>().map(|_| Some(name))
}
