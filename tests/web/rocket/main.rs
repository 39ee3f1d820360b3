//! Rocket only: a managed gate, catchers that respond for request guards, optional request guards.
#![cfg(test)]
#![expect(clippy::needless_pass_by_value, reason = "the signatures of handlers")]

use std::net::SocketAddr;

use gatevault::web::{HttpResponse, RouteGuard, denial_catchers};
use gatevault::{
    Bearer, GateVault, GuardError, Payload, TokenManager, TokenSource as _, Verified, protected,
};
use gatevault_web_tests::{Reply, Request, Site, User, edges, mint};
use rocket::http::Status;
use rocket::{Build, Rocket, State, get, routes};

#[get("/extractor")]
fn by_extractor(caller: Verified<Payload>) -> String {
    caller.user_id().to_string()
}

#[protected(gate = gate)]
#[get("/state")]
fn by_state(gate: &State<GateVault>, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[get("/optional")]
fn optional(caller: Option<Verified<Payload>>) -> String {
    caller.map_or("anonymous".to_owned(), |caller| caller.user_id().to_string())
}

/// A status of the application, for any caller.
#[get("/own/<status>")]
fn own(_caller: Option<Verified<Payload>>, status: u16) -> Status {
    Status::new(status)
}

/// The same with a body.
#[get("/body/<status>")]
fn own_body(status: u16) -> (Status, &'static str) {
    (Status::new(status), "our own body")
}

#[get("/denial")]
fn denial() -> GuardError {
    GuardError::unauthorized("the reason")
}

#[get("/response")]
fn response() -> HttpResponse {
    GuardError::unauthorized("the reason").into()
}

/// Returns a manager other than the site's. Its gate is the managed one in `managed`.
fn tokens() -> TokenManager {
    TokenManager::new([7; 32]).unwrap()
}

fn access() -> String {
    tokens().create_access_token(&Payload::new(42)).unwrap()
}

fn plain() -> Rocket<Build> {
    rocket::build().mount("/", routes![by_extractor, optional, own, own_body, denial, response])
}

fn managed() -> Rocket<Build> {
    let guarded = RouteGuard::<Payload>::with(tokens()).guard_routes(routes![by_extractor, optional]);
    let managing = plain().manage(GateVault::new(tokens()));
    managing.mount("/", routes![by_state]).mount("/guarded", guarded)
}

fn served(app: Rocket<Build>) -> SocketAddr {
    edges::serve_rocket(app.register("/", denial_catchers()))
}

fn ask(server: SocketAddr, path: &str, token: &str) -> Reply {
    Request::get(path).bearer(token).send(server)
}

#[test]
fn a_gate_is_found_in_the_state_and_around_the_routes() {
    let server = served(managed());
    for path in ["/extractor", "/state", "/optional", "/guarded/extractor", "/guarded/optional"] {
        let reply = ask(server, path, &access());
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
    }
    for path in ["/extractor", "/state", "/guarded/extractor", "/guarded/optional"] {
        assert_eq!(ask(server, path, "junk").status, 401, "{path}");
    }
}

#[test]
fn the_managed_gate_is_preferred_to_the_installed_one() {
    // A token of the site. This call installs the site's gate in the process.
    let of_installed = mint(&User::member(1));
    let (managed, plain) = (served(managed()), served(plain()));
    assert_eq!(ask(managed, "/extractor", &access()).body, "42");
    assert_eq!(ask(managed, "/extractor", &of_installed).status, 401);
    assert_eq!(ask(plain, "/extractor", &of_installed).body, "1");
    assert_eq!(ask(plain, "/extractor", &access()).status, 401);
}

#[test]
fn the_catchers_respond_with_the_denial_of_the_request_guard() {
    let server = served(managed());
    for (token, challenge) in [("", "Bearer"), ("junk", r#"Bearer error="invalid_token""#)] {
        let reply = ask(server, "/extractor", token);
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, challenge));
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.json()["title"], "Unauthorized");
    }
}

#[test]
fn without_the_catchers_a_denial_still_has_its_status() {
    let server = edges::serve_rocket(managed());
    assert_eq!(ask(server, "/extractor", &access()).status, 200);
    for token in ["", "junk", &mint(&User::member(1))] {
        let reply = ask(server, "/extractor", token);
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, ""), "{reply:?}");
    }
    // A guarded function and a guarded route respond themselves and need no catcher.
    for path in ["/state", "/guarded/extractor"] {
        let reply = ask(server, path, "junk");
        assert_eq!(reply.status, 401);
        assert_eq!(reply.header("www-authenticate"), r#"Bearer error="invalid_token""#, "{path}");
    }
}

#[test]
fn the_catchers_leave_refusals_of_the_application_unchanged() {
    let server = served(managed());
    for status in [401, 403, 503] {
        let bare = ask(server, &format!("/own/{status}"), &access());
        assert_eq!((bare.status, bare.body.as_str()), (status, ""));
        assert_eq!(bare.header("www-authenticate"), "");
        let with_body = ask(server, &format!("/body/{status}"), "");
        assert_eq!((with_body.status, with_body.body.as_str()), (status, "our own body"));
    }
    // Also after an optional request guard accepted a bad token as no token.
    for status in [403, 503] {
        let bare = ask(server, &format!("/own/{status}"), "junk");
        assert_eq!((bare.status, bare.body.as_str(), bare.header("www-authenticate")), (status, "", ""));
    }
    assert_eq!(ask(server, "/own/404", &access()).status, 404);
}

/// The framework turns every refusal into `None`: no caller is admitted, but a bad token gets no 401.
#[test]
fn an_optional_request_guard_accepts_a_bad_token_as_no_token() {
    let server = served(managed());
    assert_eq!(ask(server, "/optional", &access()).body, "42");
    assert_eq!(Request::get("/optional").send(server).body, "anonymous");
    let reply = ask(server, "/optional", "junk");
    assert_eq!((reply.status, reply.body.as_str()), (200, "anonymous"));
}

#[test]
fn denials_convert_into_responses() {
    let server = served(plain());
    for path in ["/denial", "/response"] {
        let reply = Request::get(path).send(server);
        assert_eq!((reply.status, reply.header("content-type")), (403, "application/problem+json"), "{path}");
        assert!(!reply.body.contains("the reason"));
    }
}

#[test]
fn a_request_is_a_token_source() {
    let header = rocket::http::Header::new("authorization", "Bearer a.b.c");
    let managing = rocket::local::blocking::Client::debug(managed()).unwrap();
    let request = managing.get("/").header(header);
    assert_eq!(request.inner().token().as_deref(), Some("a.b.c"));
    assert!(request.inner().gate().is_some());
    let plain = rocket::local::blocking::Client::debug(plain()).unwrap();
    let request = plain.get("/");
    assert!(request.inner().token().is_none() && request.inner().gate().is_none());
}

/// The paths of the routes are complete, because the cookies are limited to them.
#[test]
fn the_routes_respond_only_when_mounted_at_the_root() {
    let routes = || -> Vec<rocket::Route> { Site::default().async_routes().remove(0).into() };
    let server = served(rocket::build().mount("/elsewhere", routes()));
    for path in ["/login", "/elsewhere/login"] {
        assert_eq!(Request::post(path).send(server).status, 404, "{path}");
    }
    let server = served(rocket::build().mount("/", routes()));
    assert_eq!(Request::post("/login").send(server).status, 415);
}
