//! What the log says about a refused token, and the client does not.

use gatevault::{Algorithm, GuardError, Issuer, TokenError, TokenManager};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, logged, open, service};
use super::signer::{ED25519, Signer, claims, with};

const ISSUER: &str = "https://id.example/realms/shop";

fn signer() -> Signer {
    Signer::new(Algorithm::EdDSA, ED25519).named("1")
}

fn issuer() -> Issuer {
    Issuer::new(ISSUER, signer().ring()).audience("orders").audience("api://orders")
}

fn token(changes: Value) -> String {
    signer().sign(&with(claims(ISSUER, "orders"), changes))
}

/// Returns the text for the log, after a check that no other text repeats it.
fn explained(tokens: &TokenManager, token: &str) -> String {
    let error = decode(tokens, token).unwrap_err();
    let text = logged(&error);
    assert!(
        ["the token is not valid", "the token is malformed"].contains(&error.to_string().as_str()),
        "{error}"
    );
    let denied = open(tokens, token).unwrap_err();
    assert_eq!(denied.to_string(), GuardError::from(error).to_string());
    let shown = format!("{denied} {:?}", denied.challenge());
    for secret in ["id.example", "orders", "evil", "account", "web"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    text
}

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn a_wrong_issuer_is_explained_with_both_names_and_the_method() {
    for tokens in [
        service([issuer()]),
        service([issuer(), Issuer::new("https://b.example", signer().ring()).audience("b")]),
    ] {
        let slash = explained(&tokens, &token(json!({ "iss": format!("{ISSUER}/") })));
        assert_contains(
            &slash,
            &[
                "`iss`",
                "\"https://id.example/realms/shop/\"",
                "\"https://id.example/realms/shop\"",
                "`Issuer::new`",
            ],
        );
        let missing = explained(&tokens, &token(json!({ "iss": null })));
        assert_contains(&missing, &["`iss`", "no `iss`", ISSUER, "`Issuer::new`"]);
    }
    let tenants = Issuer::multi_tenant("https://id.example/{tid}/v2.0", signer().ring()).audience("orders");
    let text = explained(&service([tenants]), &token(json!({ "iss": "https://id.example/a/v1.0" })));
    assert_contains(&text, &["\"https://id.example/a/v1.0\"", "https://id.example/{tid}/v2.0"]);
}

#[test]
fn a_wrong_audience_is_explained_with_both_names_and_the_method() {
    for tokens in [
        service([issuer()]),
        service([issuer(), Issuer::new("https://b.example", signer().ring()).audience("b")]),
    ] {
        let other = explained(&tokens, &token(json!({ "aud": ["account", "web"] })));
        assert_contains(
            &other,
            &["`aud`", "\"account\"", "\"web\"", "\"orders\"", "\"api://orders\"", "`Issuer::audience`"],
        );
        let missing = explained(&tokens, &token(json!({ "aud": null })));
        assert_contains(&missing, &["no `aud`", "`Issuer::audience_claim`"]);
    }
    let by_claim = service([Issuer::new(ISSUER, signer().ring()).audience_claim("client_id", "my-app")]);
    let text = explained(&by_claim, &token(json!({ "aud": null, "client_id": "web" })));
    assert_contains(&text, &["`client_id`", "\"web\"", "\"my-app\"", "`Issuer::audience_claim`"]);
    let text = explained(&by_claim, &token(json!({ "client_id": "my-app" })));
    assert_contains(&text, &["`aud`", "\"orders\"", "`Issuer::audience`"]);
}

#[test]
fn for_our_own_tokens_the_method_of_the_builder_is_named() {
    let tokens = timed().0.issuer("https://us.example").audience("orders").build().unwrap();
    let ours = json!({
        "user_id": 42, "iat": START, "exp": START + 300, "type": "access", "jti": "1", "iss": "https://us.example", "aud": "orders",
    });
    let explained = |tokens: &TokenManager, changes| {
        logged(&decode(tokens, &Signer::hs256(SECRET).sign(&with(ours.clone(), changes))).unwrap_err())
    };
    let text = explained(&tokens, json!({ "iss": "https://evil.example" }));
    assert_contains(
        &text,
        &["`iss`", "https://evil.example", "https://us.example", "TokenManagerBuilder::issuer"],
    );
    let text = explained(&tokens, json!({ "aud": "account" }));
    assert_contains(&text, &["`aud`", "\"account\"", "\"orders\"", "TokenManagerBuilder::audience"]);
    let text = explained(&tokens, json!({ "aud": null }));
    assert_contains(&text, &["no `aud`", "\"orders\"", "TokenManagerBuilder::audience"]);
    let text = explained(&timed().0.build().unwrap(), json!({}));
    assert_contains(&text, &["`aud`", "\"orders\"", "none is configured", "TokenManagerBuilder::audience"]);
}

/// A log line must not be forged by a token, nor filled by one.
#[test]
fn text_of_a_token_is_escaped_and_shortened_in_the_log() {
    let hostile = "https://evil.example\n2026-01-01 INFO granted\u{1b}[31m\u{0}\u{202e}\u{2028}\"";
    let long = "a".repeat(5000);
    let many: Vec<String> = (0..300).map(|number| format!("audience-{number}")).collect();
    for tokens in [
        service([issuer()]),
        service([issuer(), Issuer::new("https://b.example", signer().ring()).audience("b")]),
    ] {
        for changes in [
            json!({ "iss": hostile }),
            json!({ "aud": hostile }),
            json!({ "aud": [hostile, hostile] }),
            json!({ "typ": hostile }),
            json!({ "token_use": hostile }),
            json!({ "iss": long }),
            json!({ "aud": long }),
            json!({ "aud": many }),
            json!({ "type": long }),
            json!({ "aud": vec!["a".repeat(500); 10] }),
        ] {
            let error = decode(&tokens, &token(changes)).unwrap_err();
            let shown = format!("{}{:?}", logged(&error), error);
            assert!(!shown.contains(['\n', '\u{1b}', '\u{0}', '\u{202e}', '\u{2028}']), "{shown}");
            assert!(logged(&error).len() < 2000, "{} bytes", logged(&error).len());
        }
    }
    // The header.
    for header in [
        json!({ "alg": hostile }),
        json!({ "kid": hostile }),
        json!({ "alg": long }),
        json!({ "typ": hostile }),
    ] {
        let token = signer().sign_with(&with(signer().header(), header), &claims(ISSUER, "orders"));
        let text = logged(&decode(&service([issuer()]), &token).unwrap_err());
        assert!(!text.contains(['\n', '\u{1b}', '\u{0}', '\u{202e}']) && text.len() < 1000, "{text}");
    }
}

#[test]
fn a_string_that_is_no_signed_jwt_is_named() {
    let tokens = service([issuer()]);
    let text = |token: &str| {
        let error = decode(&tokens, token).unwrap_err();
        assert!(matches!(error, TokenError::Decode(_)), "{token}: {error:?}");
        explained(&tokens, token)
    };
    // RFC 7516 section 3.3: five segments.
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe.\
                     48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ";
    assert_contains(&text(encrypted), &["encrypted"]);
    // The direct algorithm has an empty second segment, and Auth0 writes it so.
    assert_contains(
        &text(
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvTiFvSkQ",
        ),
        &["encrypted"],
    );
    for opaque in ["gho_16C7e42F292c6912E7710c838347Ae178B4a", "2YotnFZFEjr1zCsicMWpAA", "x"] {
        assert_contains(&text(opaque), &["opaque"]);
    }
    assert_contains(&text("a.b"), &["segments", "2"]);
    assert_contains(&text("a.b.c.d"), &["segments", "4"]);
    let good = token(json!({}));
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    assert_contains(&text(&format!("!{header}.{claims}.{signature}")), &["header", "base64url"]);
    assert_contains(&text(&signer().sign_raw("not json", "{}")), &["header", "JSON"]);
    assert_contains(&text(&signer().sign_raw("[]", "{}")), &["header", "JSON"]);
    assert_contains(
        &text(&signer().sign_raw(&signer().header().to_string(), "not json")),
        &["claims", "JSON"],
    );
    assert_contains(&text(&signer().sign_raw(&signer().header().to_string(), "[1]")), &["claims", "JSON"]);
    let twice =
        format!(r#"{{"iss":"{ISSUER}","aud":"orders","sub":"ada","exp":{},"role":1,"role":2}}"#, START + 300);
    assert_contains(
        &text(&signer().sign_raw(&signer().header().to_string(), &twice)),
        &["claims", "`role`", "twice"],
    );
    let nested = twice.replace(r#""role":1,"role":2"#, r#""access":{"a":1,"a":2}"#);
    assert_contains(
        &text(&signer().sign_raw(&signer().header().to_string(), &nested)),
        &["claims", "`access`"],
    );
}

/// A claim of the wrong type is named, and is another error: the token is a JWT.
#[test]
fn a_claim_of_another_type_is_named() {
    let tokens = service([issuer()]);
    for claim in ["exp", "iat", "nbf", "sub"] {
        let text = explained(&tokens, &token(json!({ claim: [true] })));
        assert_contains(&text, &[&format!("`{claim}`")]);
    }
    let text = explained(&tokens, &token(json!({ "exp": null })));
    assert_contains(&text, &["`exp`", "missing"]);
}
