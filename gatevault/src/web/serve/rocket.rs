//! Rocket: ready-made routes, and the application.

use rocket::data::{ByteUnit, Capped, Data};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::Method;
use rocket::route::{self, Handler, Route};
use rocket::{Build, Request, Response, Rocket};

use super::{Application, ReadyRoutes};
use crate::guard::GateVault;
use crate::login::UserStore;
use crate::web::rocket::{replace, take_local};
use crate::web::{AuthRoutes, HttpRequest, ProtectedResource, denial_catchers};

/// The login routes, to mount at `/`: their paths begin with the prefix of [`mounted_at`](AuthRoutes::mounted_at) only.
/// Mounted elsewhere, they respond with 404.
///
/// # Examples
///
/// ```
/// # use gatevault::login::AsyncLookup;
/// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
/// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
/// let app = rocket::build().mount("/", AuthRoutes::new(oauth).mounted_at("/auth")?);
/// # Ok(()) }
/// ```
impl<S: UserStore> From<AuthRoutes<S>> for Vec<Route> {
    fn from(routes: AuthRoutes<S>) -> Self {
        mounted(&routes)
    }
}

/// The metadata, to mount at `/`. Mounted elsewhere, it responds with 404.
///
/// # Examples
///
/// ```
/// use gatevault::web::ProtectedResource;
///
/// # fn example() -> Result<(), gatevault::ConfigError> {
/// let app = rocket::build().mount("/", ProtectedResource::new("https://notes.example/api")?);
/// # Ok(()) }
/// ```
impl From<ProtectedResource> for Vec<Route> {
    fn from(resource: ProtectedResource) -> Self {
        mounted(&resource)
    }
}

fn mounted<R: ReadyRoutes>(routes: &R) -> Vec<Route> {
    let paths = routes.paths("<id>");
    let every = paths.iter().flat_map(|path| METHODS.map(|method| (method, path)));
    every.map(|(method, path)| Route::new(method, path, Mounted(routes.clone()))).collect()
}

/// All methods that Rocket routes: the routes themselves reject the methods that they do not have.
const METHODS: [Method; 7] =
    [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Options];

/// The handler of ready-made routes.
#[derive(Clone)]
struct Mounted<R>(R);

#[rocket::async_trait]
impl<R: ReadyRoutes> Handler for Mounted<R> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        let limit = ByteUnit::from(R::BODY_LIMIT);
        let body = data.open(limit).into_bytes().await.ok().filter(Capped::is_complete);
        let body = body.as_deref().map(Vec::as_slice);
        let response = self.0.async_response(&HttpRequest::from(request), body).await;
        route::Outcome::from(request, response)
    }
}

/// The gate is managed, and so in every request, also those of routes that are mounted later. A gate that the application
/// manages already stays. Denials have their own form also where the application has catchers, except for those of the extractor
/// [`Verified`](crate::Verified): catchers of the application at `/` respond to those.
///
/// # Panics
///
/// Rocket panics if the application manages a `GateVault` afterwards.
///
/// # Examples
///
/// ```
/// use gatevault::{Auth, GuardError, Payload, UserStore, protected};
/// use rocket::{Build, Rocket, delete, routes};
///
/// #[protected(handler, role = "admin")]
/// #[delete("/accounts/<account>")]
/// async fn close(account: u64, user: Payload) -> Result<String, GuardError> {
///     Ok(format!("account {account} closed by user {}", user.user_id()))
/// }
///
/// fn app<S: UserStore>(auth: &Auth<S>) -> Rocket<Build> {
///     auth.serve(rocket::build().mount("/", routes![close]))
/// }
/// ```
impl<S: UserStore> Application<S> for Rocket<Build> {
    fn with_auth(self, routes: AuthRoutes<S>, gate: GateVault) -> Self {
        let managing = if self.state::<GateVault>().is_some() { self } else { self.manage(gate) };
        managing.mount("/", routes).attach(Denials)
    }
}

/// Responds with the denials of request guards. Rocket lets none respond itself.
struct Denials;

#[rocket::async_trait]
impl Fairing for Denials {
    fn info(&self) -> Info {
        Info { name: "gatevault denials", kind: Kind::Ignite | Kind::Response | Kind::Singleton }
    }

    /// Adds the catchers for which the application has none: two with the same base and status are an error at launch.
    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let of_application: Vec<_> =
            rocket.catchers().filter(|own| own.base.path() == "/").map(|own| own.code).collect();
        // A catcher without a status responds to every one.
        let is_free = |code| !of_application.iter().any(|own| own.is_none() || *own == code);
        let free: Vec<_> = denial_catchers().into_iter().filter(|catcher| is_free(catcher.code)).collect();
        Ok(rocket.register("/", free))
    }

    /// Sends the denial of a handler's guard, which is final, also where a catcher of the application has responded.
    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        if let Some(denial) = take_local::<Response<'static>>(request) {
            replace(response, denial);
        }
    }
}
