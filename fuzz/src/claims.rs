//! Signed claims: the verdict is that of a few rules over a parsed object, and the fast reader and typed readers agree with
//! `serde_json`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use gatevault::claims::Serde;
use gatevault::token::TokenText;
use gatevault::{Claims, Payload, TokenError, UserId, Verified};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::forge::{HEADER, START, forge, manager};
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

/// Asserts that claims are accepted if and only if the rules accept them, and that all readers read the same.
pub fn run(input: &[u8]) {
    if input.len() > LONGEST {
        return;
    }
    let plain = forge(HEADER, input);
    let payload = manager().decode_access_token::<Payload>(&plain);
    let members = strict::object(input).filter(is_acceptable);
    match (&payload, &members) {
        (Ok(payload), Some(members)) => {
            has_the_members(payload, members);
            has_the_same_verdict_as_serde(&plain, payload);
        }
        (Err(_), None) => {}
        (Ok(_), None) => panic!("accepted against the rules"),
        (Err(error), Some(_)) => panic!("refused against the rules: {error:?}"),
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

/// Returns whether claims without a repeated member may be those of an access token.
fn is_acceptable(claims: &Map<String, Value>) -> bool {
    let absent_or = |names: &[&str], has_form: fn(&Value) -> bool| {
        names.iter().all(|name| claims.get(*name).is_none_or(has_form))
    };
    let date = |name: &str| claims.get(name).and_then(date);
    let begins_at = date("iat").or_else(|| date("nbf")).map_or(START, |begins_at| begins_at.min(START));
    absent_or(&["exp", "iat", "nbf", "auth_time", "claims_since"], |value| self::date(value).is_some())
        && absent_or(&["jti", "sid"], |id| id.as_str().is_some_and(|id| !id.is_empty()))
        && absent_or(&["iss", "acr"], Value::is_string)
        && absent_or(&["amr"], is_one_string_or_more)
        && claims.get("user_id").is_some_and(is_user)
        && claims.get("type").is_some_and(|kind| kind == "access")
        && claims.contains_key("jti")
        // The manager has no audience, and no pool.
        && !claims.contains_key("aud")
        && !claims.contains_key("pool")
        && ["iat", "nbf", "auth_time"].into_iter().all(|name| date(name).is_none_or(|date| date <= START))
        && date("exp").is_some_and(|end| end > START && end <= begins_at + DAY)
}

/// Returns the whole seconds of a date from 1970 to 9999 (RFC 7519 section 2).
fn date(value: &Value) -> Option<u64> {
    let seconds = value.as_f64().filter(|seconds| (0.0..253_402_300_800.0).contains(seconds))?;
    Some(Duration::from_secs_f64(seconds).as_secs())
}

fn is_one_string_or_more(value: &Value) -> bool {
    value.is_string() || value.as_array().is_some_and(|values| values.iter().all(Value::is_string))
}

/// Returns whether a value is an integer of 64 bits, or a string that is not empty.
fn is_user(value: &Value) -> bool {
    value.is_u64() || value.is_i64() || value.as_str().is_some_and(|text| !text.is_empty())
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

/// The longest lifetime of an access token, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// A token of these claims is shorter than the limit of a manager.
const LONGEST: usize = 4096;
