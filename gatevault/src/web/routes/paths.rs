//! The paths of the routes, and their methods.

use super::AuthRoutes;
use super::token_endpoint::TokenEndpoint;

impl<S> AuthRoutes<S> {
    /// Returns the paths of the routes, for a framework's router. `id` is the framework's notation for a parameter of one
    /// segment, such as `{id}` or `<id>`.
    #[must_use]
    pub fn paths(&self, id: &str) -> Vec<String> {
        let own = ["/login", "/refresh", "/logout", "/sessions"];
        let own = own.into_iter().filter(|path| self.has_login || *path != "/login").map(str::to_owned);
        let continuing = self.pages.as_ref().map(|_| "/continue".to_owned());
        let register = self.add_user.as_ref().map(|_| "/register".to_owned());
        let password = self.change_password.as_ref().map(|_| "/password".to_owned());
        let clients = self.token_endpoint.iter().flat_map(|_| ["/token", "/revoke"]).map(str::to_owned);
        let own = own.chain([format!("/sessions/{id}")]).chain(continuing).chain(register).chain(password);
        let keys = self.key_set.as_ref().map(|_| KEYS.to_owned());
        let metadata = self.token_endpoint.as_ref().map(TokenEndpoint::metadata_path);
        let at_root = keys.into_iter().chain(metadata);
        own.chain(clients).map(|path| format!("{}{path}", self.prefix)).chain(at_root).collect()
    }

    /// Returns whether one of the routes has this path, for a framework without a router.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.route(path).is_some()
    }

    /// Returns the route of a path.
    pub(super) fn route<'p>(&self, path: &'p str) -> Option<Route<'p>> {
        if path == KEYS && self.key_set.is_some() {
            return Some(Route::Keys);
        }
        if self.token_endpoint.as_ref().is_some_and(|endpoint| endpoint.has_metadata_at(path)) {
            return Some(Route::Metadata);
        }
        Some(match path.strip_prefix(&self.prefix)? {
            "/login" if self.has_login => Route::Login,
            "/refresh" => Route::Refresh,
            "/logout" => Route::Logout,
            "/sessions" => Route::Sessions,
            "/continue" if self.pages.is_some() => Route::Continue,
            "/register" if self.add_user.is_some() => Route::Register,
            "/password" if self.change_password.is_some() => Route::Password,
            "/token" if self.token_endpoint.is_some() => Route::Token,
            "/revoke" if self.token_endpoint.is_some() => Route::Revoke,
            other => {
                let id = other.strip_prefix("/sessions/")?;
                Route::Session(Some(id).filter(|id| !id.is_empty() && !id.contains('/'))?)
            }
        })
    }
}

/// A route, found by its path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Route<'p> {
    Login,
    Refresh,
    Logout,
    Sessions,
    /// Refreshes the session of a page's visitor, and leads back to the page.
    Continue,
    Register,
    Password,
    /// One session, by its id.
    Session(&'p str),
    Keys,
    /// Issues tokens to OAuth2 clients.
    Token,
    /// Revokes a token of an OAuth2 client.
    Revoke,
    /// The metadata of the authorization server.
    Metadata,
}

impl Route<'_> {
    /// Returns the methods of the route, as the header `Allow` lists them.
    pub(super) fn methods(self) -> &'static str {
        match self {
            Self::Login
            | Self::Refresh
            | Self::Logout
            | Self::Register
            | Self::Password
            | Self::Token
            | Self::Revoke => "POST, OPTIONS",
            Self::Sessions => "GET, HEAD, DELETE, OPTIONS",
            Self::Keys | Self::Metadata | Self::Continue => "GET, HEAD, OPTIONS",
            Self::Session(_) => "DELETE, OPTIONS",
        }
    }

    /// Returns whether an access token authenticates the request, as at a guarded route.
    pub(super) fn takes_access_token(self) -> bool {
        matches!(self, Self::Sessions | Self::Session(_) | Self::Password)
    }

    /// Returns whether OAuth2 clients send the request, which expect JSON with an `error` (RFC 6749 section 5.2).
    pub(super) fn is_for_oauth_clients(self) -> bool {
        matches!(self, Self::Token | Self::Revoke)
    }
}

/// The path of the public keys. Well-known paths are at the root of a host (RFC 8615 section 3).
pub(super) const KEYS: &str = "/.well-known/jwks.json";
