//! Unusual parts of a token: what guards refuse, and what often goes wrong.

use super::token::{Form, Token};
use crate::algorithms::{self, Family};
use crate::json::Json;
use crate::times::{Seconds, words};

/// Returns what is unusual, a sentence each.
pub(super) fn findings(token: &Token<'_>, now: Seconds) -> Vec<String> {
    let mut found = Vec::new();
    if token.text.len() > MAX_TOKEN_BYTES {
        let bytes = token.text.len();
        found.push(format!(
            "the token has {bytes} bytes: guards refuse more than {MAX_TOKEN_BYTES} unless `max_token_bytes` says otherwise"
        ));
    }
    for part in [&token.header, &token.claims].into_iter().flatten() {
        match part {
            Ok(json) => found.extend(json.repeated().into_iter().take(MOST_REPEATED).map(|name| {
                format!("the member {name:?} is there twice: readers disagree about its value, and gatevault refuses the token")
            })),
            Err(reason) => found.push(reason.clone()),
        }
    }
    if token.form == Form::Jws {
        found.extend(in_header(token));
        found.extend(in_claims(token));
        found.extend(in_times(token, now));
    }
    found
}

/// Returns findings in the header, and those about the signature.
fn in_header(token: &Token<'_>) -> Vec<String> {
    if token.header.as_ref().is_none_or(Result::is_err) {
        return Vec::new();
    }
    let mut found = Vec::new();
    match token.header_text("alg") {
        Some(none) if none.eq_ignore_ascii_case("none") => {
            found.push(
                "`alg` is `none`: the token has no signature, so anyone can have written it".to_owned(),
            );
        }
        Some(alg) if algorithms::named(alg).is_none() => {
            found.push(format!("`alg` is {alg:?}, an algorithm that gatevault does not verify"));
        }
        Some(_) => {}
        None => found.push("`alg` is missing: nothing says how it is signed".to_owned()),
    }
    if token.signature.is_empty() {
        found.push("the signature is empty".to_owned());
    }
    let has_secret = token.header_text("alg").and_then(algorithms::named).and_then(algorithms::family)
        == Some(Family::Secret);
    match token.header("kid") {
        // One secret is the usual case, and needs no id.
        None if has_secret => {}
        None => found.push("`kid` is missing: with several keys, a service must try each".to_owned()),
        Some(Json::String(_)) => {}
        Some(_) => found.push("`kid` is not a string".to_owned()),
    }
    match token.media_type().as_deref() {
        None => found.push(
            "`typ` is missing: nothing distinguishes it from other kinds of JWT (RFC 8725 section 3.11)"
                .to_owned(),
        ),
        Some("jwt" | "at+jwt" | "purpose+jwt") => {}
        Some(other) => found.push(format!("`typ` is {other:?}: guards accept `JWT` and `at+jwt`")),
    }
    let members = [
        ("crit", "`crit` requires an extension: gatevault supports none and refuses the token"),
        ("b64", "`b64` changes what is signed (RFC 7797): gatevault refuses the token"),
        ("zip", "`zip` says that the claims are compressed: gatevault does not decompress them"),
        ("cty", "`cty` says that another token is inside: gatevault does not open it"),
        ("jwk", "`jwk` brings a key: gatevault ignores it, since a forger can bring one too"),
        ("jku", "`jku` names a URL of keys: gatevault never fetches it"),
        ("x5u", "`x5u` names a URL of a certificate: gatevault never fetches it"),
        ("x5c", "`x5c` brings a certificate: gatevault ignores it, since a forger can bring one too"),
    ];
    found.extend(
        members.iter().filter(|(name, _)| token.header(name).is_some()).map(|(_, text)| (*text).to_owned()),
    );
    found
}

