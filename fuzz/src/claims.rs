//! Signed claims: the fast reader against `serde_json`, and typed readers against each other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gatevault::claims::Serde;
use gatevault::token::TokenText;
use gatevault::{Claims, Payload, TokenError, UserId, Verified};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::forge::{HEADER, forge, manager};
use crate::strict;

/// A field for each way in which a claim is read.
#[derive(Debug, Claims)]
struct Probe {
    user_id: UserId,
    a: Option<u8>,
    b: Option<i64>,
    c: Option<f64>,
    d: Option<bool>,
    e: Option<String>,
    f: Option<Vec<String>>,
    g: Option<Shade>,
    h: Option<BTreeMap<String, u64>>,
    i: Option<Value>,
    j: Option<(u8, char)>,
    k: Option<u128>,
    l: Option<f32>,
}

#[derive(Debug, Claims)]
struct Borrowed<'t> {
    user_id: u64,
    e: Option<&'t str>,
    m: Option<Cow<'t, str>>,
}

#[derive(Debug, Claims)]
struct Rest {
    user_id: UserId,
    a: Option<u8>,
    #[claims(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Shade {
    Light,
    Dark(u8),
}

/// Asserts that no reader accepts what another refuses for its form, and that they read the same.
pub fn run(input: &[u8]) {
    if input.len() > LONGEST {
        return;
    }
    let plain = forge(HEADER, input);
    let payload = manager().decode_access_token::<Payload>(&plain);
    let members = strict::object(input);
    if let Ok(payload) = &payload {
        let members = members.as_ref().expect("accepted claims are an object without repeated members");
        has_the_members(payload, members);
        has_the_same_verdict_as_serde(&plain, payload);
    }
    // The fast reader leaves claims with a space after the brace to `serde_json`.
    if let Some(rest) = input.strip_prefix(b"{") {
        let spaced = forge(HEADER, [b"{ ", rest].concat());
        assert_eq!(format!("{payload:?}"), decoded::<Payload>(&spaced));
        assert_eq!(decoded::<Probe>(&plain), decoded::<Probe>(&spaced));
        assert_eq!(decoded::<Rest>(&plain), decoded::<Rest>(&spaced));
        assert_eq!(borrowed(&plain), borrowed(&spaced));
    }
}

fn decoded<C: Claims + std::fmt::Debug>(token: &str) -> String {
    format!("{:?}", manager().decode_access_token::<C>(token))
}

fn borrowed(token: &str) -> String {
    let mut text = TokenText::new();
    format!("{:?}", manager().decode_access_token_in::<Borrowed<'_>>(token, &mut text))
}

/// Asserts that a payload has the members of the parsed claims, each with its value.
fn has_the_members(payload: &Verified<Payload>, members: &Map<String, Value>) {
    assert_eq!(Some(&payload["user_id"]), members.get("user_id"));
    assert_eq!(members.get("type").and_then(Value::as_str), Some("access"));
    for (name, value) in payload.iter() {
        assert_eq!(Some(value), members.get(name), "the claim {name:?}");
    }
    for (name, value) in members.iter().filter(|(name, _)| !REGISTERED.contains(&name.as_str())) {
        assert_eq!(Some(value), payload.get::<Value>(name).as_ref(), "the claim {name:?}");
    }
}

/// Asserts that a type that derives serde's traits gets the same claims.
fn has_the_same_verdict_as_serde(token: &str, payload: &Verified<Payload>) {
    let serde: Result<Verified<Serde<Map<String, Value>>>, TokenError> = manager().decode_access_token(token);
    let serde = serde.expect("a payload was accepted");
    for (name, value) in payload.iter() {
        assert_eq!(Some(value), serde.get(name), "the claim {name:?}");
    }
    assert_eq!(serde.user_id(), payload.user_id());
}

/// The claims that a payload keeps apart from those of the application.
const REGISTERED: [&str; 14] = [
    "user_id",
    "exp",
    "iat",
    "nbf",
    "iss",
    "aud",
    "jti",
    "sid",
    "type",
    "auth_time",
    "acr",
    "amr",
    "pool",
    "claims_since",
];

/// A token of these claims is shorter than the limit of a manager.
const LONGEST: usize = 4096;
