//! Handlers with `#[protected(handler)]`.

use std::net::SocketAddr;

use gatevault_web_tests::served::{auth, old_token};
use gatevault_web_tests::{METADATA, PASSWORD, Reply, Request, User};
use serde_json::json;

fn token(user: &User) -> String {
    auth().tokens().create_access_token(user).unwrap()
}

fn admin() -> User {
    User { role: "admin".to_owned(), ..User::member(42) }
}

fn ask(server: SocketAddr, path: &str, token: &str) -> Reply {
    Request::get(path).bearer(token).send(server)
}

fn assert_denied(reply: &Reply, status: u16, challenge: &str) {
    assert_eq!((reply.status, reply.header("www-authenticate")), (status, challenge), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json", "{reply:?}");
    assert_eq!(reply.json()["status"], status, "{reply:?}");
}

const INVALID: &str = r#"Bearer error="invalid_token""#;

pub(crate) fn a_stranger_is_denied_before_the_path_is_parsed(server: SocketAddr) {
    for path in ["/accounts/7", "/accounts/seven"] {
        assert_denied(&Request::get(path).send(server), 401, "Bearer");
        assert_denied(&ask(server, path, "junk"), 401, INVALID);
    }
    let good = token(&User::member(42));
    assert_eq!(ask(server, "/accounts/7", &good).body, "account 7 of user 42");
    let bad_path = ask(server, "/accounts/seven", &good).status;
    // Rocket tries the next route, which is the fallback.
    assert!([400, 404, 200].contains(&bad_path), "{bad_path}");
}

/// The body is announced and never sent: a handler that reads it first never responds.
pub(crate) fn a_stranger_is_denied_before_the_body_is_read(server: SocketAddr) {
    let ask = |body: &str| Request::post("/notes").header("Content-Type", "application/json").body(body);
    for request in [
        ask("{broken"),
        ask("{broken from here on").announcing(100_000_000),
        Request::post("/notes").header("Content-Type", "text/plain").body("no JSON"),
        Request::post("/notes"),
    ] {
        assert_denied(&request.clone().send(server), 401, "Bearer");
        assert_denied(&request.bearer("junk").send(server), 401, INVALID);
    }
    let good = token(&User::member(42));
    let bad_body = ask("{broken").bearer(&good).send(server).status;
    assert!([400, 422].contains(&bad_body), "{bad_body}");
    assert_eq!(ask(r#"{"a":1}"#).bearer(&good).send(server).body, r#"{"a":1} of user 42"#);
}

pub(crate) fn a_wrong_role_is_not_allowed(server: SocketAddr) {
    for path in ["/admin", "/opaque"] {
        assert_denied(&Request::get(path).send(server), 401, "Bearer");
        assert_denied(&ask(server, path, "junk"), 401, INVALID);
        assert_denied(&ask(server, path, &token(&User::member(42))), 403, "");
        assert_eq!(ask(server, path, &token(&admin())).body, "user 42", "{path}");
    }
}

pub(crate) fn an_old_login_gets_the_challenge_of_its_age(server: SocketAddr) {
    let challenge = r#"Bearer error="insufficient_user_authentication", max_age="300""#;
    assert_denied(&ask(server, "/recent", &old_token(&User::member(42))), 401, challenge);
    let login = json!({ "username": "bob", "password": PASSWORD });
    let fresh = Request::post("/auth/login").json(&login).send(server).json()["access_token"].clone();
    assert_eq!(ask(server, "/recent", fresh.as_str().unwrap()).body, "user 2");
}

pub(crate) fn a_denial_has_the_form_of_the_applications_error(server: SocketAddr) {
    for (token, body) in [("junk", "own 401"), (&token(&User::member(42)), "own 403")] {
        let reply = ask(server, "/own", token);
        assert_eq!((reply.status, reply.body.as_str()), (418, body), "{reply:?}");
    }
    assert_eq!(ask(server, "/own", &token(&admin())).body, "user 42");
}

pub(crate) fn a_page_reads_the_token_of_the_cookie(server: SocketAddr) {
    let token = token(&User::member(42));
    let visit =
        |token: &str| Request::get("/members/hello").header("Cookie", format!("served_access={token}"));
    assert_eq!(visit(&token).send(server).body, "user 42");
    assert_denied(&visit("junk").send(server), 401, INVALID);
    // The header is not read there.
    assert_denied(&ask(server, "/members/hello", &token), 401, "Bearer");
}

pub(crate) fn a_stranger_learns_all_scopes_of_a_handler_at_once(server: SocketAddr) {
    let scopes = r#"scope="a:read b:read c:read""#;
    assert_denied(&Request::get("/scoped").send(server), 401, &format!("Bearer {scopes}"));
    assert_denied(&ask(server, "/scoped", "junk"), 401, &format!("{INVALID}, {scopes}"));
    let token_with = |scope: &str| token(&User { scope: scope.to_owned(), ..User::member(42) });
    let missing = r#"Bearer error="insufficient_scope", scope="a:read b:read""#;
    assert_denied(&ask(server, "/scoped", &token_with("a:read")), 403, missing);
    assert_eq!(ask(server, "/scoped", &token_with("a:read b:read")).body, "user 42");
}

pub(crate) fn the_application_chooses_what_a_denial_of_a_handler_says(server: SocketAddr, path: &str) {
    let own = [
        "realm=\"the site\"",
        &format!("resource_metadata=\"{METADATA}\""),
        "scope=\"a:read b:read c:read\"",
    ];
    let assert_chosen = |reply: &Reply, body: &str, error: &[&str]| {
        assert_eq!((reply.status, reply.body.as_str()), (401, body), "{reply:?}");
        assert_eq!(reply.header("content-type"), "text/plain");
        let challenge = reply.header("www-authenticate").strip_prefix("Bearer ").unwrap();
        let mut parameters: Vec<_> = challenge.split(", ").collect();
        parameters.sort_unstable();
        assert_eq!(parameters, [error, &own].concat());
    };
    let invalid = "401 invalid_token: the token is not valid; none";
    assert_chosen(&ask(server, path, "junk"), invalid, &["error=\"invalid_token\""]);
    assert_chosen(&Request::get(path).send(server), "401 none: none; none", &[]);
}
