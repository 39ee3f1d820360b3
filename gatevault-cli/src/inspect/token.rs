//! A token in its parts, which nothing has verified.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::json::Json;

/// The form of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A signed JWT: three segments (RFC 7515 section 7.1).
    Jws,
    /// An encrypted token: five segments and a header with `enc` (RFC 7516 section 7.1).
    Jwe,
    /// An API key of gatevault: prefix, secret and checksum.
    ApiKey,
    /// A string without segments.
    Opaque,
    /// Another number of segments.
    Malformed,
}

/// A segment: its JSON, or the reason why it cannot be read.
pub(super) type Part = Result<Json, String>;

/// A token, its form, and what its segments say.
#[derive(Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) form: Form,
    /// `None` if the form has no header.
    pub(super) header: Option<Part>,
    /// `None` if the form has no claims that can be read.
    pub(super) claims: Option<Part>,
    pub(super) signature: &'t str,
}

impl<'t> Token<'t> {
    /// Splits a token and decodes its segments.
    pub(super) fn parse(text: &'t str) -> Self {
        let segments: Vec<_> = text.split('.').take(MAX_SEGMENTS).collect();
        let header = |segment: &&str| decode(segment, "header");
        let (form, header, claims, signature) = match segments.as_slice() {
            [key] if is_api_key(key) => (Form::ApiKey, None, None, ""),
            [] | [_] => (Form::Opaque, None, None, ""),
            [first, claims, signature] => {
                (Form::Jws, Some(header(first)), Some(decode(claims, "claims segment")), *signature)
            }
            [first, _, _, _, _] if header(first).is_ok_and(|header| header.get("enc").is_some()) => {
                (Form::Jwe, Some(header(first)), None, "")
            }
            [first, ..] => (Form::Malformed, Some(header(first)), None, ""),
        };
        Self { text, form, header, claims, signature }
    }

    /// Returns a member of the header.
    pub(super) fn header(&self, name: &str) -> Option<&Json> {
        self.header.as_ref()?.as_ref().ok()?.get(name)
    }

    /// Returns a claim.
    pub(super) fn claim(&self, name: &str) -> Option<&Json> {
        self.claims.as_ref()?.as_ref().ok()?.get(name)
    }

    /// Returns a member of the header, if it is a string.
    pub(super) fn header_text(&self, name: &str) -> Option<&str> {
        self.header(name).and_then(Json::as_str)
    }

    /// Returns a claim, if it is a string.
    pub(super) fn claim_text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Json::as_str)
    }

    /// Returns the `typ` of the header without `application/`, in lower case (RFC 7515 section 4.1.9).
    pub(super) fn media_type(&self) -> Option<String> {
        let typ = self.header_text("typ")?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").unwrap_or(&typ).to_owned())
    }
}

/// Decodes a segment into JSON, or says what is wrong with it.
fn decode(segment: &str, name: &str) -> Part {
    if segment.is_empty() {
        return Err(format!("the {name} is empty"));
    }
    let bytes = URL_SAFE_NO_PAD.decode(segment).map_err(|_| wrong_encoding(segment, name))?;
    if str::from_utf8(&bytes).is_err() {
        return Err(format!("the {name} is not text in UTF-8"));
    }
    match Json::parse(&bytes) {
        Ok(json @ Json::Object(_)) => Ok(json),
        Ok(_) => Err(format!("the {name} is not a JSON object")),
        Err(error) => Err(format!("the {name} is not JSON: {error}")),
    }
}

/// Describes a segment that is not base64url without padding.
fn wrong_encoding(segment: &str, name: &str) -> String {
    const OTHERS: [(&GeneralPurpose, &str); 3] = [
        (&URL_SAFE, "it has padding (`=`)"),
        (&STANDARD_NO_PAD, "it is base64 with `+` and `/`, where base64url has `-` and `_`"),
        (&STANDARD, "it is base64 with padding"),
    ];
    let other = OTHERS.iter().find(|(engine, _)| engine.decode(segment).is_ok());
    let reason = match other {
        Some((_, reason)) => reason,
        None if segment.contains(char::is_whitespace) => {
            "it has white space: perhaps a line break of a terminal"
        }
        None if segment.contains(['\u{2026}', '*']) => "it was shortened",
        None => "part of it may be missing",
    };
    format!("the {name} is not base64url without padding: {reason}")
}

/// Returns whether a text has the form of an API key: `<prefix>_<64 digits>_<8 digits>`, in hexadecimal.
fn is_api_key(text: &str) -> bool {
    let mut parts = text.split('_');
    let (Some(prefix), Some(secret), Some(checksum), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    (1..=20).contains(&prefix.len()) && is_word(prefix) && is_hex(secret, 64) && is_hex(checksum, 8)
}

/// Segments that are looked at: one more than the longest form has.
const MAX_SEGMENTS: usize = 6;
