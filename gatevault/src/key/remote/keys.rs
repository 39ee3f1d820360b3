//! The handle on keys that are fetched.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::KeyRing;
use super::RemoteKeysBuilder;
use super::refresher::FirstSet;
use super::source::Source;
use crate::error::FetchError;

/// The keys of another issuer, fetched from a URL and kept fresh by a thread; feature `jwks-http`.
///
/// A guard never waits for a fetch. A token whose key is not known yet is answered with
/// [`Unavailable`](crate::GuardError::Unavailable), and asks for a fetch: an issuer that rotates its keys logs nobody
/// out. A fetch that fails leaves the keys of the last one, until they are [too old](RemoteKeysBuilder::max_stale).
///
/// Clones share their keys. The thread ends when the last clone, and the last [`KeyRing`] made of one, is dropped.
///
/// # Security
///
/// Keys come over `https` from the configured host, or from where its configuration says; no redirect is followed,
/// and nothing that a token says is ever fetched. The system's certificates vouch for the host, or
/// [your own](RemoteKeysBuilder::trust_only). Proxies are those of the environment (`HTTPS_PROXY`, `NO_PROXY`).
///
/// # Examples
///
/// Tokens of a Keycloak realm guard functions here:
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
#[must_use = "keys that nobody holds are fetched no longer"]
pub struct RemoteKeys {
    pub(super) ring: KeyRing,
    pub(super) first_set: Arc<FirstSet>,
}

impl RemoteKeys {
    /// The keys of the set at this URL.
    pub fn jwks(url: impl Into<String>) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(Source::Jwks(url.into()))
    }

    /// The keys of an issuer, wherever it says that they are (`OpenID` Connect Discovery 1.0 section 4).
    ///
    /// The URL is the issuer's name, exactly as its tokens have it in `iss`.
    pub fn discover(issuer: impl Into<String>) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(Source::Issuer(issuer.into()))
    }

    /// Waits until keys have come, trying again meanwhile: for a service that does not start without them.
    ///
    /// It blocks its thread. Inside an executor leave it out: until the keys are there, guards answer
    /// [`Unavailable`](crate::GuardError::Unavailable).
    ///
    /// # Errors
    ///
    /// [`FetchError`] after `timeout`: why the last fetch failed.
    pub fn wait(&self, timeout: Duration) -> Result<(), FetchError> {
        self.first_set.wait(timeout)
    }
}

/// A ring of the same keys. What is added to it by hand goes with the next fetch.
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
