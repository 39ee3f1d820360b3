//! The fields of a request body: a JSON object or a form, according to its content type.

use std::collections::BTreeMap;

use serde_json::Value;

use super::HttpRequest;
use super::denial::Denial;
use crate::json::Strict;

/// The string fields of a request body.
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a JSON object or a form. `body` is `None` if it exceeds the limit.
    ///
    /// Another site's page can send a form but no JSON, which needs a CORS preflight request: a route that accepts
    /// forms checks the origin of the request itself.
    pub(super) fn read(request: &HttpRequest, body: Option<&[u8]>) -> Result<Self, Denial> {
        let media_type = request.header("content-type").unwrap_or_default();
        let (media_type, _) = media_type.split_once(';').unwrap_or((media_type, ""));
        let parse = match media_type.trim().to_ascii_lowercase().as_str() {
            "application/json" => from_json,
            "application/x-www-form-urlencoded" => from_form,
            _ => return Err(Denial::MediaType),
        };
        parse(body.ok_or(Denial::TooLarge)?).map(Self).ok_or(Denial::Malformed)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Denial> {
        self.get(name).ok_or(Denial::Malformed)
    }
}

/// Parses a JSON object. Members that are not strings are left out.
fn from_json(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let Ok(Strict(Value::Object(members))) = serde_json::from_slice(body) else {
        return None;
    };
    let strings = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(string) => Some((name, string)),
        _ => None,
    });
    Some(strings.collect())
}

/// Parses a form. A repeated name is an error, and so is invalid UTF-8.
///
/// Browsers replace invalid bytes instead. Here they may be part of a password, which must not be changed.
fn from_form(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(equals)?;
        let value = value.strip_prefix(b"=").unwrap_or_default();
        if fields.insert(form_decoded(name)?, form_decoded(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

fn form_decoded(encoded: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(*rest.next()?)? << 4 | hex_digit(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}
