//! Which gate verifies the tokens of a request.

use std::net::SocketAddr;

use gatevault_web_tests::served::{argument, auth, inner};
use gatevault_web_tests::{PASSWORD, Reply, Request, User};
use serde_json::json;

fn ask(server: SocketAddr, path: &str, token: &str) -> Reply {
    Request::get(path).bearer(token).send(server)
}

fn assert_user(server: SocketAddr, path: &str, token: &str, body: &str) {
    let reply = ask(server, path, token);
    assert_eq!((reply.status, reply.body.as_str()), (200, body), "{path}: {reply:?}");
}

fn assert_refused(server: SocketAddr, path: &str, token: &str) {
    let reply = ask(server, path, token);
    let challenge = r#"Bearer error="invalid_token""#;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, challenge), "{path}: {reply:?}");
}

/// The routes that ask the gate of the request.
const ROUTES: [&str; 4] = ["/token", "/nested/deep/token", "/claims", "/group"];

pub(crate) fn a_token_of_the_login_opens_every_route(server: SocketAddr) {
    let login = json!({ "username": "ada", "password": PASSWORD });
    let token = Request::post("/auth/login").json(&login).send(server).json()["access_token"].clone();
    for path in ROUTES {
        assert_user(server, path, token.as_str().unwrap(), "user 1");
    }
    assert_user(server, "/accounts/7", token.as_str().unwrap(), "account 7 of user 1");
    assert_ne!(Request::post("/login").json(&login).send(server).status, 200, "the routes have a prefix");
}

pub(crate) fn a_token_of_another_manager_opens_none(server: SocketAddr) {
    for other in [argument(), inner()] {
        let token = other.create_access_token(&User::member(42)).unwrap();
        for path in ROUTES.into_iter().chain(["/accounts/7", "/admin", "/recent"]) {
            assert_refused(server, path, &token);
        }
    }
}

pub(crate) fn the_token_of_a_cookie_brings_the_gate_too(server: SocketAddr) {
    let visit = |token: &str| {
        let cookie = format!("served_access={token}");
        Request::get("/visit").header("Cookie", cookie).send(server)
    };
    let user = User::member(42);
    assert_eq!(visit(&auth().tokens().create_access_token(&user).unwrap()).body, "user 42");
    assert_eq!(visit(&inner().create_access_token(&user).unwrap()).status, 401);
}

pub(crate) fn an_argument_takes_precedence_over_the_gate_of_the_request(server: SocketAddr) {
    let user = User::member(42);
    assert_user(server, "/argument", &argument().create_access_token(&user).unwrap(), "user 42");
    assert_refused(server, "/argument", &auth().tokens().create_access_token(&user).unwrap());
}

pub(crate) fn nothing_that_a_client_sends_chooses_a_gate(server: SocketAddr) {
    let token = inner().create_access_token(&User::member(42)).unwrap();
    for path in ROUTES.into_iter().chain(["/accounts/7"]) {
        let path = format!("{path}?gate=inner&GateVault=inner");
        let request = Request::get(&path).bearer(&token);
        let request = ["gate", "x-gate", "gatevault", "extension", "cookie"]
            .into_iter()
            .fold(request, |request, name| request.header(name, "gate=inner"));
        assert_eq!(request.send(server).status, 401, "{path}");
    }
}

pub(crate) fn the_fallback_is_guarded_too(server: SocketAddr) {
    let token = auth().tokens().create_access_token(&User::member(42)).unwrap();
    assert_user(server, "/no/such/route", &token, "user 42");
    assert_refused(server, "/no/such/route", "junk");
}

pub(crate) fn the_gate_of_an_inner_scope_takes_precedence(server: SocketAddr) {
    let user = User::member(42);
    let (inside, outside) =
        (inner().create_access_token(&user).unwrap(), auth().tokens().create_access_token(&user).unwrap());
    for path in ["/inner/token", "/inner/claims", "/inner/handler"] {
        assert_user(server, path, &inside, "user 42");
        assert_refused(server, path, &outside);
    }
}
