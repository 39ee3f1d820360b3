//! A browser that logs in and out.

use std::panic::Location;

use http::Method;
use serde_json::json;

use super::fault::fail;
use super::request::{Initiator, credentials, request};
use super::{Browser, LoginService, Response, TestApp};

impl<A: TestApp> Browser<A> {
    /// Logs in with a name and a password, as JSON to `POST /login`, and keeps the tokens.
    ///
    /// A login hashes a password: see [`PASSWORD_HASH`](super::PASSWORD_HASH), or use [`acting_as`](Self::acting_as).
    #[track_caller]
    pub fn log_in(&self, name: &str, password: &str) -> impl Future<Output = Response> {
        self.call(Method::POST, &self.route("/login"), credentials(name, password), Initiator::Script)
    }

    /// Creates an account with a name and a password, as JSON to `POST /register`, and keeps the tokens of the response, if it
    /// has some.
    #[track_caller]
    pub fn register(&self, name: &str, password: &str) -> impl Future<Output = Response> {
        self.call(Method::POST, &self.route("/register"), credentials(name, password), Initiator::Script)
    }

    /// Exchanges the refresh token for the next tokens by `POST /refresh`, and keeps them.
    #[track_caller]
    pub fn refresh(&self) -> impl Future<Output = Response> {
        self.call_with_refresh_token("/refresh", Location::caller())
    }

    /// Ends the session by `POST /logout`. If the response is no error, the browser forgets its tokens.
    #[track_caller]
    pub fn log_out(&self) -> impl Future<Output = Response> {
        let response = self.call_with_refresh_token("/logout", Location::caller());
        async {
            let response = response.await;
            if !response.is_error() {
                self.session().forget_tokens();
            }
            response
        }
    }

    /// Opens another browser in which this user is logged in, without a password, a hash, and a throttle.
    ///
    /// `service` is the application's [`Auth`](crate::Auth), or its [`AuthRoutes`](crate::AuthRoutes) if they have settings of
    /// their own, such as [`for_pages`](crate::AuthRoutes::for_pages). The session begins as one of
    /// [`Auth::begin_session`](crate::Auth::begin_session): it is authenticated now, and [`refresh`](Self::refresh) and
    /// [`log_out`](Self::log_out) work.
    #[track_caller]
    pub fn acting_as<L: LoginService>(&self, service: &L, user: &L::User) -> impl Future<Output = Self> {
        let caller = Location::caller();
        async move {
            let browser = self.another();
            match service.begin(user, &browser.settings.mount).await {
                Ok(response) => {
                    let response = http::Response::<String>::from(response).map(String::into_bytes);
                    browser.keep(response, "/").assert_begun(caller);
                }
                Err(error) => fail(caller, format_args!("no session for this user: {error}")),
            }
            browser
        }
    }

    /// Sends a request that the refresh token authenticates: in its cookie, or in the body if the routes have no cookies.
    fn call_with_refresh_token(
        &self,
        route: &str,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Response> + use<'_, A> {
        let refresh_token = self.session().refresh_token.clone();
        let route = self.route(route);
        let request = match refresh_token {
            Some(token) => request(caller, Method::POST, &route, json!({ "refresh_token": token })),
            None => request(caller, Method::POST, &route, ()),
        };
        self.exchange(request, Initiator::Script, caller)
    }

    fn route(&self, route: &str) -> String {
        format!("{}{route}", self.settings.mount)
    }
}
