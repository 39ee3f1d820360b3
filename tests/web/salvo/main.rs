//! Salvo only: gates in the depot, requests as token sources, hoops in every place, its responses.
#![cfg(test)]

use std::net::SocketAddr;

use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    Bearer, GateVault, GuardError, OnDenied as _, Payload, TokenManager, TokenSource as _, Verified,
    protected,
};
use gatevault_web_tests::{Request, assert_refused_without_gate, edges, own_gate};
use salvo::affix_state;
use salvo::catcher::Catcher;
use salvo::http::header::{CACHE_CONTROL, SET_COOKIE};
use salvo::prelude::*;

/// State with its own gate. No gate is installed in this process.
#[derive(Clone)]
struct State {
    tokens: TokenManager,
}

/// The state of a Salvo application: an extractor reads it from the depot.
impl<'ex> salvo::extract::Extractible<'ex> for State {
    fn metadata() -> &'static salvo::extract::Metadata {
        static NONE: salvo::extract::Metadata = salvo::extract::Metadata::new("");
        &NONE
    }

    async fn extract(
        _: &'ex mut salvo::Request,
        depot: &'ex mut Depot,
    ) -> Result<Self, impl Writer + Send + std::fmt::Debug + 'static> {
        depot.get_typed::<Self>().cloned().map_err(|_| StatusError::internal_server_error())
    }
}

#[protected(gate = state.tokens)]
#[handler]
async fn by_state(state: State, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = gate)]
#[handler]
async fn by_gate(
    gate: GateVault,
    token: &mut salvo::Request,
    payload: Payload,
) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[handler]
async fn by_extractor(caller: Verified<Payload>) -> String {
    caller.user_id().to_string()
}

/// The claims that a hoop left in the depot.
#[handler]
async fn by_depot(depot: &mut Depot) -> Result<String, StatusError> {
    let caller = depot.get_typed::<Verified<Payload>>().map_err(|_| StatusError::internal_server_error())?;
    Ok(caller.user_id().to_string())
}

struct Report {
    prefix: &'static str,
}

/// A handler that is a type needs a guard around it: `#[handler]` reads the parameters before `#[protected]` can.
#[handler]
impl Report {
    #[expect(clippy::needless_pass_by_value, reason = "the signature of a handler")]
    fn handle(&self, caller: Verified<Payload>) -> String {
        format!("{}{}", self.prefix, caller.user_id())
    }
}

fn app() -> (SocketAddr, String) {
    let (gate, tokens, access) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate.clone());
    let lent = Router::with_path("lent")
        .hoop(affix_state::inject(gate))
        .get(by_extractor)
        .push(Router::with_path("gate").get(by_gate));
    let guarded = Router::with_path("guarded")
        .hoop(guard.clone())
        .get(by_extractor)
        .push(Router::with_path("depot").get(by_depot))
        .push(Router::with_path("type").get(Report { prefix: "" }));
    let app = Router::new()
        .push(Router::with_path("state").hoop(affix_state::inject(State { tokens })).get(by_state))
        .push(Router::with_path("none").get(by_extractor))
        .push(Router::with_path("none/gate").get(by_gate))
        .push(lent)
        .push(guarded)
        .push(Router::with_path("alone").get(by_depot.hoop(guard)));
    (edges::serve_salvo(app), access)
}

#[test]
fn a_gate_is_found_in_the_state_in_the_depot_and_in_a_hoop() {
    let (server, access) = app();
    for path in ["/state", "/lent", "/lent/gate", "/guarded", "/guarded/depot", "/guarded/type", "/alone"] {
        let reply = Request::get(path).bearer(&access).send(server);
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
        for request in [Request::get(path).bearer("junk"), Request::get(path)] {
            let reply = request.send(server);
            assert_eq!(reply.status, 401, "{path}");
            assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        }
    }
}

#[test]
fn without_a_gate_every_request_is_refused() {
    let (server, access) = app();
    assert_refused_without_gate(server, &access, &["/none", "/none/gate"]);
}

/// The guard also denies paths that do not exist, and the page of a catcher does not replace a denial.
#[test]
fn a_guard_before_the_whole_service_denies_paths_that_do_not_exist() {
    let (gate, _, access) = own_gate();
    let service =
        Service::new(Router::with_path("here").get(by_depot)).hoop(RouteGuard::<Payload>::with(gate));
    let server = edges::serve_salvo(service.catcher(Catcher::default()));
    assert_eq!(Request::get("/here").bearer(&access).send(server).body, "42");
    assert_eq!(Request::get("/there").bearer(&access).send(server).status, 404);
    for path in ["/here", "/there"] {
        let reply = Request::get(path).bearer("junk").send(server);
        assert_eq!(reply.status, 401, "{path}");
        assert_eq!(reply.header("www-authenticate"), r#"Bearer error="invalid_token""#, "{path}");
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
    }
}

#[handler]
async fn page(response: &mut Response) {
    response.render("the inside of a page");
}

/// The status is already an error before the hoops of a catcher run, so Salvo does not stop them by status.
#[test]
fn a_guard_among_the_hoops_of_a_catcher_stops_the_others() {
    let (gate, _, access) = own_gate();
    let catcher = Catcher::new(page).hoop(RouteGuard::<Payload>::with(gate));
    let server = edges::serve_salvo(Service::new(Router::new()).catcher(catcher));
    assert_eq!(Request::get("/there").bearer(&access).send(server).body, "the inside of a page");
    let denied = Request::get("/there").bearer("junk").send(server);
    assert_eq!((denied.status, denied.body.contains("inside")), (401, false), "{denied:?}");
}

#[test]
fn a_request_is_a_token_source() {
    let mut request = salvo::Request::new();
    assert_eq!(request.token(), None);
    request.headers_mut().insert("authorization", "Bearer a.b.c".parse().unwrap());
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
}

#[test]
fn denials_convert_into_responses() {
    let denial = || GuardError::unauthorized("the reason");
    let mut rendered = Response::new();
    rendered.render(HttpResponse::from(denial()));
    for response in [Response::on_denied(denial()), rendered] {
        assert_eq!(response.status_code, Some(StatusCode::FORBIDDEN));
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}

/// The denial removes the body and the headers that were written before it, except cookies.
#[test]
fn a_denial_replaces_what_was_written_before() {
    let mut response = Response::new();
    response.render("for members");
    response.headers_mut().insert(CACHE_CONTROL, "public".parse().unwrap());
    response.headers_mut().insert(SET_COOKIE, "theme=dark".parse().unwrap());
    response.render(GuardError::MissingToken);
    assert_eq!(response.headers().get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), ["no-store"]);
    assert_eq!(response.headers()[SET_COOKIE], "theme=dark");
    let salvo::http::ResBody::Once(body) = response.take_body() else { panic!("{response:?}") };
    assert_eq!(body, r#"{"status":401,"title":"Unauthorized","type":"about:blank"}"#);
}
