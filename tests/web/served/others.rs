//! Frameworks without `serve`: the gate is in the extensions of a request, where a layer of the server puts it.
#![expect(clippy::unused_async, reason = "operations are async in most applications")]

use std::net::SocketAddr;

use axum::{Extension, Router};
use gatevault::web::poem_openapi::{ApiBearer, ApiOptional, ApiVerified};
use gatevault::web::warp::{bearer, recover_denials, verified};
use gatevault::web::{HttpRequest, KeyExchange, RouteGuard};
use gatevault::{Bearer, GateVault, GuardError, TokenSource as _, Verified, protected};
use gatevault_web_tests::edges::proto::Note;
use gatevault_web_tests::edges::proto::inside_client::InsideClient;
use gatevault_web_tests::edges::proto::inside_server::InsideServer;
use gatevault_web_tests::edges::proto::site_client::SiteClient;
use gatevault_web_tests::edges::proto::site_server::SiteServer;
use gatevault_web_tests::edges::{Behind, Outside, serve_axum, serve_poem, serve_salvo};
use gatevault_web_tests::served::{auth, inner};
use gatevault_web_tests::{PASSWORD, Request, User, insiders};
use poem_openapi::payload::PlainText;
use poem_openapi::{OpenApi, OpenApiService};
use salvo::Writer as _;
use serde_json::json;
use tonic::codegen::Service as _;
use tonic::transport::Channel;
use warp::Filter as _;

#[protected]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}

async fn claims(caller: Verified<User>) -> String {
    caller.to_string()
}

#[test]
fn filters_of_warp_ask_the_gate_in_the_extensions() {
    let (keys, guard) = (KeyExchange::new(auth().clone()), RouteGuard::<User>::installed());
    let path = |name: &'static str| warp::path(name).and(warp::path::end());
    let app = path("token")
        .and(bearer())
        .then(profile)
        .or(path("claims").and(verified::<User>()).then(claims).recover(recover_denials))
        .or(path("group").and(guard.as_filter()).then(claims).recover(recover_denials))
        .or(path("front").and(guard.in_front_of(warp::any().map(|| "user 42"))))
        .or(path("keys").and(keys.bearer()).then(profile).recover(recover_denials))
        .or(path("keys-group").and(keys.verified_by(&guard)).then(claims).recover(recover_denials));
    // Without its body, because warp takes none of axum's.
    let service = warp::service(app);
    let call = move |request: axum::extract::Request| service.clone().call(request.map(|_| String::new()));
    let app = Router::new().fallback(call).layer(Extension(auth().gate().clone()));
    let server = serve_axum(app);
    let paths = ["/token", "/claims", "/group", "/front", "/keys", "/keys-group"];
    assert_gate_of_auth(server, &paths);
}

async fn called(channel: &Channel, token: &str) -> [Result<String, tonic::Code>; 2] {
    let request = || {
        let mut request = tonic::Request::new(Note { text: "hi".to_owned() });
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    };
    let outcomes = [
        SiteClient::new(channel.clone()).profile(request()).await,
        InsideClient::new(channel.clone()).hello(request()).await,
    ];
    outcomes.map(|outcome| outcome.map(|note| note.into_inner().text).map_err(|status| status.code()))
}

