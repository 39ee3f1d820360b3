//! Which route a path leads to.

use super::AuthRoutes;
use crate::login::UserLookup;

/// A route, found by its path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Route<'p> {
    Login,
    Refresh,
    Logout,
    Sessions,
    /// One session, by its id.
    Session(&'p str),
    Keys,
}

impl Route<'_> {
    /// The methods that it has, as `Allow` says them.
    pub(super) fn methods(self) -> &'static str {
        match self {
            Self::Login | Self::Refresh | Self::Logout => "POST, OPTIONS",
            Self::Sessions | Self::Keys => "GET, HEAD, OPTIONS",
            Self::Session(_) => "DELETE, OPTIONS",
        }
    }
}

impl<L: UserLookup> AuthRoutes<L> {
    /// The paths that are answered, for a framework's router; `id` is how it writes a parameter that is one segment, such as
    /// `{id}` or `<id>`.
    #[must_use]
    pub fn paths(&self, id: &str) -> Vec<String> {
        let own = ["/login", "/refresh", "/logout", "/sessions"].map(str::to_owned);
        let own = own.into_iter().chain([format!("/sessions/{id}")]);
        let keys = self.key_set.as_ref().map(|_| KEYS.to_owned());
        own.map(|path| format!("{}{path}", self.prefix)).chain(keys).collect()
    }

    /// Whether a path is one of these, for a framework without a router.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.route(path).is_some()
    }

    pub(super) fn route<'p>(&self, path: &'p str) -> Option<Route<'p>> {
        if path == KEYS && self.key_set.is_some() {
            return Some(Route::Keys);
        }
        Some(match path.strip_prefix(&self.prefix)? {
            "/login" => Route::Login,
            "/refresh" => Route::Refresh,
            "/logout" => Route::Logout,
            "/sessions" => Route::Sessions,
            other => {
                let id = other.strip_prefix("/sessions/")?;
                Route::Session(Some(id).filter(|id| !id.is_empty() && !id.contains('/'))?)
            }
        })
    }
}

/// Well-known paths are at the root of a host (RFC 8615 section 3).
const KEYS: &str = "/.well-known/jwks.json";
