//! Settings of keys that are fetched.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ureq::tls::RootCerts;

use super::super::KeyRing;
use super::super::ring::Keys;
use super::RemoteKeys;
use super::address::Scheme;
use super::bell::bell;
use super::client::{client, roots};
use super::refresher::{FirstSet, Refresher};
use super::source::{Fetch, Source};
use crate::clock::{Clock, SystemClock};
use crate::error::{BoxError, ConfigError};

/// Makes [`RemoteKeys`]; every setting has a default.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::RemoteKeys;
///
/// let keys = RemoteKeys::jwks("https://id.example/jwks.json")
///     .refresh_interval(Duration::from_secs(5 * 60))
///     .max_stale(Duration::from_secs(3600))
///     # .fetch_with(|_| Err("no network in an example".into()))
///     .build()?;
/// # Ok::<(), gatevault::ConfigError>(())
/// ```
#[must_use = "a builder fetches nothing until `build()` is called"]
pub struct RemoteKeysBuilder {
    source: Source,
    scheme: Scheme,
    refresh_interval: Duration,
    min_refetch_interval: Duration,
    max_stale: Duration,
    timeout: Duration,
    /// What is no certificate is an error of `build`, where all settings are judged.
    roots: Result<RootCerts, ConfigError>,
    fetch: Option<Box<Fetch>>,
    clock: Box<dyn Clock>,
}

impl RemoteKeysBuilder {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            scheme: Scheme::Https,
            refresh_interval: Duration::from_mins(15),
            min_refetch_interval: Duration::from_mins(1),
            max_stale: Duration::from_hours(24),
            timeout: Duration::from_secs(10),
            roots: Ok(RootCerts::PlatformVerifier),
            fetch: None,
            clock: Box::new(SystemClock),
        }
    }

    /// How often the keys are fetched without being asked for; every 15 minutes unless set. A key that the issuer
    /// withdraws is accepted for this long at most, as long as the issuer answers.
    pub fn refresh_interval(self, refresh_interval: Duration) -> Self {
        Self { refresh_interval, ..self }
    }

    /// How long after a fetch a token with an unknown key asks for none; a minute unless set. It bounds what hostile
    /// tokens can cost the issuer.
    pub fn min_refetch_interval(self, min_refetch_interval: Duration) -> Self {
        Self { min_refetch_interval, ..self }
    }

    /// How long keys are believed while no fetch succeeds; 24 hours unless set.
    pub fn max_stale(self, max_stale: Duration) -> Self {
        Self { max_stale, ..self }
    }

    /// How long one answer may take as a whole; 10 seconds unless set.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Certificates, in PEM form, that alone may vouch for the server, such as that of a private authority. Unless set,
    /// those of the system may.
    pub fn trust_only(self, pem: impl AsRef<[u8]>) -> Self {
        Self { roots: roots(pem.as_ref()), ..self }
    }

    /// Allows `http` for local development. Whoever is on the way can then sign tokens that are accepted here.
    pub fn allow_plain_http(self) -> Self {
        Self { scheme: Scheme::HttpToo, ..self }
    }

    /// Fetches with an HTTP client of yours: given a URL, the body of a 200 answer. It is called on a thread of its own,
    /// may block, and must end.
    ///
    /// Its timeouts, redirects and certificates are then yours too; [`timeout`](Self::timeout) and
    /// [`trust_only`](Self::trust_only) do nothing.
    pub fn fetch_with(self, fetch: impl FnMut(&str) -> Result<String, BoxError> + Send + 'static) -> Self {
        Self { fetch: Some(Box::new(fetch)), ..self }
    }

    /// Who tells how old keys are; the system's clock unless set. Give it the one of the
    /// [`TokenManager`](crate::TokenManager).
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// The keys, if all settings can work. The first fetch begins, and nobody waits for it.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the first setting that cannot work.
    pub fn build(self) -> Result<RemoteKeys, ConfigError> {
        let (refresh, max_stale) = (self.refresh_interval, self.max_stale);
        ConfigError::within("refresh_interval", refresh, SECOND, DAY)?;
        ConfigError::within("min_refetch_interval", self.min_refetch_interval, SECOND, DAY)?;
        ConfigError::within("timeout", self.timeout, SECOND, Duration::from_mins(5))?;
        // Keys that are too old before the next fetch would fail in between.
        ConfigError::within("max_stale", max_stale, refresh.saturating_add(self.timeout), MONTH)?;
        self.source.judge(self.scheme)?;
        let roots = self.roots?;
        let (button, bell) = bell(self.min_refetch_interval);
        let ring = KeyRing::from_keys(Keys::default(), Some(Box::new(button)));
        let first_set = Arc::new(FirstSet::awaited_from(&self.source));
        let refresher = Refresher {
            ring: Arc::downgrade(&ring.shared),
            source: self.source,
            scheme: self.scheme,
            fetch: self.fetch.unwrap_or_else(|| client(self.scheme, self.timeout, roots)),
            bell,
            clock: self.clock,
            refresh_interval: refresh,
            max_stale,
            first_set: first_set.clone(),
        };
        let thread = thread::Builder::new().name("gatevault-keys".to_owned());
        thread.spawn(move || refresher.run()).map_err(|_| ConfigError::NoThread)?;
        Ok(RemoteKeys { ring, first_set })
    }
}

impl fmt::Debug for RemoteKeysBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeysBuilder").field("source", &self.source).finish_non_exhaustive()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(30 * 24);
