//! Which tokens of another issuer are access tokens (RFC 8725 section 3.12).

use gatevault::error::InvalidReason;
use gatevault::{Issuer, Payload, TokenError, TokenKind};
use gatevault_tests::{START, timed};
use serde_json::{Value, json};

use super::service::{decode, refusal, service};
use super::signer::{Signer, claims, with};

const ISSUER: &str = "https://id.example";

fn signer() -> Signer {
    Signer::hs256("the key of the issuer, at least 32 bytes").named("1")
}

fn issuer() -> Issuer {
    Issuer::new(ISSUER, signer().ring()).audience("orders")
}

fn token(header: &Value, changes: &Value) -> String {
    signer()
        .sign_with(&with(signer().header(), header.clone()), &with(claims(ISSUER, "orders"), changes.clone()))
}

fn is_of_another_kind(issuer: Issuer, header: &Value, changes: &Value) {
    let reason = refusal(&service([issuer]), &token(header, changes));
    assert!(matches!(reason, InvalidReason::NotAccess { .. }), "{header} {changes}: {reason:?}");
}

fn is_access(issuer: Issuer, header: &Value, changes: &Value) {
    let verified = decode(&service([issuer]), &token(header, changes));
    assert_eq!(verified.map(|token| token.kind()), Ok(TokenKind::Access), "{header} {changes}");
}

/// What says that a token is an access token.
fn marks_of_access() -> Vec<(Value, Value)> {
    let typed = |typ: &str| (json!({ "typ": typ }), json!({}));
    let claimed = |claims: Value| (json!({}), claims);
    vec![
        typed("at+jwt"),
        typed("AT+JWT"),
        typed("application/at+jwt"),
        typed("Application/At+Jwt"),
        claimed(json!({ "typ": "Bearer" })),
        claimed(json!({ "token_use": "access" })),
        claimed(json!({ "type": "access" })),
        claimed(json!({ "type": "access_token" })),
        claimed(json!({ "type": "at+jwt" })),
    ]
}

