//! The same application in every framework: `GET /me`, `POST /echo`, and the login routes.
#![expect(clippy::needless_pass_by_value, clippy::unused_async, reason = "the signatures of handlers")]

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use gatevault::web::RouteGuard;
use gatevault::{Auth, Payload, Verified};

type Users = gatevault::testing::Users<Payload>;

fn user(caller: &Verified<Payload>) -> String {
    format!("user {}", caller.user_id())
}

/// Creates the application of axum.
pub fn axum(auth: &Auth<Users>) -> axum::Router {
    use axum::routing::{get, post};

    async fn me(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    async fn echo(_: Verified<Payload>, body: String) -> String {
        body
    }
    auth.serve(axum::Router::new().route("/me", get(me)).route("/echo", post(echo)))
}

/// Creates the application of actix-web.
#[must_use]
pub fn actix(
    auth: &Auth<Users>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    use actix_web::web;

    async fn me(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    async fn echo(_: Verified<Payload>, body: String) -> String {
        body
    }
    let app = actix_web::App::new().app_data(web::Data::new(auth.gate().clone())).service(auth.routes());
    app.route("/me", web::get().to(me)).route("/echo", web::post().to(echo))
}

/// Creates the application of poem.
#[must_use]
pub fn poem(auth: &Auth<Users>) -> poem::endpoint::BoxEndpoint<'static> {
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

/// Creates the application of Rocket.
#[must_use]
pub fn rocket(auth: &Auth<Users>) -> rocket::Rocket<rocket::Build> {
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

/// Creates the application of Salvo.
#[must_use]
pub fn salvo(auth: &Auth<Users>) -> salvo::Router {
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

/// Creates the application of warp.
#[must_use]
pub fn warp(auth: &Auth<Users>) -> warp::filters::BoxedFilter<(impl warp::Reply + use<>,)> {
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
