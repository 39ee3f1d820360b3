//! What only users of Rocket have: a managed gate, catchers that answer for request guards, optional request guards.
#![cfg(test)]
#![expect(clippy::needless_pass_by_value, reason = "handlers have the signatures of handlers")]

use std::net::SocketAddr;

use gatevault::web::{HttpResponse, RouteGuard, denial_catchers};
use gatevault::{Bearer, GateVault, GuardError, Payload, TokenManager, Verified, protected};
use gatevault_web_tests::{Reply, Request, Site, User, edges, mint};
use rocket::http::Status;
use rocket::{Build, Rocket, State, get, routes};

#[get("/extractor")]
fn by_extractor(who: Verified<Payload>) -> String {
    who.user_id().to_string()
}

#[protected(gate = gate)]
#[get("/state")]
fn by_state(gate: &State<GateVault>, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[get("/perhaps")]
fn perhaps(who: Option<Verified<Payload>>) -> String {
    who.map_or("nobody".to_owned(), |who| who.user_id().to_string())
}

/// What the application itself has to say, to whoever it is.
#[get("/own/<status>")]
fn own(_who: Option<Verified<Payload>>, status: u16) -> Status {
    Status::new(status)
}

/// The same with words.
#[get("/words/<status>")]
fn own_words(status: u16) -> (Status, &'static str) {
    (Status::new(status), "our own words")
}

#[get("/denial")]
fn denial() -> GuardError {
    GuardError::unauthorized("the reason")
}

#[get("/answer")]
fn answer() -> HttpResponse {
    GuardError::unauthorized("the reason").into()
}

/// A token of a manager of its own, whose gate is managed in `managed`.
fn tokens() -> TokenManager {
    TokenManager::new([7; 32]).unwrap()
}

fn access() -> String {
    tokens().create_access_token(&Payload::new(42)).unwrap()
}

fn plain() -> Rocket<Build> {
    rocket::build().mount("/", routes![by_extractor, perhaps, own, own_words, denial, answer])
}

fn managed() -> Rocket<Build> {
    let guarded = RouteGuard::<Payload>::with(tokens()).guard_routes(routes![by_extractor, perhaps]);
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
    for path in ["/extractor", "/state", "/perhaps", "/guarded/extractor", "/guarded/perhaps"] {
        let reply = ask(server, path, &access());
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
    }
    for path in ["/extractor", "/state", "/guarded/extractor", "/guarded/perhaps"] {
        assert_eq!(ask(server, path, "junk").status, 401, "{path}");
    }
}

#[test]
fn the_managed_gate_is_preferred_to_the_installed_one() {
    // A token of the site, whose gate is installed in the process by this.
    let of_installed = mint(&User::member(1));
    let (managed, plain) = (served(managed()), served(plain()));
    assert_eq!(ask(managed, "/extractor", &access()).body, "42");
    assert_eq!(ask(managed, "/extractor", &of_installed).status, 401);
    assert_eq!(ask(plain, "/extractor", &of_installed).body, "1");
    assert_eq!(ask(plain, "/extractor", &access()).status, 401);
}

#[test]
fn the_catchers_say_what_the_request_guard_could_not() {
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
fn without_the_catchers_a_denial_is_one_all_the_same() {
    let server = edges::serve_rocket(managed());
    assert_eq!(ask(server, "/extractor", &access()).status, 200);
    for token in ["", "junk", &mint(&User::member(1))] {
        let reply = ask(server, "/extractor", token);
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, ""), "{reply:?}");
    }
    // What answers by itself needs none of them.
    for path in ["/state", "/guarded/extractor"] {
        let reply = ask(server, path, "junk");
        assert_eq!(reply.status, 401);
        assert_eq!(reply.header("www-authenticate"), r#"Bearer error="invalid_token""#, "{path}");
    }
}

#[test]
fn refusals_of_the_application_stay_what_they_are() {
    let server = served(managed());
    for status in [401, 403, 503] {
        let bare = ask(server, &format!("/own/{status}"), &access());
        assert_eq!((bare.status, bare.body.as_str()), (status, ""));
        assert_eq!(bare.header("www-authenticate"), "");
        let worded = ask(server, &format!("/words/{status}"), "");
        assert_eq!((worded.status, worded.body.as_str()), (status, "our own words"));
    }
    // Also where a bad token was taken for none before.
    for status in [403, 503] {
        let bare = ask(server, &format!("/own/{status}"), "junk");
        assert_eq!((bare.status, bare.body.as_str(), bare.header("www-authenticate")), (status, "", ""));
    }
    assert_eq!(ask(server, "/own/404", &access()).status, 404);
}

/// The framework makes `None` of every refusal: nobody gets in, but a bad token is not told so.
#[test]
fn an_optional_request_guard_takes_a_bad_token_for_none() {
    let server = served(managed());
    assert_eq!(ask(server, "/perhaps", &access()).body, "42");
    assert_eq!(Request::get("/perhaps").send(server).body, "nobody");
    let reply = ask(server, "/perhaps", "junk");
    assert_eq!((reply.status, reply.body.as_str()), (200, "nobody"));
}

#[test]
fn denials_and_answers_are_responses() {
    let server = served(plain());
    for path in ["/denial", "/answer"] {
        let reply = Request::get(path).send(server);
        assert_eq!((reply.status, reply.header("content-type")), (403, "application/problem+json"), "{path}");
        assert!(!reply.body.contains("the reason"));
    }
}

/// Their paths are those from the root, which cookies are narrowed to.
#[test]
fn the_routes_answer_at_the_root_alone() {
    let routes = || -> Vec<rocket::Route> {
        let [browsers, _] = Site::default().async_routes();
        browsers.into()
    };
    let server = served(rocket::build().mount("/elsewhere", routes()));
    for path in ["/login", "/elsewhere/login"] {
        assert_eq!(Request::post(path).send(server).status, 404, "{path}");
    }
    let server = served(rocket::build().mount("/", routes()));
    assert_eq!(Request::post("/login").send(server).status, 415);
}
