//! Routes behind a `RouteGuard`, in the form of each framework.

use std::net::SocketAddr;

use gatevault::RouteGuard;
use gatevault_web_tests::{Request, User, mint, mint_expired};

pub(crate) fn a_guarded_scope_accepts_a_good_token(server: SocketAddr) {
    let token = mint(&User::member(42));
    assert_eq!(Request::get("/inside/hello").bearer(&token).send(server).body, "hello user 42");
    let note = Request::post("/inside/notes").header("Content-Type", "application/json").body("[1]");
    assert_eq!(note.bearer(&token).send(server).body, "[1]");
}

pub(crate) fn a_guarded_scope_denies_before_the_body_is_read(server: SocketAddr) {
    let ask = Request::post("/inside/notes")
        .header("Content-Type", "application/json")
        .body("{broken from here on");
    for request in [ask.clone().bearer("junk").announcing(100_000_000), ask.clone().bearer("junk"), ask] {
        let reply = request.send(server);
        assert_eq!((reply.status, reply.header("cache-control")), (401, "no-store"), "{reply:?}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
}

pub(crate) fn a_guarded_scope_enforces_its_requirement(server: SocketAddr) {
    let guest = User { role: "guest".to_owned(), ..User::member(42) };
    let reply = Request::get("/inside/hello").bearer(&mint(&guest)).send(server);
    assert_eq!((reply.status, reply.body.contains("guests")), (403, false), "{reply:?}");
}

pub(crate) fn a_guarded_scope_names_the_scope_that_a_token_lacks(server: SocketAddr) {
    let reader = User { scope: "notes:read".to_owned(), ..User::member(42) };
    let reply = Request::get("/inside/hello").bearer(&mint(&reader)).send(server);
    let challenge = r#"Bearer error="insufficient_scope", scope="notes:write""#;
    assert_eq!((reply.status, reply.header("www-authenticate")), (403, challenge), "{reply:?}");
}

pub(crate) fn a_guarded_scope_names_its_scope_to_a_client_without_a_valid_token(server: SocketAddr) {
    let challenge = |request: Request| {
        let reply = request.send(server);
        assert_eq!(reply.status, 401);
        reply.header("www-authenticate").to_owned()
    };
    let ask = || Request::get("/inside/hello");
    assert_eq!(challenge(ask()), r#"Bearer scope="notes:write""#);
    let invalid = r#"Bearer error="invalid_token", scope="notes:write""#;
    assert_eq!(challenge(ask().bearer("junk")), invalid);
    let expired =
        r#"Bearer error="invalid_token", error_description="the token has expired", scope="notes:write""#;
    assert_eq!(challenge(ask().bearer(&mint_expired(&User::member(42)))), expired);
}

#[test]
fn a_guard_without_a_scope_is_not_built() {
    let refusal = RouteGuard::<User>::installed().scopes(&[]).unwrap_err();
    assert_eq!(refusal.to_string(), "`scopes` was given no scope: give it at least one, or remove the call");
}

#[test]
fn a_guard_with_a_scope_that_would_break_the_challenge_is_not_built() {
    const BROKEN: [&[&str]; 8] = [
        &["a\", x=\"y"],
        &["a\\"],
        &["a b"],
        &["a", ""],
        &["a", "b\r\nSet-Cookie: c"],
        &["\t"],
        &["\u{7f}"],
        &["é"],
    ];
    for scopes in BROKEN {
        let refusal = RouteGuard::<User>::installed().scopes(scopes).unwrap_err().to_string();
        assert!(refusal.contains("is not a scope"), "{scopes:?}: {refusal}");
    }
    assert!(RouteGuard::<User>::installed().scopes(&["https://api.example/a!#[]~", "b:c"]).is_ok());
}
