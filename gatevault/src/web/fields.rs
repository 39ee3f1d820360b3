//! The fields of a body: a JSON object or a form, as its content type says.

use std::collections::BTreeMap;

use serde_json::Value;

use super::HttpRequest;
use super::denial::Denial;
use crate::json::Strict;

/// What a client has filled in; what is no text is left out.
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a body of a kind that a page of somebody else's cannot send, or a form.
    pub(super) fn read(call: &HttpRequest, body: Option<&[u8]>) -> Result<Self, Denial> {
        let media_type = call.header("content-type").unwrap_or_default();
        let (media_type, _) = media_type.split_once(';').unwrap_or((media_type, ""));
        let read = match media_type.trim().to_ascii_lowercase().as_str() {
            "application/json" => from_json,
            "application/x-www-form-urlencoded" => from_form,
            _ => return Err(Denial::MediaType),
        };
        read(body.ok_or(Denial::TooLarge)?).map(Self).ok_or(Denial::Malformed)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Denial> {
        self.get(name).ok_or(Denial::Malformed)
    }
}

fn from_json(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let Ok(Strict(Value::Object(members))) = serde_json::from_slice(body) else {
        return None;
    };
    let texts = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    Some(texts.collect())
}

/// Strict where browsers are lenient: a byte that is no UTF-8 is not replaced, for it may be one of a password.
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

fn form_decoded(text: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => sixteen(*rest.next()?)? << 4 | sixteen(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn sixteen(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}
