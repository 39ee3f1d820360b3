//! warp: a filter around routes.

use warp::{Filter, Reply};

use crate::web::Denials;

impl Denials {
    /// Applies the settings to the replies of these routes.
    ///
    /// A denial that is a rejection must be recovered before: end the routes with
    /// [`recover_denials`](crate::web::warp::recover_denials).
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::ConfigError;
    /// use gatevault::web::{Denials, warp::{recover_denials, verified}};
    /// use gatevault::{Payload, Verified};
    /// use warp::Filter as _;
    ///
    /// # fn example() -> Result<(), ConfigError> {
    /// let hello = warp::path!("hello")
    ///     .and(verified::<Payload>())
    ///     .map(|caller: Verified<Payload>| format!("hello user {}", caller.user_id()))
    ///     .recover(recover_denials);
    /// let app = Denials::new().realm("greetings")?.around(hello);
    /// # Ok(()) }
    /// ```
    pub fn around<F, R>(
        &self,
        routes: F,
    ) -> impl Filter<Extract = (impl Reply + use<F, R>,), Error = F::Error> + Clone + Send + Sync + use<F, R>
    where
        F: Filter<Extract = (R,)> + Clone + Send + Sync + 'static,
        F::Error: Send,
        R: Reply + 'static,
    {
        let denials = self.clone();
        routes.map(move |reply: R| denials.apply_http(reply.into_response()))
    }
}
