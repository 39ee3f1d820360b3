//! The same small application in each framework that a test calls in the process: `/guarded` is a guarded function, `/extracted`
//! has the extractor `Verified`, and `/layered` is behind a `RouteGuard`. Each asks the installed gate, or that of the test, and
//! returns `user {id}`.
#![expect(clippy::needless_pass_by_value, clippy::unused_async, reason = "the signatures of handlers")]

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use gatevault::web::RouteGuard;
use gatevault::{Bearer, GuardError, Payload, Verified, protected};

fn user(caller: &Verified<Payload>) -> String {
    format!("user {}", caller.user_id())
}

/// Creates the application of axum.
pub fn axum_app() -> axum::Router {
    use axum::routing::get;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let inside =
        axum::Router::new().route("/layered", get(extracted)).layer(RouteGuard::<Payload>::installed());
    axum::Router::new().route("/guarded", get(guarded)).route("/extracted", get(extracted)).merge(inside)
}

/// Creates the application of actix-web.
#[must_use]
pub fn actix_app() -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    use actix_web::web;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    actix_web::App::new()
        .route("/guarded", web::get().to(guarded))
        .route("/extracted", web::get().to(extracted))
        .route("/layered", web::get().to(extracted).wrap(RouteGuard::<Payload>::installed()))
}

/// Creates the application of poem.
#[must_use]
pub fn poem_app() -> poem::endpoint::BoxEndpoint<'static> {
    use poem::{EndpointExt as _, Route, get, handler};

    #[protected]
    #[handler]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let layered = get(extracted).with(RouteGuard::<Payload>::installed());
    let route = Route::new().at("/guarded", get(guarded)).at("/extracted", get(extracted));
    route.at("/layered", layered).map_to_response().boxed()
}

/// Creates the application of Rocket.
#[must_use]
pub fn rocket_app() -> rocket::Rocket<rocket::Build> {
    use rocket::{get, routes};

    #[protected]
    #[get("/guarded")]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[get("/extracted")]
    fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[get("/layered")]
    fn layered(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::default() };
    let app = rocket::custom(config).mount("/", routes![guarded, extracted, layered]);
    app.register("/", gatevault::web::denial_catchers())
}

/// Creates the application of Salvo.
#[must_use]
pub fn salvo_app() -> salvo::Router {
    use salvo::prelude::*;

    #[protected]
    #[handler]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let layered = Router::with_path("layered").hoop(RouteGuard::<Payload>::installed()).get(extracted);
    let routes = Router::new().push(Router::with_path("guarded").get(guarded)).push(layered);
    routes.push(Router::with_path("extracted").get(extracted))
}

/// Creates the application of warp.
#[must_use]
pub fn warp_app() -> warp::filters::BoxedFilter<(impl warp::Reply + use<>,)> {
    use gatevault::web::warp::{bearer, recover_denials};
    use warp::Filter as _;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    let guard = RouteGuard::<Payload>::installed();
    let of_guard = warp::path!("layered").or(warp::path!("extracted")).unify().and(guard.as_filter());
    let of_guard = of_guard.map(|caller: Verified<Payload>| user(&caller)).recover(recover_denials);
    warp::path!("guarded").and(bearer()).then(guarded).or(of_guard).boxed()
}

/// Creates the application of poem-openapi.
#[must_use]
pub fn poem_openapi_app() -> poem::endpoint::BoxEndpoint<'static> {
    use gatevault::web::poem_openapi::{ApiBearer, ApiVerified};
    use poem::{EndpointExt as _, Route, get, handler};
    use poem_openapi::payload::PlainText;
    use poem_openapi::{OpenApi, OpenApiService};

    struct Api;

    #[OpenApi]
    impl Api {
        #[oai(path = "/guarded", method = "get")]
        async fn guarded(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
            guarded(&token).map(PlainText)
        }

        #[oai(path = "/extracted", method = "get")]
        async fn extracted(&self, caller: ApiVerified<Payload>) -> PlainText<String> {
            PlainText(user(&caller))
        }
    }

    #[protected]
    fn guarded(token: &ApiBearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn behind(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let layered = get(behind).with(RouteGuard::<Payload>::installed());
    let route = Route::new().nest("/", OpenApiService::new(Api, "The application", "1.0"));
    route.at("/layered", layered).map_to_response().boxed()
}
