//! Guarded handlers.

use std::net::SocketAddr;

use axum::http;
use gatevault::testing::{self, DenialKind};
use gatevault::web::HttpResponse;
use gatevault_web_tests::{Reply, Request, User, mint, mint_expired, mint_purpose, mint_refresh};
use serde_json::json;

use crate::browser::Browser;

fn profile(server: SocketAddr, token: &str) -> Reply {
    Request::get("/profile").bearer(token).send(server)
}

fn assert_denied(reply: &Reply, status: u16, challenge: &str) {
    assert_eq!((reply.status, reply.header("www-authenticate")), (status, challenge), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!((&reply.json()["status"], &reply.json()["type"]), (&status.into(), &"about:blank".into()));
    let of_challenge = |name: &str| {
        let (_, value) = challenge.split_once(&format!("{name}=\""))?;
        value.split_once('"').map(|(value, _)| value)
    };
    let is_forbidden = status == 403 && challenge.is_empty();
    let error = if is_forbidden { Some("access_denied") } else { of_challenge("error") };
    assert_eq!(reply.json()["error"].as_str(), error, "{reply:?}");
    let description = reply.json()["error_description"].as_str().map(str::to_owned);
    assert_eq!(description.is_some(), error.is_some(), "{reply:?}");
    assert!(of_challenge("error_description").is_none_or(|text| description.as_deref() == Some(text)));
}

const INVALID: &str = r#"Bearer error="invalid_token""#;

/// Returns the response in the types of the library and of the `http` crate.
fn responses(reply: &Reply) -> (HttpResponse, http::Response<()>) {
    let response = HttpResponse::new(reply.status).with_body(reply.body.clone());
    let mut typed = http::Response::builder().status(reply.status);
    let challenge = reply.header("www-authenticate");
    if challenge.is_empty() {
        return (response, typed.body(()).unwrap());
    }
    typed = typed.header("www-authenticate", challenge);
    (response.with_header("www-authenticate", challenge), typed.body(()).unwrap())
}

pub(crate) fn the_test_kit_knows_the_kind_of_each_denial(server: SocketAddr) {
    let member = User::member(42);
    let scope = DenialKind::MissingScope("invoices:read".into());
    for (path, token, kind) in [
        ("/profile", String::new(), DenialKind::MissingToken),
        ("/profile", "junk".to_owned(), DenialKind::InvalidToken),
        ("/profile", mint_refresh(&member), DenialKind::InvalidToken),
        ("/profile", mint_expired(&member), DenialKind::Expired),
        ("/admin", mint(&member), DenialKind::NotAllowed),
        ("/invoices", mint(&member), scope),
    ] {
        let reply = Request::get(path).bearer(&token).send(server);
        let (response, typed) = responses(&reply);
        testing::assert_denied!(response, (kind));
        testing::assert_denied!(typed, (kind));
    }
    let login = json!({"username": "ada", "password": "a wrong password"});
    let (wrong, _) = responses(&Request::post("/login").json(&login).send(server));
    testing::assert_denied!(wrong, WrongCredentials);
}

pub(crate) fn a_good_token_is_accepted(server: SocketAddr) {
    let reply = profile(server, &mint(&User::member(42)));
    assert_eq!((reply.status, reply.body.as_str()), (200, "user 42"));
}

pub(crate) fn a_missing_token_gets_a_bare_challenge(server: SocketAddr) {
    assert_denied(&Request::get("/profile").send(server), 401, "Bearer");
    assert_denied(&profile(server, ""), 401, "Bearer");
}

pub(crate) fn a_malformed_token_is_refused(server: SocketAddr) {
    for token in ["junk", "a.b", "a.b.c.d", "....", "\"a.b.c\"", &"a".repeat(7000)] {
        assert_denied(&profile(server, token), 401, INVALID);
    }
}

pub(crate) fn an_expired_token_is_refused_and_the_challenge_says_so(server: SocketAddr) {
    let challenge = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    assert_denied(&profile(server, &mint_expired(&User::member(42))), 401, challenge);
}

pub(crate) fn a_tampered_token_is_refused(server: SocketAddr) {
    let (ours, other) = (mint(&User::member(42)), mint(&User::member(43)));
    let (message, _) = ours.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_denied(&profile(server, &format!("{message}.{signature}")), 401, INVALID);
    assert_denied(&profile(server, &format!("{message}.")), 401, INVALID);
}

pub(crate) fn a_refresh_token_is_refused(server: SocketAddr) {
    assert_denied(&profile(server, &mint_refresh(&User::member(42))), 401, INVALID);
}

pub(crate) fn a_purpose_token_is_refused(server: SocketAddr) {
    let token = mint_purpose(42, None);
    for path in ["/profile", "/admin", "/inside/hello"] {
        assert_eq!(Request::get(path).bearer(&token).send(server).status, 401, "{path}");
    }
    let reply = profile(server, &token);
    assert_denied(&reply, 401, INVALID);
    assert!(!reply.body.contains("purpose"), "{}", reply.body);
}

pub(crate) fn a_wrong_role_is_not_allowed(server: SocketAddr) {
    let ask = |role: &str| {
        let user = User { role: role.to_owned(), ..User::member(42) };
        Request::get("/admin").bearer(&mint(&user)).send(server)
    };
    assert_denied(&ask("member"), 403, "");
    assert_eq!(ask("admin").body, "admin 42");
}

pub(crate) fn a_missing_scope_is_named(server: SocketAddr) {
    let ask = |scope: &str| {
        let user = User { scope: scope.to_owned(), ..User::member(42) };
        Request::get("/invoices").bearer(&mint(&user)).send(server)
    };
    assert_denied(&ask("notes:write"), 403, r#"Bearer error="insufficient_scope", scope="invoices:read""#);
    assert_eq!(ask("notes:write invoices:read").body, "invoices of 42");
}

pub(crate) fn a_denial_is_the_same_response_from_every_return_type(server: SocketAddr) {
    let ask = |path: &str, token: &str| Request::get(path).bearer(token).send(server);
    let (member, expired) = (mint(&User::member(42)), mint_expired(&User::member(42)));
    let reader = mint(&User { scope: "invoices:read".to_owned(), ..User::member(42) });
    for path in ["/invoices/response", "/invoices/result", "/invoices/trait"] {
        for token in ["", "junk", &member, &expired] {
            let (usual, reply) = (ask("/invoices", token), ask(path, token));
            assert_denied(&reply, usual.status, usual.header("www-authenticate"));
            assert_eq!(reply.body, usual.body, "{path}");
        }
        assert_eq!(ask(path, &reader).body, "invoices of 42");
    }
}

pub(crate) fn a_token_of_a_revoked_session_is_refused(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    assert_eq!(browser.profile().body, "user 1");
    assert_eq!(browser.post("/logout").send(server).status, 204);
    assert_denied(&browser.profile(), 401, INVALID);
}

pub(crate) fn an_optional_guard_accepts_a_missing_token_and_refuses_a_bad_one(server: SocketAddr) {
    let ask = || Request::get("/greeting");
    assert_eq!(ask().send(server).body, "hello stranger");
    assert_eq!(ask().bearer(&mint(&User::member(42))).send(server).body, "hello user 42");
    assert_denied(&ask().bearer("junk").send(server), 401, INVALID);
    let (one, other) = (mint(&User::member(42)), mint(&User::member(43)));
    assert_denied(&ask().bearer(&one).bearer(&other).send(server), 401, INVALID);
}

/// The body is announced and never sent: a handler that reads it first never responds.
pub(crate) fn an_extractor_denies_before_the_body_is_read(server: SocketAddr) {
    let ask = |token: &str, body: &str| {
        Request::post("/notes").header("Content-Type", "application/json").bearer(token).body(body)
    };
    assert_denied(&ask("junk", "{broken from here on").announcing(100_000_000).send(server), 401, INVALID);
    assert_denied(&ask("junk", "{broken").send(server), 401, INVALID);
    let good = mint(&User::member(42));
    assert_eq!(ask(&good, "{broken").send(server).status, 400);
    assert_eq!(ask(&good, r#"{"a":1}"#).send(server).body, r#"{"a":1}"#);
}

pub(crate) fn a_denial_reveals_only_that_a_token_has_expired(server: SocketAddr) {
    let body = |token: &str| profile(server, token).body;
    let junk = body("junk");
    assert_eq!(body(&mint_refresh(&User::member(42))), junk);
    assert_eq!(body(&mint_purpose(42, None)), junk);
    assert!(!junk.contains("expired"), "{junk}");
    assert!(
        body(&mint_expired(&User::member(42))).contains(r#""error_description":"the token has expired""#)
    );
    assert_eq!(body(""), r#"{"status":401,"title":"Unauthorized","type":"about:blank"}"#);
}
