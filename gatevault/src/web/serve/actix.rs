//! actix-web: ready-made routes as a service, and the application.

use actix_web::dev::{AppService, HttpServiceFactory, ServiceFactory, ServiceRequest};
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest};

use super::{Application, ReadyRoutes};
use crate::guard::GateVault;
use crate::login::UserStore;
use crate::web::{AuthRoutes, HttpResponse, ProtectedResource};

/// The login routes as a service of the `App` itself, not of a scope: their paths begin with the prefix of
/// [`mounted_at`](AuthRoutes::mounted_at) only.
///
/// # Examples
///
/// ```
/// # use gatevault::login::AsyncLookup;
/// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
/// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
/// let routes = AuthRoutes::new(oauth).mounted_at("/auth")?;
/// // Created once, outside of the closure, and cloned for each worker: all workers share their sessions.
/// let server = actix_web::HttpServer::new(move || actix_web::App::new().service(routes.clone()));
/// # Ok(()) }
/// ```
impl<S: UserStore> HttpServiceFactory for AuthRoutes<S> {
    fn register(self, service: &mut AppService) {
        register(&self, service);
    }
}

/// The metadata as a service of the `App` itself, not of a scope.
///
/// # Examples
///
/// ```
/// use gatevault::web::ProtectedResource;
///
/// # fn example() -> Result<(), gatevault::ConfigError> {
/// let resource = ProtectedResource::new("https://notes.example/api")?;
/// let server = actix_web::HttpServer::new(move || actix_web::App::new().service(resource.clone()));
/// # Ok(()) }
/// ```
impl HttpServiceFactory for ProtectedResource {
    fn register(self, service: &mut AppService) {
        register(&self, service);
    }
}

fn register<R: ReadyRoutes>(routes: &R, service: &mut AppService) {
    for path in routes.paths("{id}") {
        let routes = routes.clone();
        let handler = move |request: HttpRequest, body: web::Payload| {
            let routes = routes.clone();
            async move { respond(&routes, &request, body).await }
        };
        web::resource(path).to(handler).register(service);
    }
}

async fn respond<R: ReadyRoutes>(routes: &R, request: &HttpRequest, body: web::Payload) -> HttpResponse {
    let body = body.to_bytes_limited(R::BODY_LIMIT).await.ok().and_then(Result::ok);
    routes.async_response(&crate::web::HttpRequest::from(request), body.as_deref()).await
}

/// The gate is in the data of the `App`, as `Data<GateVault>`, and so in every request, also those of routes that are added
/// later. A gate in the data of a scope or a resource takes precedence, and so does a later `serve` of the same `App`.
///
/// # Examples
///
/// ```
/// use actix_web::{App, HttpServer, web};
/// use gatevault::{Auth, GuardError, Payload, UserStore, protected};
///
/// #[protected(handler, role = "admin")]
/// async fn close(account: web::Path<u64>, user: Payload) -> Result<String, GuardError> {
///     Ok(format!("account {account} closed by user {}", user.user_id()))
/// }
///
/// # fn server<S: UserStore>(auth: Auth<S>) {
/// // `auth` is created once, outside of the closure: all workers share it.
/// let server = HttpServer::new(move || auth.serve(App::new().route("/accounts/{id}", web::delete().to(close))));
/// # drop(server);
/// # }
/// ```
impl<S, T> Application<S> for App<T>
where
    S: UserStore,
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    fn with_auth(self, routes: AuthRoutes<S>, gate: GateVault) -> Self {
        // `Data`, because a gate without it is found first: that of any scope, and one of the application itself.
        self.app_data(Data::new(gate)).service(routes)
    }
}
