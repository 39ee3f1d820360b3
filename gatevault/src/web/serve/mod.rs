//! The routes of a login service and the gate of every guard, around the application of a web framework; ready-made routes in
//! the form of each framework.

#[cfg(any(
    feature = "actix",
    feature = "axum",
    feature = "poem",
    feature = "rocket",
    feature = "salvo",
    feature = "warp"
))]
#[cfg_attr(
    not(all(
        feature = "warp",
        any(feature = "actix", feature = "axum", feature = "poem", feature = "rocket", feature = "salvo")
    )),
    allow(dead_code, reason = "warp asks whether a path is known, every other framework lists the paths")
)]
mod ready_routes;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "rocket")]
mod rocket;
#[cfg(feature = "salvo")]
mod salvo;
#[cfg(feature = "warp")]
mod warp;

#[cfg(any(
    feature = "actix",
    feature = "axum",
    feature = "poem",
    feature = "rocket",
    feature = "salvo",
    feature = "warp"
))]
use ready_routes::ReadyRoutes;

use super::AuthRoutes;
use crate::guard::GateVault;
use crate::login::{Auth, UserStore};

/// An application of a web framework, which takes the login routes and the gate: `axum::Router`, `actix_web::App`,
/// `poem::Route`, `rocket::Rocket<Build>` and `salvo::Router`, with the feature of the framework.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an application that `serve` can put login routes and a gate into",
    label = "expected an application of axum, actix-web, poem, Rocket or Salvo",
    note = "enable the feature of the framework; for warp, tonic and other servers, add the routes of `Auth::routes` and pass \
            `gate = ..` to each guard, or install the gate with `auth.gate().clone().install()`"
)]
pub trait Application<S>: Sized {
    /// Adds the routes beside the application's own, and gives the gate to every guard in it.
    #[must_use]
    fn with_auth(self, routes: AuthRoutes<S>, gate: GateVault) -> Self;
}

impl<S: UserStore> Auth<S> {
    /// Adds the login routes beside those of an application, and puts the gate into each of its requests: guards in it need no
    /// argument `gate`, and no installed gate.
    ///
    /// For other routes than the default ones, see [`routes`](Self::routes).
    pub fn serve<A: Application<S>>(&self, application: A) -> A {
        self.routes().serve(application)
    }

    /// Returns the login routes, to choose their settings: `auth.routes().with_register().serve(application)`.
    #[must_use]
    pub fn routes(&self) -> AuthRoutes<S> {
        AuthRoutes::new(self.clone())
    }
}

impl<S: UserStore> AuthRoutes<S> {
    /// Adds these routes beside those of an application, and puts the gate of their manager into each of its requests.
    ///
    /// # Security
    ///
    /// The gate accepts what the manager accepts. If handlers of several [pools](crate::OAuthHandler::user_pool) share the
    /// manager, that is the users of all of them: give each application a manager of its own.
    pub fn serve<A: Application<S>>(self, application: A) -> A {
        let gate = GateVault::new(self.handler.tokens().clone());
        application.with_auth(self, gate)
    }
}
