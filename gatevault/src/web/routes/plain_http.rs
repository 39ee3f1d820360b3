//! Browsers that drop the cookies, since they are `Secure` and the connection is not.

use super::AuthRoutes;
use super::origin::Origin;
use crate::web::{HttpRequest, RefreshCookie};

impl<S> AuthRoutes<S> {
    /// Logs a warning, once, that browsers drop the cookies of a login.
    pub(super) fn warn_of_dropped_cookies(&self, request: &HttpRequest) {
        if !self.has_dropped_cookies(request) {
            return;
        }
        self.notices.dropped_cookies.call_once(|| {
            let origin = request.header("origin");
            tracing::warn!(
                target: "gatevault",
                ?origin,
                "browsers drop Secure cookies over http: use TLS or RefreshCookie::insecure_over_http"
            );
        });
    }

    /// Returns whether the browser that sent this request drops the cookies: the page is at a plain http origin.
    ///
    /// A browser sends Fetch Metadata only over connections where it accepts the cookies.
    pub(super) fn has_dropped_cookies(&self, request: &HttpRequest) -> bool {
        self.cookie.as_ref().is_some_and(RefreshCookie::is_secure)
            && request.values("sec-fetch-site").next().is_none()
            && Origin::of(request).is_some_and(|origin| origin.is_plain_http())
    }
}
