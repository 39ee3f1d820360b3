//! Denials to which the application applies settings of its own.

use std::net::SocketAddr;

use gatevault_web_tests::{METADATA, PASSWORD, Reply, Request, User, mint, mint_expired, unknown_key};
use serde_json::json;

const PARAMETERS: &str = r#"realm="the site", resource_metadata=""#;

/// Asserts that the response has the own body, and the challenge with the own parameters if it has one.
fn assert_own(reply: &Reply, challenge: Option<&str>, body: &str) {
    let expected = challenge.map(|challenge| {
        let separator = if challenge == "Bearer" { " " } else { ", " };
        format!(r#"{challenge}{separator}{PARAMETERS}{METADATA}""#)
    });
    assert_eq!(reply.header("www-authenticate"), expected.unwrap_or_default(), "{reply:?}");
    assert_eq!((reply.header("content-type"), reply.body.as_str()), ("text/plain", body), "{reply:?}");
    assert_eq!(reply.header("cache-control"), "no-store", "{reply:?}");
    assert!(reply.body.starts_with(&reply.status.to_string()), "{reply:?}");
}

fn ask(server: SocketAddr, path: &str, token: &str) -> Reply {
    Request::get(path).bearer(token).send(server)
}

const INVALID: &str = r#"Bearer error="invalid_token""#;
const INVALID_BODY: &str = "401 invalid_token: the token is not valid; none";

pub(crate) fn of_a_guarded_scope(server: SocketAddr) {
    let scope = r#"Bearer scope="notes:write""#;
    assert_own(&Request::get("/inside/hello").send(server), Some(scope), "401 none: none; none");
    let invalid = format!(r#"{INVALID}, scope="notes:write""#);
    assert_own(&ask(server, "/inside/hello", "junk"), Some(&invalid), INVALID_BODY);
    let reader = mint(&User { scope: "notes:read".to_owned(), ..User::member(42) });
    let lacking = r#"Bearer error="insufficient_scope", scope="notes:write""#;
    assert_own(
        &ask(server, "/inside/hello", &reader),
        Some(lacking),
        "403 insufficient_scope: not allowed; none",
    );
    let guest = mint(&User { role: "guest".to_owned(), ..User::member(42) });
    assert_own(&ask(server, "/inside/hello", &guest), None, "403 access_denied: not allowed; none");
}

pub(crate) fn of_the_login_routes(server: SocketAddr) {
    let log_in = |body: &serde_json::Value| Request::post("/login").json(body).send(server);
    let wrong = log_in(&json!({ "username": "ada", "password": "wrong" }));
    assert_own(&wrong, Some("Bearer"), "401 invalid_grant: the credentials are not valid; none");
    let detail = "the field `password` is missing";
    let fault = detail.replace('"', "'");
    assert_own(
        &log_in(&json!({ "username": "ada" })),
        None,
        &format!("400 invalid_request: {fault}; {detail}"),
    );
    assert_own(&ask(server, "/sessions", "junk"), Some(INVALID), INVALID_BODY);
    let reply = Request::new("PUT", "/login").send(server);
    assert_own(&reply, None, "405 invalid_request: none; none");
    assert_eq!(reply.header("allow"), "POST, OPTIONS");
}

pub(crate) fn of_functions_extractors_and_key_exchanges(server: SocketAddr) {
    let member = mint(&User::member(42));
    for path in ["/profile", "/admin", "/greeting"] {
        assert_own(&ask(server, path, "junk"), Some(INVALID), INVALID_BODY);
    }
    for path in ["/profile", "/invoices", "/invoices/response", "/invoices/result", "/invoices/trait"] {
        assert_own(&Request::get(path).send(server), Some("Bearer"), "401 none: none; none");
    }
    let expired = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    let reply = ask(server, "/profile", &mint_expired(&User::member(42)));
    assert_own(&reply, Some(expired), "401 invalid_token: the token has expired; none");
    assert_own(&ask(server, "/admin", &member), None, "403 access_denied: not allowed; none");
    let lacking = r#"Bearer error="insufficient_scope", scope="invoices:read""#;
    for path in ["/invoices", "/invoices/response", "/invoices/result", "/invoices/trait"] {
        let reply = ask(server, path, &member);
        assert_own(&reply, Some(lacking), "403 insufficient_scope: not allowed; none");
    }
    let note =
        Request::post("/notes").header("Content-Type", "application/json").body("{broken from here on");
    assert_own(&note.clone().send(server), Some("Bearer"), "401 none: none; none");
    assert_own(&note.bearer("junk").send(server), Some(INVALID), INVALID_BODY);
    assert_own(&ask(server, "/profile", &unknown_key()), Some(INVALID), INVALID_BODY);
}

pub(crate) fn every_other_response_stays_as_it_is(server: SocketAddr) {
    let member = mint(&User::member(42));
    for (path, body) in [("/profile", "user 42"), ("/inside/hello", "hello user 42")] {
        let reply = ask(server, path, &member);
        assert_eq!((reply.status, reply.body.as_str()), (200, body), "{reply:?}");
    }
    let login = json!({ "username": "ada", "password": PASSWORD });
    let reply = Request::post("/login").json(&login).send(server);
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"), "{reply:?}");
    let unknown = Request::get("/nowhere").send(server);
    assert_eq!(unknown.status, 404);
    assert!(!unknown.body.contains("none"), "{unknown:?}");
}
