//! The site as users of warp write it.

use std::net::SocketAddr;

use gatevault::web::warp::recover_denials;
use gatevault::web::{PageToken, RouteGuard};
use gatevault::{Bearer, GuardError, Verified, protected};
use serde_json::Value;
use warp::reply::{Json, Response};
use warp::{Filter, Rejection, Reply};

use super::{listen, run};
use crate::{Site, User, async_keys, insiders, page_guard, resources};

#[protected]
async fn profile(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

/// For `and_then`: a denial is a rejection, which a later filter recovers.
#[protected(role = "admin")]
async fn admin(token: Bearer, payload: User) -> Result<String, Rejection> {
    Ok(format!("admin {}", payload.user_id))
}

// A response can carry a denial.
#[protected(scope = "invoices:read")]
async fn invoices(token: Bearer, payload: User) -> Response {
    format!("invoices of {}", payload.user_id).into_response()
}

#[protected(scope = "invoices:read")]
async fn invoices_or_response(token: Bearer, payload: User) -> Result<String, Response> {
    Ok(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
async fn opaque_invoices(token: Bearer, payload: User) -> impl Reply {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
async fn greeting(token: Bearer, payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

async fn notes(_: Verified<User>, note: Value) -> Json {
    warp::reply::json(&note)
}

async fn hello(caller: Verified<User>) -> String {
    format!("hello user {}", caller.user_id)
}

/// Behind the guard, a handler needs no claims.
async fn inner_notes(note: Value) -> Json {
    warp::reply::json(&note)
}

async fn page(caller: Verified<User>, token: PageToken) -> Result<String, GuardError> {
    Ok(format!("user {} {}", caller.user_id, token.csrf_token()?.as_str()))
}

async fn member_notes(_: Verified<User>, token: PageToken) -> Result<String, GuardError> {
    noted(&token)
}

#[protected]
fn noted(token: &PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

/// Serves the site.
#[must_use]
pub fn warp(site: Site) -> SocketAddr {
    let routes = site.async_routes().into_iter().map(|routes| routes.into_filter().boxed());
    let routes = routes.reduce(|app, routes| app.or(routes).unify().boxed()).unwrap();
    let metadata = resources().into_iter().map(|resource| resource.into_filter().boxed());
    let metadata = metadata.reduce(|app, resource| app.or(resource).unify().boxed()).unwrap();
    let (members, keys) = (insiders(), async_keys());
    let bearer = || keys.bearer();
    let reads = || warp::get().or(warp::head()).unify();
    // Filters run in order: the body is read after the token was verified.
    let notes = warp::path!("notes")
        .and(warp::post())
        .and(keys.verified_by(&RouteGuard::<User>::installed()))
        .and(warp::body::json())
        .then(notes)
        .recover(recover_denials);
    let hello = warp::path!("hello").and(reads()).and(keys.verified_by(&members)).then(hello);
    let inner_notes = warp::path!("notes").and(warp::post()).and(warp::body::json()).then(inner_notes);
    let visitors = page_guard();
    let page = warp::path!("members" / "hello").and(reads()).and(visitors.as_page_filter()).then(page);
    let noting = warp::path!("members" / "notes").and(warp::post()).and(visitors.as_page_filter());
    let pages = page.or(noting.then(member_notes)).recover(recover_denials);
    let invoices = warp::path!("invoices")
        .or(warp::path!("invoices" / "response"))
        .unify()
        .and(reads())
        .and(bearer())
        .then(invoices)
        .recover(recover_denials)
        .or(warp::path!("invoices" / "result")
            .and(reads())
            .and(bearer())
            .then(invoices_or_response)
            .recover(recover_denials))
        .or(warp::path!("invoices" / "trait")
            .and(reads())
            .and(bearer())
            .then(opaque_invoices)
            .recover(recover_denials));
    let app = warp::path!("profile")
        .and(reads())
        .and(bearer())
        .then(profile)
        .recover(recover_denials)
        .or(warp::path!("admin").and(reads()).and(bearer()).and_then(admin).recover(recover_denials))
        .or(invoices)
        .or(warp::path!("greeting").and(reads()).and(bearer()).then(greeting).recover(recover_denials))
        .or(notes)
        .or(warp::path("inside").and(keys.guarded_by(&members, hello.or(inner_notes))))
        .or(pages)
        .or(routes)
        .or(metadata);
    serve_warp(site.denials().around(app))
}

/// Serves an application.
#[must_use]
pub fn serve_warp<F>(app: F) -> SocketAddr
where
    F: Filter<Extract: Reply, Error: Into<Rejection>> + Clone + Send + Sync + 'static,
{
    let (listener, address) = listen();
    run(move || async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        warp::serve(app.boxed()).incoming(listener).run().await;
    });
    address
}
