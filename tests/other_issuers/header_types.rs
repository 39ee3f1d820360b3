//! The header's `typ` (RFC 7515 section 4.1.9, RFC 9068 section 2.1).

use gatevault::error::InvalidReason;
use gatevault::{Issuer, TokenManager};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, refusal, service};
use super::signer::{Signer, claims, with};

const JWT: [&str; 6] = ["JWT", "jwt", "Jwt", "application/jwt", "application/JWT", "APPLICATION/Jwt"];
const AT_JWT: [&str; 5] = ["at+jwt", "AT+JWT", "at+JWT", "application/at+jwt", "Application/AT+JWT"];
const OTHERS: [&str; 16] = [
    "logout+jwt",
    "application/logout+jwt",
    "id+jwt",
    "id_token+jwt",
    "dpop+jwt",
    "application/dpop+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "entity-statement+jwt",
    "JWE",
    "JOSE",
    "",
    "JWT ",
    "application/",
    "application/application/jwt",
];

fn signer() -> Signer {
    Signer::hs256("the key of the issuer, at least 32 bytes").named("1")
}

fn issuer() -> Issuer {
    Issuer::new("https://id.example", signer().ring()).audience("orders")
}

fn foreign(typ: &Value) -> String {
    signer()
        .sign_with(&with(signer().header(), json!({ "typ": typ })), &claims("https://id.example", "orders"))
}

fn own(tokens: &TokenManager, typ: &str, kind: &str) -> Result<(), gatevault::TokenError> {
    let signer = Signer::hs256(SECRET);
    let claims = json!({
        "sub": "42", "user_id": 42, "iat": START, "exp": START + 300, "type": kind, "jti": "1", "iss": "https://us.example",
        "aud": "orders",
    });
    decode(tokens, &signer.sign_with(&json!({ "alg": "HS256", "typ": typ }), &claims)).map(drop)
}

#[test]
fn the_types_of_a_jwt_are_compared_without_case_and_with_the_prefix_of_a_media_type() {
    for typ in JWT.iter().chain(&AT_JWT) {
        assert!(decode(&service([issuer()]), &foreign(&json!(typ))).is_ok(), "{typ}");
    }
    let strict = service([issuer().at_jwt()]);
    for typ in AT_JWT {
        assert!(decode(&strict, &foreign(&json!(typ))).is_ok(), "{typ}");
    }
    for typ in JWT {
        assert_eq!(refusal(&strict, &foreign(&json!(typ))), InvalidReason::Type, "{typ}");
    }
}

#[test]
fn other_types_of_jwt_are_refused_even_if_any_kind_is_accepted() {
    for issuer in [
        issuer(),
        issuer().any_kind(),
        issuer().accept_bound(),
        issuer().at_jwt(),
        issuer().access_type("logout+jwt"),
    ] {
        let tokens = service([issuer]);
        for typ in OTHERS {
            assert_eq!(refusal(&tokens, &foreign(&json!(typ))), InvalidReason::Type, "{typ}");
        }
    }
}

#[test]
fn the_header_of_our_own_tokens_follows_the_same_rule() {
    let tokens = timed()
        .0
        .issuer("https://us.example")
        .audience("orders")
        .accept(issuer().any_kind())
        .build()
        .unwrap();
    let at_jwt = timed().0.issuer("https://us.example").audience("orders").at_jwt().build().unwrap();
    for typ in JWT {
        assert_eq!(own(&tokens, typ, "access"), Ok(()), "{typ}");
        assert_eq!(own(&at_jwt, typ, "access"), Err(InvalidReason::Type.into()), "{typ}");
    }
    for typ in AT_JWT {
        assert_eq!(own(&at_jwt, typ, "access"), Ok(()), "{typ}");
    }
    for typ in OTHERS {
        assert_eq!(own(&tokens, typ, "access"), Err(InvalidReason::Type.into()), "{typ}");
    }
}
