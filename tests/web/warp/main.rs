//! warp only: gates from filters, rejections and their recovery, guards in front of filters.
#![cfg(test)]

use std::convert::Infallible;
use std::net::SocketAddr;

use gatevault::web::warp::{bearer, recover_denials, verified};
use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{Bearer, GateVault, GuardError, OnDenied as _, Payload, TokenManager, Verified, protected};
use gatevault_web_tests::{Reply, Request, assert_refused_without_gate, edges, own_gate};
use warp::http::StatusCode;
use warp::reply::Response;
use warp::{Filter, Rejection, Reply as _};

/// State with its own gate. No gate is installed in this process.
#[derive(Clone)]
struct State {
    tokens: TokenManager,
}

#[protected(gate = state.tokens)]
async fn by_state(state: State, token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

#[protected(gate = gate)]
async fn by_gate(gate: GateVault, token: Bearer, payload: Payload) -> Result<String, Rejection> {
    Ok(payload.user_id().to_string())
}

async fn by_claims(caller: Verified<Payload>) -> String {
    caller.user_id().to_string()
}

fn with<T: Clone + Send + Sync>(state: T) -> impl Filter<Extract = (T,), Error = Infallible> + Clone {
    warp::any().map(move || state.clone())
}

fn app() -> (SocketAddr, String) {
    let (gate, tokens, access) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate.clone());
    // A filter that rejects nothing can be guarded too.
    let whole = warp::any().map(|| "42");
    let app = warp::path!("state")
        .and(with(State { tokens }))
        .and(bearer())
        .then(by_state)
        .or(warp::path!("gate").and(with(gate)).and(bearer()).and_then(by_gate).recover(recover_denials))
        .or(warp::path!("filter").and(guard.as_filter()).then(by_claims).recover(recover_denials))
        .or(warp::path("front").and(guard.in_front_of(warp::path::end().map(|| "42"))))
        .or(warp::path("both").and(guard.in_front_of(guard.as_filter().then(by_claims))))
        .or(warp::path("wrapped").and(whole.with(warp::wrap_fn(move |routes| guard.in_front_of(routes)))))
        .or(warp::path!("none").and(verified::<Payload>()).then(by_claims).recover(recover_denials));
    (edges::serve_warp(app), access)
}

fn assert_denied(reply: &Reply, challenge: &str) {
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, challenge), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("cache-control"), "no-store");
}

const INVALID: &str = r#"Bearer error="invalid_token""#;

#[test]
fn a_gate_is_found_in_the_state_in_a_filter_and_in_front_of_filters() {
    let (server, access) = app();
    for path in ["/state", "/gate", "/filter", "/front", "/both", "/wrapped"] {
        let reply = Request::get(path).bearer(&access).send(server);
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
        assert_denied(&Request::get(path).bearer("junk").send(server), INVALID);
        assert_denied(&Request::get(path).send(server), "Bearer");
    }
}

#[test]
fn without_a_gate_every_request_is_refused() {
    let (server, access) = app();
    assert_refused_without_gate(server, &access, &["/none"]);
}

/// The guard in front responds, and the filters behind the next `or` do not run.
#[test]
fn a_denial_in_front_of_filters_is_final() {
    let (gate, _, access) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate);
    let reports = warp::path!("today").map(|| "a report");
    let anything = warp::path::param().and(warp::path::param()).map(|_: String, name: String| name);
    let app = warp::path("reports").and(guard.in_front_of(reports)).or(anything);
    let server = edges::serve_warp(app);
    assert_denied(&Request::get("/reports/today").bearer("junk").send(server), INVALID);
    assert_eq!(Request::get("/reports/today").bearer(&access).send(server).body, "a report");
    // Filters behind the next `or` get the paths that the guarded filters do not match, but not for a denied caller.
    assert_denied(&Request::get("/reports/other").send(server), "Bearer");
    assert_eq!(Request::get("/reports/other").bearer(&access).send(server).body, "other");
}

/// In warp a rejection is not final. This is why each guarded route is recovered by itself.
#[test]
fn a_denial_that_is_not_recovered_at_once_falls_through_to_later_filters() {
    let (gate, _, _) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate);
    let guarded = || warp::path!("reports").and(guard.as_filter()).then(by_claims);
    let anything = || warp::path!(String).map(|name: String| name);
    let late = edges::serve_warp(guarded().or(anything()).recover(recover_denials));
    assert_eq!(Request::get("/reports").send(late).body, "reports");
    let at_once = edges::serve_warp(guarded().recover(recover_denials).or(anything()));
    assert_denied(&Request::get("/reports").send(at_once), "Bearer");
}

/// It admits no caller and reveals no reason, but warp responds with 500 to every custom rejection.
#[test]
fn an_unrecovered_denial_reveals_no_reason() {
    let (gate, _, access) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate).require("the word of the day", |_| false);
    let server = edges::serve_warp(warp::path!("reports").and(guard.as_filter()).then(by_claims));
    for (token, status) in [(access.as_str(), "403"), ("junk", "401")] {
        let reply = Request::get("/reports").bearer(token).send(server);
        assert_eq!(reply.status, 500);
        assert!(reply.body.contains(status), "{reply:?}");
        for secret in ["word", "egment", "ecode", "Invalid", token] {
            assert!(!reply.body.contains(secret), "{reply:?}");
        }
    }
}

/// A rejection handler of the application finds denials among other rejections.
#[test]
fn a_custom_rejection_handler_finds_the_response() {
    async fn recovered(rejection: Rejection) -> Result<Response, Infallible> {
        Ok(match rejection.find::<HttpResponse>() {
            Some(denial) => denial.clone().into_response(),
            None => StatusCode::IM_A_TEAPOT.into_response(),
        })
    }
    let (gate, _, _) = own_gate();
    let guarded = warp::path!("guarded").and(with(gate)).and(bearer()).and_then(by_gate);
    let server =
        edges::serve_warp(guarded.or(warp::path!("post").and(warp::post()).map(|| "")).recover(recovered));
    assert_denied(&Request::get("/guarded").bearer("junk").send(server), INVALID);
    assert_eq!(Request::get("/post").send(server).status, 418);
    assert_eq!(Request::get("/else").send(server).status, 418);
}

#[test]
fn other_rejections_are_passed_on() {
    let (gate, _, access) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate);
    let post = warp::path!("post").and(warp::post()).map(|| "");
    let body = warp::path!("body").and(warp::body::json()).map(|_: u8| "");
    let server = edges::serve_warp(guard.in_front_of(post.or(body)));
    for (path, status) in [("/post", 405), ("/else", 404)] {
        assert_eq!(Request::get(path).bearer(&access).send(server).status, status, "{path}");
        assert_eq!(Request::get(path).send(server).status, 401, "{path}");
    }
    let broken = Request::post("/body").header("Content-Type", "application/json").body("{");
    assert_eq!(broken.bearer(&access).send(server).status, 400);
}

#[test]
fn denials_convert_into_replies() {
    let denial = || GuardError::unauthorized("the reason");
    for response in [
        denial().into_response(),
        Response::on_denied(denial()),
        HttpResponse::from(denial()).into_response(),
        Err::<String, _>(denial()).into_response(),
    ] {
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    assert_eq!(Rejection::from(denial()).find::<HttpResponse>().unwrap().status, 403);
}
