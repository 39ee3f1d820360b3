//! The same application in every framework: `GET /me`, `POST /echo`, and the login routes.
#![expect(clippy::needless_pass_by_value, clippy::unused_async, reason = "the signatures of handlers")]

use gatevault::web::RouteGuard;
use gatevault::{Auth, Payload, Verified};

use super::Users;

fn user(caller: &Verified<Payload>) -> String {
    format!("user {}", caller.user_id())
}

pub(super) fn axum(auth: &Auth<Users>) -> axum::Router {
    use axum::routing::{get, post};

    async fn me(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    async fn echo(_: Verified<Payload>, body: String) -> String {
        body
    }
    auth.serve(axum::Router::new().route("/me", get(me)).route("/echo", post(echo)))
}

/// An actix-web application is of a type that only this macro can leave open.
macro_rules! actix {
    ($auth:expr) => {
        actix_web::App::new()
            .app_data(actix_web::web::Data::new($auth.gate().clone()))
            .service($auth.routes())
            .route("/me", actix_web::web::get().to($crate::in_process::apps::actix_me))
            .route("/echo", actix_web::web::post().to($crate::in_process::apps::actix_echo))
    };
}
pub(super) use actix;

pub(super) async fn actix_me(caller: Verified<Payload>) -> String {
    user(&caller)
}

pub(super) async fn actix_echo(_: Verified<Payload>, body: String) -> String {
    body
}

pub(super) fn poem(auth: &Auth<Users>) -> poem::endpoint::BoxEndpoint<'static> {
    use poem::{EndpointExt as _, Route, get, handler, post};

    #[handler]
    async fn me(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[handler]
    async fn echo(_: Verified<Payload>, body: String) -> String {
        body
    }
    let route = auth.routes().add_to(Route::new().at("/me", get(me)).at("/echo", post(echo)));
    route.data(auth.gate().clone()).map_to_response().boxed()
}

pub(super) fn rocket(auth: &Auth<Users>) -> rocket::Rocket<rocket::Build> {
    use rocket::{get, post, routes};

    #[get("/me")]
    fn me(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[post("/echo", data = "<body>")]
    fn echo(_caller: Verified<Payload>, body: String) -> String {
        body
    }
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::default() };
    let app = rocket::custom(config).manage(auth.gate().clone());
    app.mount("/", routes![me, echo])
        .mount("/", auth.routes())
        .register("/", gatevault::web::denial_catchers())
}

pub(super) fn salvo(auth: &Auth<Users>) -> salvo::Router {
    use salvo::prelude::*;

    #[handler]
    async fn me(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[handler]
    async fn echo(_caller: Verified<Payload>, request: &mut Request) -> String {
        String::from_utf8(request.payload().await.unwrap().to_vec()).unwrap()
    }
    let guarded = Router::with_hoop(RouteGuard::<Payload>::with(auth.gate().clone()))
        .push(Router::with_path("me").get(me))
        .push(Router::with_path("echo").post(echo));
    Router::new().push(guarded).push(auth.routes().into())
}

pub(super) fn warp(auth: &Auth<Users>) -> warp::filters::BoxedFilter<(impl warp::Reply + use<>,)> {
    use gatevault::web::warp::recover_denials;
    use warp::Filter as _;

    let guard = RouteGuard::<Payload>::with(auth.gate().clone());
    let me = warp::path!("me").and(warp::get()).and(guard.as_filter());
    let me = me.map(|caller: Verified<Payload>| user(&caller)).recover(recover_denials);
    let echo = warp::path!("echo").and(warp::post()).and(guard.as_filter()).and(warp::body::bytes());
    let echo = echo
        .map(|_: Verified<Payload>, body: warp::hyper::body::Bytes| body.to_vec())
        .recover(recover_denials);
    me.or(echo).or(auth.routes().into_filter()).boxed()
}