/// The login routes and the gate are around the services, which a router of axum serves.
#[tokio::test(flavor = "multi_thread")]
async fn services_of_tonic_ask_the_gate_in_the_extensions() {
    let services = tonic::service::Routes::new(SiteServer::new(Outside))
        .add_service(InsideServer::with_interceptor(Behind, insiders()));
    let server = serve_axum(auth().serve(services.into_axum_router()));
    let channel = Channel::from_shared(format!("http://{server}")).unwrap().connect().await.unwrap();

    let login = json!({ "username": "ada", "password": PASSWORD });
    let login = tokio::task::spawn_blocking(move || Request::post("/login").json(&login).send(server).json());
    let access = login.await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let [profile, hello] = called(&channel, &access).await;
    assert_eq!(
        (profile.unwrap().as_str(), hello.unwrap().as_str()),
        (r#"user 1 says "hi""#, "hello member 1")
    );

    let other = inner().create_access_token(&User::member(42)).unwrap();
    let refused = Err(tonic::Code::Unauthenticated);
    assert_eq!(called(&channel, &other).await, [refused.clone(), refused]);
}

/// Without a gate in the request, and without an installed one, a guard refuses and reveals no reason.
#[tokio::test(flavor = "multi_thread")]
async fn services_without_a_gate_refuse_every_call() {
    let services = tonic::service::Routes::new(SiteServer::new(Outside));
    let server = serve_axum(services.into_axum_router());
    let channel = Channel::from_shared(format!("http://{server}")).unwrap().connect().await.unwrap();
    let access = auth().tokens().create_access_token(&User::member(42)).unwrap();
    assert_eq!(called(&channel, &access).await[0], Err(tonic::Code::Internal));
}

struct Api;

#[OpenApi]
impl Api {
    #[oai(path = "/token", method = "get")]
    #[protected(payload = who: User)]
    async fn token(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText(who.to_string()))
    }

    #[oai(path = "/claims", method = "get")]
    async fn claims(&self, caller: ApiVerified<User>) -> PlainText<String> {
        PlainText(caller.to_string())
    }

    #[oai(path = "/optional", method = "get")]
    async fn optional(&self, ApiOptional(caller): ApiOptional<User>) -> PlainText<String> {
        PlainText(caller.map_or("stranger".to_owned(), |caller| caller.to_string()))
    }
}

fn assert_served(server: SocketAddr, paths: &[&str]) {
    assert_gate_of_auth(server, paths);
    assert_eq!(Request::post("/login").send(server).status, 415);
}

fn assert_gate_of_auth(server: SocketAddr, paths: &[&str]) {
    let user = User::member(42);
    let (own, other) =
        (auth().tokens().create_access_token(&user).unwrap(), inner().create_access_token(&user).unwrap());
    for path in paths {
        let reply = Request::get(path).bearer(&own).send(server);
        assert_eq!((reply.status, reply.body.as_str()), (200, "user 42"), "{path}");
        assert_eq!(Request::get(path).bearer(&other).send(server).status, 401, "{path}");
    }
}

#[test]
fn operations_of_an_open_api_ask_the_gate_of_the_route() {
    let app = poem::Route::new().nest("/", OpenApiService::new(Api, "The API", "1.0"));
    let server = serve_poem(auth().serve(app));
    assert_served(server, &["/token", "/claims", "/optional"]);
    assert_eq!(Request::get("/optional").send(server).body, "stranger");
}

#[salvo::handler]
async fn salvo_claims(caller: Verified<User>) -> String {
    caller.to_string()
}

/// Those of the router that is served, too.
#[test]
fn hoops_of_salvo_find_the_gate_in_the_depot() {
    let app = salvo::Router::with_path("members").hoop(RouteGuard::<User>::installed()).get(salvo_claims);
    assert_served(serve_salvo(auth().serve(app)), &["/members"]);
}

/// A server of one's own passes the gate with the guard, because an `HttpRequest` brings none.
#[test]
fn a_request_without_a_framework_brings_no_gate() {
    let access = auth().tokens().create_access_token(&User::member(42)).unwrap();
    let request =
        HttpRequest::new("GET", "/").with_header("Authorization", format!("Bearer {access}").as_bytes());
    assert!(request.bearer().gate().is_none());
    assert_eq!(RouteGuard::<User>::installed().admit(&request).unwrap_err().status, 500);
    let caller = RouteGuard::<User>::with(auth().clone()).admit(&request).unwrap().caller;
    assert_eq!(caller.user_id, 42);
}

/// An exchange of API keys keeps the gate of the request.
#[tokio::test]
async fn a_token_that_an_exchange_returns_brings_the_gate_of_its_request() {
    let keys = KeyExchange::new(auth().clone());
    let access = inner().create_access_token(&User::member(42)).unwrap();
    let mut request = axum::http::Request::new(());
    request.headers_mut().insert("authorization", format!("Bearer {access}").parse().unwrap());
    request.extensions_mut().insert(GateVault::new(inner()));
    let token = keys.async_exchange(&request).await.unwrap();
    assert_eq!(profile(token).await.unwrap(), "user 42");
    request.extensions_mut().insert(auth().gate().clone());
    assert_eq!(profile(keys.async_exchange(&request).await.unwrap()).await.unwrap_err().status(), 401);
}
