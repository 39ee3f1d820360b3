//! A strict parser for the JOSE header (RFC 7515 section 4), for headers that no key recognizes by their bytes.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::base64url;
use crate::error::{DecodeReason, InvalidReason, Segment, TokenError};
use crate::json::{JsonStr, Strict, fault};
use crate::key::{KeyHint, SigningKey, TokenType};

/// The parts of a header that matter. `jwk`, `jku`, `x5u` and `x5c` are ignored: a token never brings its own key.
pub(super) struct Header<'m> {
    alg: String,
    kid: Option<String>,
    /// The `x5t` and the `x5t#S256`.
    thumbprints: [Option<String>; 2],
    pub(super) token_type: TokenType,
    /// The encoded claims after the header.
    pub(super) claims: &'m str,
}

impl<'m> Header<'m> {
    /// Parses the encoded header of a message whose signature is not verified yet.
    pub(super) fn read(message: &'m str) -> Result<Self, TokenError> {
        let (segment, claims) = message.split_once('.').ok_or(TokenError::Decode(DecodeReason::Opaque))?;
        let json = decoded(segment)?;
        let members = Members::read(&json)?;
        let owned = |string: JsonStr<'_>| string.0.into_owned();
        Ok(Self {
            alg: members.alg.map(owned).ok_or(InvalidReason::Algorithm)?,
            kid: members.kid.map(owned),
            thumbprints: members.thumbprints.map(|thumbprint| thumbprint.map(owned)),
            token_type: members.typ.map_or(Ok(TokenType::Jwt), |typ| token_type(&typ.0))?,
            claims,
        })
    }

    /// Returns the members that select a key.
    pub(super) fn hint(&self) -> KeyHint<'_> {
        KeyHint {
            alg: &self.alg,
            kid: self.kid.as_deref(),
            thumbprints: self.thumbprints.each_ref().map(Option::as_deref),
        }
    }
}

/// Returns whether the header is one of a purpose token. Its `alg` and `kid` decide nothing.
pub(super) fn is_of_purpose_token(segment: &str) -> Result<bool, TokenError> {
    let json = decoded(segment)?;
    let typ = Members::read(&json)?.typ;
    Ok(typ.is_some_and(|typ| typ.0 == PURPOSE))
}

/// Returns the encoded header of a new purpose token.
pub(super) fn of_purpose_token(key: &SigningKey) -> String {
    let kid = key.id().map(|id| format!(r#","kid":{}"#, Value::from(id))).unwrap_or_default();
    base64url::encoded(format!(r#"{{"alg":"{}","typ":"{PURPOSE}"{kid}}}"#, key.algorithm()).as_bytes())
}

fn decoded(segment: &str) -> Result<Vec<u8>, TokenError> {
    base64url::decoded(segment).ok_or(TokenError::Decode(DecodeReason::Base64(Segment::Header)))
}

/// Returns the type for a `typ`; an error for other kinds of JWT, such as logout tokens and proofs (RFC 8725 section 3.11).
///
/// A media type may omit `application/` (RFC 7515 section 4.1.9).
fn token_type(typ: &str) -> Result<TokenType, InvalidReason> {
    let prefix = typ.get(..APPLICATION.len()).filter(|prefix| prefix.eq_ignore_ascii_case(APPLICATION));
    let typ = prefix.and_then(|prefix| typ.get(prefix.len()..)).unwrap_or(typ);
    let types = [("JWT", TokenType::Jwt), ("at+jwt", TokenType::AtJwt)];
    let known = types.into_iter().find_map(|(name, known)| typ.eq_ignore_ascii_case(name).then_some(known));
    let is_purpose = typ.eq_ignore_ascii_case(PURPOSE);
    known.ok_or(if is_purpose { InvalidReason::PurposeToken } else { InvalidReason::Type })
}

const APPLICATION: &str = "application/";

/// The `typ` of purpose tokens.
const PURPOSE: &str = "purpose+jwt";

/// The members of a header that are read.
#[derive(Default)]
struct Members<'t> {
    alg: Option<JsonStr<'t>>,
    typ: Option<JsonStr<'t>>,
    kid: Option<JsonStr<'t>>,
    thumbprints: [Option<JsonStr<'t>>; 2],
    extension: Option<&'static str>,
}

impl<'t> Members<'t> {
    /// Reads the members of a header. An extension that a header requires is an error.
    fn read(json: &'t [u8]) -> Result<Self, TokenError> {
        let members: Self =
            serde_json::from_slice(json).map_err(|_| TokenError::Decode(fault(json, Segment::Header)))?;
        match members.extension {
            Some(extension) => Err(InvalidReason::Extension(extension).into()),
            None => Ok(members),
        }
    }
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
                "x5t" => header.thumbprints[0] = thumbprint(&mut members)?,
                "x5t#S256" => header.thumbprints[1] = thumbprint(&mut members)?,
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

/// Reads the thumbprint of a certificate. A value of another type selects no key.
fn thumbprint<'t, A: MapAccess<'t>>(members: &mut A) -> Result<Option<JsonStr<'t>>, A::Error> {
    let Strict(value) = members.next_value::<Strict<Value>>()?;
    Ok(value.as_str().map(|string| JsonStr(Cow::Owned(string.to_owned()))))
}
