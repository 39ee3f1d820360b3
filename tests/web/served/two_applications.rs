//! Two applications in one process, each served by an `Auth` of its own.
#![expect(clippy::unused_async, reason = "handlers are async in most applications")]

use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::routing::get;
use gatevault::{Auth, Bearer, GuardError, MemorySessions, OAuthHandler, RouteGuard, Verified, protected};
use gatevault_tests::quick_hasher;
use gatevault_web_tests::Users;
use gatevault_web_tests::edges::{serve_axum, serve_poem, serve_salvo};
use gatevault_web_tests::served::{auth, inner};
use gatevault_web_tests::{Request, User};
use salvo::Writer as _;

fn other() -> &'static Auth<Users> {
    static OTHER: LazyLock<Auth<Users>> = LazyLock::new(|| {
        let handler = OAuthHandler::with_users(inner(), Users).session_store(MemorySessions::new());
        Auth::over(handler.hasher(quick_hasher())).unwrap()
    });
    &OTHER
}

#[protected]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

async fn claims(caller: Verified<User>) -> String {
    caller.to_string()
}

#[protected(handler)]
async fn account(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

fn status(server: SocketAddr, path: &str, of: &Auth<Users>) -> u16 {
    let token = of.tokens().create_access_token(&User::member(42)).unwrap();
    Request::get(path).bearer(&token).send(server).status
}

/// The routes of `auth` are below `/a`, those of `other` below `/b`.
fn assert_apart(server: SocketAddr, routes: &[&str]) {
    for route in routes {
        let statuses = |path: &str| [auth(), other()].map(|of| status(server, &format!("{path}{route}"), of));
        assert_eq!((statuses("/a"), statuses("/b")), ([200, 401], [401, 200]), "{route}");
    }
}

fn axum_routes() -> Router {
    Router::new().route("/token", get(profile)).route("/handler", get(account))
}

#[test]
fn applications_that_axum_nests_or_merges_keep_their_gates() {
    let nested = Router::new()
        .nest("/a", auth().serve(axum_routes()))
        .nest("/b", other().serve(axum_routes().fallback(profile)));
    assert_apart(serve_axum(nested), &["/token", "/handler"]);

    let mounted = |of: &Auth<Users>, prefix: &str| of.routes().mounted_at(prefix).unwrap();
    let [a, b] = ["/a", "/b"].map(|prefix| Router::new().nest(prefix, axum_routes()));
    let merged = mounted(auth(), "/a").serve(a).merge(mounted(other(), "/b").serve(b));
    assert_apart(serve_axum(merged), &["/token", "/handler"]);

    let [a, b] = ["/a", "/b"].map(|prefix| Router::new().nest(prefix, axum_routes()));
    let within = mounted(auth(), "/a").serve(a.merge(mounted(other(), "/b").serve(b)));
    assert_apart(serve_axum(within), &["/token", "/handler"]);
}

/// An application that is served twice keeps the gate of the first.
#[test]
fn of_two_gates_around_an_application_the_inner_one_counts() {
    let around = || other().routes().mounted_at("/b").unwrap();
    let poem = poem::Route::new().at("/handler", poem::get(poem_account));
    let salvo = salvo::Router::with_path("handler").get(salvo_account);
    for server in [
        serve_axum(around().serve(auth().serve(axum_routes()))),
        serve_poem(around().serve(auth().serve(poem))),
        serve_salvo(around().serve(auth().serve(salvo))),
    ] {
        assert_eq!([auth(), other()].map(|of| status(server, "/handler", of)), [200, 401]);
    }
}

#[test]
fn a_route_that_is_added_to_a_router_of_axum_after_serve_is_never_open() {
    let server = serve_axum(auth().serve(Router::new()).route("/late", get(account)).fallback(profile));
    for path in ["/late", "/no/such/route"] {
        assert_eq!([auth(), other()].map(|of| status(server, path, of)), [500, 500], "{path}");
        assert_eq!(Request::get(path).send(server).status, 500, "{path}");
    }
}

/// The guard of a group asks its own gate, and the handler that of the request: a token must pass both.
#[test]
fn a_group_with_a_gate_of_its_own_opens_no_handler_of_the_application() {
    let behind = |of: &Auth<Users>| {
        let guard = RouteGuard::<User>::with(of.clone());
        Router::new().route("/handler", get(account)).route("/claims", get(claims)).layer(guard)
    };
    let app = Router::new().nest("/own", behind(auth())).nest("/other", behind(other()));
    let server = serve_axum(auth().serve(app));
    for (path, statuses) in [
        ("/own/handler", [200, 401]),
        ("/own/claims", [200, 401]),
        ("/other/handler", [401, 401]),
        // The claims are those that the guard has verified.
        ("/other/claims", [401, 200]),
    ] {
        assert_eq!([auth(), other()].map(|of| status(server, path, of)), statuses, "{path}");
    }
}

#[protected(handler)]
#[poem::handler]
async fn poem_account(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[test]
fn applications_that_poem_nests_keep_their_gates() {
    let routes = || poem::Route::new().at("/handler", poem::get(poem_account));
    let app = poem::Route::new().nest("/a", auth().serve(routes())).nest("/b", other().serve(routes()));
    assert_apart(serve_poem(app), &["/handler"]);
}

#[protected(handler)]
#[salvo::handler]
async fn salvo_account(user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[test]
fn applications_that_a_router_of_salvo_holds_keep_their_gates() {
    let at = |path: &str| salvo::Router::with_path(format!("{path}/handler")).get(salvo_account);
    let app = salvo::Router::new().push(auth().serve(at("a"))).push(other().serve(at("b")));
    assert_apart(serve_salvo(app), &["/handler"]);
}
