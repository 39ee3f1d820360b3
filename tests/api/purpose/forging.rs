//! Purpose tokens that were changed, glued together, signed by others, or signed by our key with claims that we never write.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::{DecodeReason, InvalidReason};
use gatevault::{TokenError, TokenManager};
use gatevault_tests::{SECRET, START, timed, tokens};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

use super::{HASH, RESET, decode, reason, reset, wrong_signature};

/// Signs any header and claims as a party with our secret could.
fn forge(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let state = URL_SAFE_NO_PAD.encode(HASH);
    let signed = format!("purpose:{}:{state}:password-reset:{message}", HASH.len());
    let mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let tag = mac.chain_update(signed).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"purpose+jwt"}"#;

fn claims() -> Value {
    json!({
        "user_id": 42, "exp": START + 60, "iat": START, "type": "purpose", "purpose": "password-reset",
        "jti": "8a6e3f0c-6d1b-4a2e-9f3d-0c1b2a3d4e5f",
    })
}

/// Returns the claims with one changed; a null leaves it out.
fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims.to_string()
}

fn clocked() -> TokenManager {
    timed().0.build().unwrap()
}

#[test]
fn the_signed_message_has_a_colon_before_its_first_dot_and_state_that_has_no_other_reading() {
    assert!(decode(&clocked(), &forge(HEADER, &claims().to_string())).is_ok());
}

#[test]
fn a_token_with_any_bit_flipped_is_refused() {
    let tokens = tokens();
    let token = reset(&tokens);
    for position in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(decode(&tokens, &changed).is_err(), "{position} {bit}");
        }
    }
    for end in 0..token.len() {
        assert!(decode(&tokens, &token[..end]).is_err(), "{end}");
    }
    for (before, after) in
        [(" ", ""), ("", " "), ("", "="), ("", "."), (".", ""), ("", "\n"), ("Bearer ", "")]
    {
        assert!(decode(&tokens, &format!("{before}{token}{after}")).is_err(), "{before:?} {after:?}");
    }
}

#[test]
fn a_header_that_was_changed_after_the_signature_is_refused() {
    let tokens = tokens();
    let token = reset(&tokens);
    let (_, rest) = token.split_once('.').unwrap();
    for header in [
        r#"{"alg":"none","typ":"purpose+jwt"}"#,
        r#"{"alg":"HS512","typ":"purpose+jwt"}"#,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","typ":"Purpose+JWT"}"#,
        r#"{"alg":"HS256","typ":"application/purpose+jwt"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"purpose+jwt","kid":"2026-11"}"#,
        r#"{"typ":"purpose+jwt","alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"purpose+jwt","typ":"purpose+jwt"}"#,
        r#"{"alg":"HS256","typ":"purpose+jwt","crit":["exp"]}"#,
        r#"{"alg":"HS256","typ":"purpose+jwt","b64":false}"#,
        r#"{"alg":"HS256","typ":["purpose+jwt"]}"#,
        "{}",
        "[]",
        "",
    ] {
        let changed = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
        assert!(decode(&tokens, &changed).is_err(), "{header}");
    }
}

#[test]
fn the_algorithm_and_the_key_id_of_a_signed_header_decide_nothing() {
    for header in [
        r#"{"alg":"none","typ":"purpose+jwt"}"#,
        r#"{"alg":"RS256","typ":"purpose+jwt","kid":"another"}"#,
        r#"{"alg":"HS256","typ":"purpose+jwt","jwk":{"kty":"oct","k":"AAAA"}}"#,
    ] {
        // Signed by our key, so it is ours. No header turns another signature into ours.
        assert!(decode(&clocked(), &forge(header, &claims().to_string())).is_ok(), "{header}");
        let token = forge(header, &claims().to_string());
        let (message, _) = token.rsplit_once('.').unwrap();
        assert_eq!(reason(decode(&clocked(), &format!("{message}."))), wrong_signature(&RESET));
        assert_eq!(reason(decode(&clocked(), &format!("{message}.AAAA"))), wrong_signature(&RESET));
    }
}