/// What is never in an access token.
fn marks_of_others() -> Vec<Value> {
    let words = [
        "ID",
        "Refresh",
        "Offline",
        "Logout",
        "id",
        "refresh",
        "id_token",
        "refresh_token",
        "logout",
        "id+jwt",
    ];
    let claims = ["typ", "token_use", "type"];
    let explicit = claims.iter().flat_map(|claim| words.iter().map(move |word| json!({ *claim: word })));
    let hashes = [
        json!({ "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q" }),
        json!({ "c_hash": "LDktKdoQak3Pk0cnXxCltA" }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        // The form of the value does not matter.
        json!({ "at_hash": 1 }),
        json!({ "c_hash": [] }),
        json!({ "events": {} }),
        json!({ "events": "x" }),
    ];
    explicit.chain(hashes).collect()
}

#[test]
fn a_token_that_says_nothing_of_its_kind_is_an_access_token() {
    is_access(issuer(), &json!({}), &json!({}));
    is_access(issuer(), &json!({ "typ": null }), &json!({}));
}

#[test]
fn what_says_access_is_accepted() {
    for (header, claims) in marks_of_access() {
        is_access(issuer(), &header, &claims);
        is_access(issuer().any_kind(), &header, &claims);
    }
}

#[test]
fn a_mark_of_another_kind_is_refused_unless_any_kind_is_accepted() {
    for claims in marks_of_others() {
        is_of_another_kind(issuer(), &json!({}), &claims);
        is_access(issuer().any_kind(), &json!({}), &claims);
    }
}

#[test]
fn a_mark_of_another_kind_outweighs_what_says_access() {
    for (header, access) in marks_of_access() {
        for other in marks_of_others() {
            // One claim has one value.
            if access.as_object().unwrap().keys().any(|name| other.get(name).is_some()) {
                continue;
            }
            is_of_another_kind(issuer(), &header, &with(access.clone(), other));
        }
    }
}

#[test]
fn a_nonce_is_refused_only_where_nothing_says_access() {
    is_of_another_kind(issuer(), &json!({}), &json!({ "nonce": "n-0S6_WzA2Mj" }));
    is_of_another_kind(issuer(), &json!({}), &json!({ "nonce": 7 }));
    for (header, access) in marks_of_access() {
        is_access(issuer(), &header, &with(access, json!({ "nonce": "n-0S6_WzA2Mj" })));
    }
    is_access(issuer().access_type("user"), &json!({}), &json!({ "nonce": "n", "type": "user" }));
    is_access(issuer().any_kind(), &json!({}), &json!({ "nonce": "n" }));
}

#[test]
fn a_kind_that_is_no_string_is_ignored() {
    for kind in [json!(2), json!(true), json!(["id"]), json!({ "a": 1 }), json!(1.5), json!(-1)] {
        for claim in ["type", "typ", "token_use"] {
            is_access(issuer(), &json!({}), &json!({ claim: kind }));
        }
        // It says nothing, so it is no answer to a `nonce`.
        is_of_another_kind(issuer(), &json!({}), &json!({ "type": kind, "nonce": "n" }));
    }
    // A null, which `with` cannot write.
    let raw = format!(r#"{{"iss":"{ISSUER}","aud":"orders","sub":"ada","exp":{},"type":null}}"#, START + 300);
    let token = signer().sign_raw(&signer().header().to_string(), &raw);
    assert!(decode(&service([issuer()]), &token).is_ok());
}

#[test]
fn an_unknown_kind_is_refused_unless_a_setting_names_it() {
    for kind in ["customer", "access ", "", "JWT ", "access,refresh", "accessed", "session"] {
        is_of_another_kind(issuer(), &json!({}), &json!({ "type": kind }));
        is_access(issuer().any_kind(), &json!({}), &json!({ "type": kind }));
    }
    for claim in ["type", "typ", "token_use"] {
        is_access(issuer().access_type("customer"), &json!({}), &json!({ claim: "customer" }));
    }
    // Several words, and the well-known ones beside them.
    let several = || issuer().access_type("customer").access_type("clerk");
    for kind in ["customer", "clerk", "access"] {
        is_access(several(), &json!({}), &json!({ "type": kind }));
    }
    is_of_another_kind(several(), &json!({}), &json!({ "type": "refresh" }));
}

#[test]
fn a_foreign_token_is_never_a_refresh_token_here() {
    for issuer in [issuer(), issuer().any_kind()] {
        let tokens = service([issuer]);
        for claims in [json!({}), json!({ "type": "refresh" }), json!({ "typ": "Refresh" })] {
            let token = token(&json!({}), &claims);
            assert!(tokens.decode_refresh_token::<Payload>(&token).is_err(), "{claims}");
        }
    }
}

#[test]
fn the_reason_names_what_makes_the_token_another_kind_and_the_setting() {
    for (claims, mark) in [
        (json!({ "at_hash": "HK6E" }), "at_hash"),
        (json!({ "typ": "ID" }), "typ"),
        (json!({ "token_use": "id" }), "token_use"),
        (json!({ "nonce": "n" }), "nonce"),
        (json!({ "events": {} }), "events"),
        (json!({ "type": "customer" }), "type"),
    ] {
        let reason = refusal(&service([issuer()]), &token(&json!({}), &claims)).to_string();
        assert!(reason.contains(&format!("`{mark}`")), "{reason}");
        assert!(reason.contains("any_kind") || reason.contains("access_type"), "{reason}");
    }
}

/// Our own tokens have one claim for the kind, and exact values.
#[test]
fn the_kind_of_our_own_tokens_stays_strict() {
    let own = Signer::hs256(gatevault_tests::SECRET);
    let tokens = timed().0.accept(issuer().any_kind().access_type("customer")).build().unwrap();
    let ours = json!({ "user_id": 42, "iat": START, "exp": START + 300, "type": "access", "jti": "1" });
    assert!(decode(&tokens, &own.sign(&ours)).is_ok());
    let mistyped = TokenError::from(InvalidReason::MistypedClaim("type".into()));
    for kind in [
        json!("customer"),
        json!("access_token"),
        json!("at+jwt"),
        json!("Bearer"),
        json!("id"),
        json!(2),
        json!(["access"]),
    ] {
        let token = own.sign(&with(ours.clone(), json!({ "type": kind })));
        assert_eq!(decode(&tokens, &token).map(drop), Err(mistyped.clone()), "{kind}");
    }
    let missing = TokenError::from(InvalidReason::MissingClaim("type".into()));
    for changes in [
        json!({ "type": null }),
        json!({ "type": null, "token_use": "access" }),
        json!({ "type": null, "typ": "Bearer" }),
    ] {
        let token = own.sign(&with(ours.clone(), changes));
        assert_eq!(decode(&tokens, &token).map(drop), Err(missing.clone()));
    }
}
