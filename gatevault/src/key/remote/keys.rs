//! `RemoteKeys`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::KeyRing;
use super::RemoteKeysBuilder;
use super::refresher::FirstSet;
use super::source::KeySetSource;
use crate::error::FetchError;

/// The keys of another issuer, fetched from a URL and refreshed by a background thread (feature `jwks-http`).
///
/// A guard never waits for a fetch. A token with an unknown key requests a fetch and is answered with
/// [`Unavailable`](crate::GuardError::Unavailable), so users stay logged in when an issuer rotates its keys. It is
/// rejected once a fetch that began later has succeeded without bringing the key. The same applies to a token whose
/// signature is wrong, if the token does not name the key that was tried: the key may have been replaced. After a failed
/// fetch the previous keys stay valid until they are [too old](RemoteKeysBuilder::max_stale).
///
/// An issuer must give a new key a new `kid` (`OpenID` Connect Core 1.0 section 10.1.1). A key that is replaced under the
/// same `kid` is found at the next [regular fetch](RemoteKeysBuilder::refresh_interval), and its tokens are rejected until
/// then.
///
/// Clones share their keys. The thread ends when the last clone and the last [`KeyRing`] made from one are dropped.
///
/// # Security
///
/// Keys come over `https` from the configured URL, or from the `jwks_uri` in the issuer's configuration. Redirects are
/// not followed, and no URL in a token is ever fetched. The system's root certificates authenticate the host, or
/// [your own](RemoteKeysBuilder::trust_only). Proxies come from the environment (`HTTPS_PROXY`, `NO_PROXY`).
///
/// # Examples
///
/// Functions guarded by the tokens of a Keycloak realm:
///
/// ```no_run
/// use std::time::Duration;
/// use gatevault::{GateVault, Issuer, RemoteKeys, TokenManager};
///
/// let realm = "https://id.example/realms/shop";
/// let keys = RemoteKeys::discover(realm).build()?;
/// keys.wait(Duration::from_secs(30))?; // optional: do not start without keys
/// let tokens = TokenManager::builder().accept(Issuer::new(realm, keys).audience("billing")).build()?;
/// GateVault::new(tokens).install()?;
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "dropping the keys stops fetching them"]
pub struct RemoteKeys {
    pub(super) ring: KeyRing,
    pub(super) first_set: Arc<FirstSet>,
}

impl RemoteKeys {
    /// Fetches the key set at `url`.
    pub fn jwks(url: impl Into<String>) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(KeySetSource::Jwks(url.into()))
    }

    /// Fetches the key set that the issuer's configuration names (`OpenID` Connect Discovery 1.0 section 4).
    ///
    /// `issuer` is the issuer's URL, exactly as in the `iss` claim of its tokens, and as in the `issuer` of the
    /// configuration.
    ///
    /// The configuration is requested at the issuer's URL with `/.well-known/openid-configuration` appended. If the
    /// answer is a client error, such as 404, or not a JSON object, it is requested with
    /// `/.well-known/oauth-authorization-server` between the host and the path (RFC 8414 section 3.1). A timeout, a
    /// redirect, 408, 425, 429 or a server error does not lead to the second request.
    ///
    /// For a configuration whose `issuer` is a template, such as the one of Entra's `common` endpoint, use
    /// [`jwks`](Self::jwks).
    pub fn discover(issuer: impl Into<String>) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(KeySetSource::Issuer(issuer.into()))
    }

    /// Waits until the first key set arrives. Use it in a service that must not start without keys. Failed fetches are
    /// retried in the meantime.
    ///
    /// This blocks the thread, so do not call it on an async executor. Until the keys arrive, guards answer
    /// [`Unavailable`](crate::GuardError::Unavailable).
    ///
    /// # Errors
    ///
    /// [`FetchError`] after `timeout`, with the reason why the last fetch failed.
    pub fn wait(&self, timeout: Duration) -> Result<(), FetchError> {
        self.first_set.wait(timeout)
    }

    /// Waits until the first fetch has ended, and returns its error if it failed. For tools, which report a failure where a
    /// service [waits](Self::wait) for the next attempt.
    ///
    /// This blocks the thread, so do not call it on an async executor.
    ///
    /// # Errors
    ///
    /// [`FetchError`] with the reason why the first fetch, or a later one that ended before this call, failed; and after
    /// `timeout`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::RemoteKeys;
    ///
    /// let unreachable = |_: &str| Err("no network in an example".into());
    /// let keys = RemoteKeys::discover("https://id.example").fetch_with(unreachable).build()?;
    /// assert!(keys.wait_for_outcome(Duration::from_secs(30)).is_err()); // at once
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn wait_for_outcome(&self, timeout: Duration) -> Result<(), FetchError> {
        self.first_set.wait_for_outcome(timeout)
    }
}

/// Converts into a ring of the same keys. The next fetch removes keys that are added by hand.
impl From<RemoteKeys> for KeyRing {
    fn from(keys: RemoteKeys) -> Self {
        keys.ring
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteKeys").field(&self.ring).finish()
    }
}