#[test]
fn a_header_that_requires_an_extension_is_refused_even_if_it_is_signed() {
    for (header, name) in [
        (r#"{"alg":"HS256","typ":"purpose+jwt","crit":["exp"]}"#, "crit"),
        (r#"{"alg":"HS256","typ":"purpose+jwt","b64":false}"#, "b64"),
    ] {
        let refused = reason(decode(&clocked(), &forge(header, &claims().to_string())));
        assert_eq!(refused, InvalidReason::Extension(name));
    }
    for header in
        [r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","typ":"purpose"}"#]
    {
        let refused = reason(decode(&clocked(), &forge(header, &claims().to_string())));
        assert_eq!(refused, InvalidReason::NotPurpose { expected: RESET.name() }, "{header}");
    }
}

#[test]
fn every_claim_is_checked_even_if_our_key_signed_it() {
    let not_purpose = || InvalidReason::NotPurpose { expected: RESET.name() };
    let missing = |name: &'static str| InvalidReason::MissingClaim(name.into());
    let mistyped = |name: &'static str| InvalidReason::MistypedClaim(name.into());
    let cases = [
        ("type", json!("access"), not_purpose()),
        ("type", json!("refresh"), not_purpose()),
        ("type", json!("Purpose"), not_purpose()),
        ("type", Value::Null, not_purpose()),
        ("type", json!(["purpose"]), mistyped("type")),
        ("purpose", json!("confirm-address"), not_purpose()),
        ("purpose", json!("password-reset "), not_purpose()),
        ("purpose", Value::Null, missing("purpose")),
        ("purpose", json!(["password-reset"]), mistyped("purpose")),
        ("user_id", Value::Null, missing("user_id")),
        ("user_id", json!(true), mistyped("user_id")),
        ("user_id", json!(""), mistyped("user_id")),
        ("jti", Value::Null, missing("jti")),
        ("jti", json!(""), mistyped("jti")),
        ("sid", json!(""), mistyped("sid")),
        ("iat", Value::Null, missing("iat")),
        ("iat", json!("0"), mistyped("iat")),
        ("exp", Value::Null, missing("exp")),
        ("exp", json!(-1), mistyped("exp")),
    ];
    for (name, value, expected) in cases {
        let refused = reason(decode(&clocked(), &forge(HEADER, &with(name, value.clone()))));
        assert_eq!(refused, expected, "{name} {value}");
    }
    let of = |name, value| decode(&clocked(), &forge(HEADER, &with(name, value)));
    for issuer in ["https://id.example", ""] {
        assert!(matches!(reason(of("iss", json!(issuer))), InvalidReason::Issuer(_)), "{issuer}");
    }
    assert!(matches!(reason(of("aud", json!("shop"))), InvalidReason::Audience(_)));
    assert!(matches!(reason(of("pool", json!("admins"))), InvalidReason::Pool(_)));
    assert!(matches!(reason(of("nbf", json!(START + 31))), InvalidReason::NotYetValid { claim: "nbf", .. }));
    assert!(matches!(reason(of("exp", json!(START + 1801))), InvalidReason::PurposeLifetime { .. }));
    assert!(matches!(reason(of("iat", json!(0))), InvalidReason::PurposeLifetime { .. }));
    assert_eq!(of("exp", json!(START)), Err(TokenError::Expired));
}

#[test]
fn claims_are_parsed_as_strictly_as_those_of_other_tokens() {
    let text = claims().to_string();
    for claims in [
        text.replacen('{', r#"{"purpose":"password-reset","#, 1),
        text.replacen('{', r#"{"type":"purpose","#, 1),
        text.replacen('{', r#"{"a":1,"a":1,"#, 1),
        format!("{text}x"),
        format!("\u{feff}{text}"),
        "[]".to_owned(),
        String::new(),
    ] {
        let refused = decode(&clocked(), &forge(HEADER, &claims)).unwrap_err();
        assert!(matches!(refused, TokenError::Decode(_) | TokenError::Invalid(_)), "{claims}: {refused:?}");
    }
}

#[test]
fn a_string_that_is_no_token_is_malformed() {
    let tokens = tokens();
    for (token, expected) in [
        ("", DecodeReason::Opaque),
        ("opaque", DecodeReason::Opaque),
        ("a.b", DecodeReason::Segments { found: 2 }),
        ("a.b.c.d", DecodeReason::Segments { found: 4 }),
    ] {
        assert_eq!(decode(&tokens, token), Err(TokenError::Decode(expected)), "{token}");
    }
    assert!(decode(&tokens, &".".repeat(8000)).is_err());
    assert!(decode(&tokens, "e30.e30.").is_err());
}

#[test]
fn another_manager_with_the_same_secret_and_another_name_or_audience_refuses_the_token() {
    let manager = |issuer: Option<&str>, audience: Option<&str>| {
        let mut builder = TokenManager::builder().secret(SECRET);
        if let Some(issuer) = issuer {
            builder = builder.issuer(issuer);
        }
        if let Some(audience) = audience {
            builder = builder.audience(audience);
        }
        builder.build().unwrap()
    };
    let names = [None, Some("https://id.example"), Some("https://sister.example")];
    let audiences = [None, Some("shop"), Some("billing")];
    let parties: Vec<_> = names.iter().flat_map(|name| audiences.map(|audience| (*name, audience))).collect();
    for ours in &parties {
        let token = reset(&manager(ours.0, ours.1));
        for theirs in &parties {
            let decoded = decode(&manager(theirs.0, theirs.1), &token);
            assert_eq!(decoded.is_ok(), ours == theirs, "{ours:?} {theirs:?} {decoded:?}");
        }
    }
    let other = TokenManager::new("another secret of at least thirty-two bytes").unwrap();
    assert_eq!(reason(decode(&other, &reset(&tokens()))), wrong_signature(&RESET));
}
