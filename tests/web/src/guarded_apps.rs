//! The same small application in each framework that a test calls in the process. Each route asks the installed gate, or that of
//! the test, and returns `user {id}`.
//!
//! | path | is |
//! |---|---|
//! | `/guarded` | `#[protected]` with `token: Bearer` |
//! | `/optional` | `#[protected(optional)]` with `token: Bearer` |
//! | `/handler` | `#[protected(handler)]`; in warp the filter of a `RouteGuard`, in poem-openapi the extractor `ApiOptional` |
//! | `/extracted` | the extractor `Verified`; in warp the filter `verified` |
//! | `/maybe` | the extractor `Option<Verified>`, except in Salvo and warp, which have none |
//! | `/layered` | behind a `RouteGuard` |
//! | `/page` | behind a `RouteGuard` for the pages of [`pages`] |
//!
//! The handlers of the last three refuse no request: they return `anonymous` without verified claims.
#![expect(clippy::needless_pass_by_value, clippy::unused_async, reason = "the signatures of handlers")]

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use gatevault::web::{Pages, RouteGuard};
use gatevault::{Bearer, GuardError, Payload, Verified, protected};

/// Returns the settings of the pages: the cookie is `__Host-shop_access`.
#[must_use]
pub fn pages() -> Pages {
    Pages::new("shop").unwrap()
}

fn members() -> RouteGuard<Payload> {
    RouteGuard::installed()
}

fn visitors() -> RouteGuard<Payload> {
    RouteGuard::installed().for_pages(&pages())
}

fn user(caller: &Verified<Payload>) -> String {
    format!("user {}", caller.user_id())
}

fn user_or_anonymous(caller: Option<&Verified<Payload>>) -> String {
    caller.map_or_else(|| "anonymous".to_owned(), user)
}

fn payload_or_anonymous(payload: Option<&Payload>) -> String {
    payload.map_or_else(|| "anonymous".to_owned(), |payload| format!("user {}", payload.user_id()))
}

/// Creates the application of axum.
pub fn axum_app() -> axum::Router {
    use axum::extract::Request;
    use axum::routing::get;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[protected(optional)]
    async fn optional(token: Bearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    #[protected(handler)]
    async fn handler(payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    async fn maybe(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    async fn behind(request: Request) -> String {
        user_or_anonymous(request.extensions().get())
    }
    let inside = axum::Router::new().route("/layered", get(behind)).layer(members());
    let page = axum::Router::new().route("/page", get(behind)).layer(visitors());
    axum::Router::new()
        .route("/guarded", get(guarded))
        .route("/optional", get(optional))
        .route("/handler", get(handler))
        .route("/extracted", get(extracted))
        .route("/maybe", get(maybe))
        .merge(inside)
        .merge(page)
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
    #[protected(optional)]
    async fn optional(token: Bearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    #[protected(handler)]
    async fn handler(payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    async fn maybe(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    actix_web::App::new()
        .route("/guarded", web::get().to(guarded))
        .route("/optional", web::get().to(optional))
        .route("/handler", web::get().to(handler))
        .route("/extracted", web::get().to(extracted))
        .route("/maybe", web::get().to(maybe))
        .route("/layered", web::get().to(maybe).wrap(members()))
        .route("/page", web::get().to(maybe).wrap(visitors()))
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
    #[protected(optional)]
    #[handler]
    async fn optional(token: Bearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    #[protected(handler)]
    #[handler]
    async fn in_handler_form(payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[handler]
    async fn maybe(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    let route = Route::new()
        .at("/guarded", get(guarded))
        .at("/optional", get(optional))
        .at("/handler", get(in_handler_form))
        .at("/extracted", get(extracted))
        .at("/maybe", get(maybe))
        .at("/layered", get(maybe).with(members()))
        .at("/page", get(maybe).with(visitors()));
    route.map_to_response().boxed()
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
    #[protected(optional)]
    #[get("/optional")]
    async fn optional(token: Bearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    #[protected(handler)]
    #[get("/handler")]
    async fn handler(payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[get("/extracted")]
    fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[get("/maybe")]
    fn maybe(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    #[get("/layered")]
    fn layered(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    #[get("/page")]
    fn page(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::default() };
    rocket::custom(config)
        .mount("/", routes![guarded, optional, handler, extracted, maybe])
        .mount("/", members().guard_routes(routes![layered]))
        .mount("/", visitors().guard_routes(routes![page]))
        .register("/", gatevault::web::denial_catchers())
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
    #[protected(optional)]
    #[handler]
    async fn optional(token: Bearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    #[protected(handler)]
    #[handler]
    async fn in_handler_form(payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[handler]
    async fn behind(depot: &mut Depot) -> String {
        user_or_anonymous(depot.get_typed().ok())
    }
    Router::new()
        .push(Router::with_path("guarded").get(guarded))
        .push(Router::with_path("optional").get(optional))
        .push(Router::with_path("handler").get(in_handler_form))
        .push(Router::with_path("extracted").get(extracted))
        .push(Router::with_path("layered").hoop(members()).get(behind))
        .push(Router::with_path("page").hoop(visitors()).get(behind))
}

/// Creates the application of warp.
#[must_use]
pub fn warp_app() -> warp::filters::BoxedFilter<(impl warp::Reply + use<>,)> {
    use gatevault::web::warp::{bearer, recover_denials, verified};
    use warp::Filter as _;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[protected(optional)]
    async fn optional(token: Bearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    let respond = |caller: Verified<Payload>| user(&caller);
    let guarded = warp::path!("guarded").and(bearer()).then(guarded);
    let optional = warp::path!("optional").and(bearer()).then(optional);
    let filtered = warp::path!("handler").and(members().as_filter()).map(respond).recover(recover_denials);
    let extracted = warp::path!("extracted").and(verified()).map(respond).recover(recover_denials);
    let user_or_anonymous = verified().map(respond).or(warp::any().map(|| user_or_anonymous(None))).unify();
    let layered = warp::path!("layered").and(members().in_front_of(user_or_anonymous));
    let page = warp::path!("page").and(visitors().as_filter()).map(respond).recover(recover_denials);
    guarded.or(optional).or(filtered).or(extracted).or(layered).or(page).boxed()
}

/// Creates the application of poem-openapi.
#[must_use]
pub fn poem_openapi_app() -> poem::endpoint::BoxEndpoint<'static> {
    use gatevault::web::poem_openapi::{ApiBearer, ApiOptional, ApiVerified};
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

        #[oai(path = "/optional", method = "get")]
        async fn optional(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
            optional(&token).map(PlainText)
        }

        #[oai(path = "/handler", method = "get")]
        async fn optional_caller(&self, caller: ApiOptional<Payload>) -> PlainText<String> {
            PlainText(user_or_anonymous(caller.0.as_ref()))
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
    #[protected(optional)]
    fn optional(token: &ApiBearer, payload: Option<Payload>) -> Result<String, GuardError> {
        Ok(payload_or_anonymous(payload.as_ref()))
    }
    #[handler]
    async fn maybe(caller: Option<Verified<Payload>>) -> String {
        user_or_anonymous(caller.as_ref())
    }
    let route = Route::new()
        .nest("/", OpenApiService::new(Api, "The application", "1.0"))
        .at("/maybe", get(maybe))
        .at("/layered", get(maybe).with(members()))
        .at("/page", get(maybe).with(visitors()));
    route.map_to_response().boxed()
}
