//! warp: ready-made routes as a filter.

use std::future::ready;

use warp::path::FullPath;
use warp::{Buf, Filter, Rejection, Stream};

use super::ReadyRoutes;
use crate::login::UserStore;
use crate::web::warp::{head, read, request_head};
use crate::web::{AuthRoutes, HttpRequest, HttpResponse, ProtectedResource};

/// The login routes as a filter.
impl<S: UserStore> AuthRoutes<S> {
    /// Converts the routes into a filter that rejects every other path as not found. The paths of the routes begin with the
    /// prefix of [`mounted_at`](Self::mounted_at).
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::login::AsyncLookup;
    /// # use gatevault::{AuthRoutes, AuthUser, OAuthHandler};
    /// # use warp::Filter as _;
    /// # fn example<U: AuthUser + Send + Sync + 'static>(oauth: OAuthHandler<AsyncLookup<U>>) -> Result<(), gatevault::Error> {
    /// let app = warp::path!("hello").map(|| "hello").or(AuthRoutes::new(oauth).mounted_at("/auth")?.into_filter());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_filter(
        self,
    ) -> impl Filter<Extract = (HttpResponse,), Error = Rejection> + Clone + Send + Sync + 'static {
        filter(self)
    }
}

/// The metadata as a filter.
impl ProtectedResource {
    /// Converts the route into a filter that rejects every other path as not found.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::web::ProtectedResource;
    /// use warp::Filter as _;
    ///
    /// # fn example() -> Result<(), gatevault::ConfigError> {
    /// let resource = ProtectedResource::new("https://notes.example/api")?;
    /// let app = warp::path!("hello").map(|| "hello").or(resource.into_filter());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_filter(
        self,
    ) -> impl Filter<Extract = (HttpResponse,), Error = Rejection> + Clone + Send + Sync + 'static {
        filter(self)
    }
}

fn filter<R: ReadyRoutes>(
    routes: R,
) -> impl Filter<Extract = (HttpResponse,), Error = Rejection> + Clone + Send + Sync + 'static {
    let known = routes.clone();
    let path = warp::path::full().and_then(move |path: FullPath| {
        ready(if known.has(path.as_str()) { Ok(()) } else { Err(warp::reject::not_found()) })
    });
    path.untuple_one()
        .and(request_head())
        .map(|path, query: String, method, headers, peer, authority| {
            head(&path, &query, &method, &headers, peer, authority)
        })
        .and(warp::body::stream())
        .then(move |head, body| respond(routes.clone(), head, body))
}

async fn respond<R: ReadyRoutes>(
    routes: R,
    head: HttpRequest,
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> HttpResponse {
    let body = read(body, R::BODY_LIMIT).await;
    routes.async_response(&head, body.as_deref()).await
}
