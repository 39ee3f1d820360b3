//! warp: filters that extract the token or the claims. A filter cannot change the headers that later filters see.

use warp::{Filter, Rejection, Reply};

use crate::claims::{Claims, Verified};
use crate::login::UserStore;
use crate::web::warp::{bearer, recover_denials};
use crate::web::{Bearer, HttpResponse, KeyExchange, RouteGuard};

/// The exchange for warp, as filters. A denial is a rejection: end the route with
/// [`recover_denials`](crate::web::warp::recover_denials).
impl<S: UserStore> KeyExchange<S> {
    /// Returns a filter that extracts the `token` of a guarded handler: the access token of an API key, or the token as it came.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::{OAuthHandler, UserStore};
    /// use gatevault::web::{KeyExchange, warp::recover_denials};
    /// use gatevault::{Bearer, GuardError, Payload, protected};
    /// use warp::Filter as _;
    ///
    /// #[protected]
    /// async fn profile(token: Bearer, payload: Payload) -> Result<String, GuardError> {
    ///     Ok(format!("user {}", payload.user_id()))
    /// }
    ///
    /// # fn example<S: UserStore>(oauth: OAuthHandler<S>) {
    /// let keys = KeyExchange::new(oauth);
    /// let app = warp::path!("profile").and(keys.bearer()).then(profile).recover(recover_denials);
    /// # }
    /// ```
    #[must_use]
    pub fn bearer(
        &self,
    ) -> impl Filter<Extract = (Bearer,), Error = Rejection> + Clone + Send + Sync + 'static + use<S> {
        let keys = self.clone();
        bearer().and_then(move |token: Bearer| {
            let keys = keys.clone();
            async move { keys.async_exchange(token).await.map_err(Rejection::from) }
        })
    }

    /// Returns a filter that extracts the claims which the guard has verified, as [`RouteGuard::as_filter`] does, for API keys too.
    #[must_use]
    pub fn verified_by<C: Claims + Send + 'static>(
        &self,
        guard: &RouteGuard<C>,
    ) -> impl Filter<Extract = (Verified<C>,), Error = Rejection> + Clone + Send + Sync + 'static + use<S, C>
    {
        let guard = guard.clone();
        let verify = move |token: Bearer| {
            let refused = |denial| warp::reject::custom(HttpResponse::from(guard.challenged(denial)));
            std::future::ready(guard.authorize(&token).map_err(refused))
        };
        self.bearer().and_then(verify)
    }

    /// Guards these routes as [`RouteGuard::in_front_of`] does, for API keys too: it responds to denials itself.
    pub fn guarded_by<C, F, R>(
        &self,
        guard: &RouteGuard<C>,
        routes: F,
    ) -> impl Filter<Extract = (impl Reply + use<F, R, C, S>,), Error = Rejection>
    + Clone
    + Send
    + Sync
    + use<F, R, C, S>
    where
        C: Claims + Send + 'static,
        F: Filter<Extract = (R,), Error: Into<Rejection>> + Send + Sync + 'static,
        R: Reply + 'static,
    {
        let guard = self.verified_by(guard).map(|_| ()).untuple_one();
        guard.and(routes.boxed()).recover(recover_denials)
    }
}