/// Returns findings in the claims without times.
fn in_claims(token: &Token<'_>) -> Vec<String> {
    let Some(Ok(_)) = &token.claims else { return Vec::new() };
    let mut found = Vec::new();
    match (token.claim("user_id"), token.claim("sub")) {
        (None, None) => found.push("neither `user_id` nor `sub` names a user".to_owned()),
        (Some(_), Some(_)) => found.push(
            "`user_id` and `sub` both name a user: `subject_claim` decides, and is `user_id` unless set"
                .to_owned(),
        ),
        _ => {}
    }
    if token.claim("cnf").is_some() {
        found.push(
            "`cnf` binds it to a key of its client (RFC 7800): guards refuse it, since they do not see the proof".to_owned(),
        );
    }
    match token.claim("aud") {
        Some(Json::Array(names)) if names.len() > 1 => {
            found.push(format!("`aud` names {} services: each can use it at the others", names.len()));
        }
        Some(Json::Array(names)) if names.is_empty() => {
            found.push("`aud` is an empty list: it is for no service".to_owned());
        }
        Some(Json::String(_) | Json::Array(_)) => {}
        Some(_) => found.push("`aud` is neither a string nor a list".to_owned()),
        None if token.claim("iss").is_some() && token.claim("type").is_none() => {
            found.push("`aud` is missing: it is for any service of its issuer".to_owned());
        }
        None => {}
    }
    if token.claim("jti").is_none() {
        found.push("`jti` is missing: it cannot be revoked alone".to_owned());
    }
    found
}

/// Returns findings about the times.
fn in_times(token: &Token<'_>, now: Seconds) -> Vec<String> {
    let Some(Ok(_)) = &token.claims else { return Vec::new() };
    let mut found = Vec::new();
    for name in ["exp", "iat", "nbf", "auth_time"] {
        found.extend(token.claim(name).and_then(|value| odd_time(name, value)));
    }
    let seconds = |name| token.claim(name).and_then(Json::seconds);
    if token.claim("exp").is_none() {
        found.push("`exp` is missing: it would be valid forever, and gatevault refuses it".to_owned());
    }
    if token.claim("iat").is_none() {
        found.push("`iat` is missing: its age is unknown".to_owned());
    }
    if let (Some(exp), Some(iat)) = (seconds("exp"), seconds("iat").or_else(|| seconds("nbf"))) {
        let lifetime = std::time::Duration::from_secs(exp.saturating_sub(iat));
        let limit = if token.claim_text("type") == Some("refresh") { MONTH } else { DAY };
        if exp <= iat {
            found.push("it expires before it was issued".to_owned());
        } else if lifetime.as_secs() > limit {
            found.push(format!(
                "it lives for {}, which is long: a thief can use it for as long, unless it is revoked",
                words(lifetime)
            ));
        }
    }
    for name in ["iat", "nbf", "auth_time"] {
        if seconds(name).is_some_and(|time| time > now.get().saturating_add(SKEW)) {
            found.push(format!("`{name}` is in the future: a clock is wrong, or it is not valid yet"));
        }
    }
    found
}

/// Describes a time in an unusual form.
fn odd_time(name: &str, value: &Json) -> Option<String> {
    match value {
        Json::Number(_) => {
            let seconds = value.as_f64()?;
            if seconds < 0.0 {
                return Some(format!("`{name}` is before 1970"));
            }
            (seconds >= MILLISECONDS)
                .then(|| format!("`{name}` looks like milliseconds: it must be in seconds"))
        }
        _ => Some(format!(
            "`{name}` is not a number: it must be seconds since 1970-01-01 UTC (RFC 7519 section 2)"
        )),
    }
}

/// Repeated members that are named.
const MOST_REPEATED: usize = 10;
/// The longest token that guards accept, unless set.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// In seconds.
const DAY: u64 = 86_400;
const MONTH: u64 = 31 * DAY;
/// The clock skew that guards tolerate, unless set.
const SKEW: u64 = 30;
/// Seconds of the year 5138, and milliseconds of 1973.
const MILLISECONDS: f64 = 1e11;
