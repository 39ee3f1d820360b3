//! The fields of a request body: a JSON object or a form, according to its content type.

use std::collections::BTreeMap;

use serde_json::Value;

use super::HttpRequest;
use super::denial::Denial;
use crate::json::Strict;

/// The fields of a request body.
pub(super) struct Fields(Members);

/// Values by name. A member of a JSON object that is not a string is `None`.
type Members = BTreeMap<String, Option<String>>;

type Parser = fn(&[u8]) -> Option<Members>;

impl Fields {
    /// Reads a JSON object or a form. `body` is `None` if it exceeds the limit.
    ///
    /// Another site's page can send a form but no JSON, which needs a CORS preflight request: a route that accepts
    /// forms checks the origin of the request itself.
    pub(super) fn read(request: &HttpRequest, body: Option<&[u8]>) -> Result<Self, Denial> {
        let (parse, fault): (Parser, _) = match media_type(request).as_str() {
            JSON => (from_json, "the body is not a JSON object, or has a member twice"),
            FORM => (from_form, "the body is not a form in UTF-8, or has a field twice"),
            _ => return Err(Denial::MediaType),
        };
        let members = parse(body.ok_or(Denial::TooLarge)?);
        members.map(Self).ok_or_else(|| Denial::Malformed(fault.to_owned()))
    }

    /// Reads a form of an OAuth2 client, and no JSON. A field without a value counts as omitted (RFC 6749 section 3.2).
    pub(super) fn read_form(request: &HttpRequest, body: Option<&[u8]>) -> Result<Self, Denial> {
        if !has_form(request) {
            return Err(Denial::MediaType);
        }
        let Self(mut members) = Self::read(request, body)?;
        members.retain(|_, value| value.as_ref().is_some_and(|value| !value.is_empty()));
        Ok(Self(members))
    }

    /// Reads the parameters of a query. Returns `None` if one is there twice or is not UTF-8.
    pub(super) fn of_query(query: &str) -> Option<Self> {
        from_form(query.as_bytes()).map(Self)
    }

    /// Returns whether the only field is this one, without a value.
    pub(super) fn are_flag(&self, name: &str) -> bool {
        self.0.len() == 1 && matches!(self.0.get(name), Some(Some(value)) if value.is_empty())
    }

    /// Returns a field, or `None` if it is missing or null.
    pub(super) fn optional(&self, name: &str) -> Result<Option<&str>, Denial> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(value)),
            Some(None) => Err(Denial::Malformed(format!("the field `{name}` is not a string"))),
        }
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Denial> {
        self.optional(name)?.ok_or_else(|| Denial::Malformed(format!("the field `{name}` is missing")))
    }
}

/// Returns whether the content type is JSON, which no page can send to another host without a CORS preflight request.
pub(super) fn has_json(request: &HttpRequest) -> bool {
    media_type(request) == JSON
}

/// Returns whether the content type is that of a form.
pub(super) fn has_form(request: &HttpRequest) -> bool {
    media_type(request) == FORM
}

fn media_type(request: &HttpRequest) -> String {
    let media_type = request.header("content-type").unwrap_or_default();
    let (media_type, _) = media_type.split_once(';').unwrap_or((media_type, ""));
    media_type.trim().to_ascii_lowercase()
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Parses a JSON object.
fn from_json(body: &[u8]) -> Option<Members> {
    let Ok(Strict(Value::Object(members))) = serde_json::from_slice(body) else {
        return None;
    };
    let members = members.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::String(string) => Some((name, Some(string))),
        _ => Some((name, None)),
    });
    Some(members.collect())
}

/// Parses a form. A repeated name is an error, and so is invalid UTF-8.
///
/// Browsers replace invalid bytes instead. Here they may be part of a password, which must not be changed.
fn from_form(body: &[u8]) -> Option<Members> {
    let mut fields = Members::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(equals)?;
        let value = value.strip_prefix(b"=").unwrap_or_default();
        if fields.insert(form_decoded(name)?, Some(form_decoded(value)?)).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Decodes a name or a value of a form.
pub(super) fn form_decoded(encoded: &[u8]) -> Option<String> {
    String::from_utf8(percent_decoded(encoded, Blank::Plus)?).ok()
}

/// The notation of a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// `+`, in forms and queries.
    Plus,
    /// `%20`, in paths.
    Encoded,
}

/// Decodes percent-encoded bytes. Returns `None` for a `%` without two hexadecimal digits.
pub(super) fn percent_decoded(encoded: &[u8], blank: Blank) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' if blank == Blank::Plus => b' ',
            b'%' => hex_digit(*rest.next()?)? << 4 | hex_digit(*rest.next()?)?,
            other => *other,
        });
    }
    Some(decoded)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}
