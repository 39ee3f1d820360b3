//! `RemoteKeysBuilder`.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ureq::tls::RootCerts;

use super::super::KeyRing;
use super::super::ring::KeySnapshot;
use super::RemoteKeys;
use super::client::{client, roots};
use super::refetch::refetch_channel;
use super::refresher::{FirstSet, Refresher};
use super::source::{Fetch, KeySetSource};
use super::url::SchemePolicy;
use crate::clock::{Clock, SystemClock};
use crate::error::{BoxError, ConfigError};

/// Builds [`RemoteKeys`]. Every setting has a default.
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
    source: KeySetSource,
    schemes: SchemePolicy,
    refresh_interval: Duration,
    min_refetch_interval: Duration,
    max_stale: Duration,
    timeout: Duration,
    /// `build` reports invalid certificates, as it does for all settings.
    roots: Result<RootCerts, ConfigError>,
    fetch: Option<Box<Fetch>>,
    clock: Box<dyn Clock>,
}

impl RemoteKeysBuilder {
    /// Creates a builder with the default settings.
    pub(super) fn new(source: KeySetSource) -> Self {
        Self {
            source,
            schemes: SchemePolicy::Https,
            refresh_interval: Duration::from_mins(15),
            min_refetch_interval: Duration::from_mins(1),
            max_stale: Duration::from_hours(24),
            timeout: Duration::from_secs(10),
            roots: Ok(RootCerts::PlatformVerifier),
            fetch: None,
            clock: Box::new(SystemClock),
        }
    }

    /// Sets the time between regular fetches. Default: 15 minutes. A key that the issuer withdraws is accepted for at
    /// most this long, provided that the issuer responds.
    pub fn refresh_interval(self, refresh_interval: Duration) -> Self {
        Self { refresh_interval, ..self }
    }

    /// Sets the time after a fetch in which tokens with an unknown key cause no further fetch. Default: one minute. It
    /// limits the requests that hostile tokens can cause at the issuer.
    pub fn min_refetch_interval(self, min_refetch_interval: Duration) -> Self {
        Self { min_refetch_interval, ..self }
    }

    /// Sets how long keys stay valid while no fetch succeeds. Default: 24 hours.
    pub fn max_stale(self, max_stale: Duration) -> Self {
        Self { max_stale, ..self }
    }

    /// Sets the time limit of a whole request, from name resolution to the last byte. Default: 10 seconds.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets the only trusted root certificates, in PEM form, such as the one of a private certificate authority.
    /// Default: the system's.
    pub fn trust_only(self, pem: impl AsRef<[u8]>) -> Self {
        Self { roots: roots(pem.as_ref()), ..self }
    }

    /// Allows plain `http`, for local development.
    ///
    /// # Security
    ///
    /// Over plain `http`, anyone on the network path can replace the keys and then sign tokens that are accepted here.
    pub fn allow_plain_http(self) -> Self {
        Self { schemes: SchemePolicy::HttpToo, ..self }
    }

    /// Sets an HTTP client of your own. It takes a URL and returns the body of a response with status 200. It runs on a
    /// separate thread, may block, and must return.
    ///
    /// Your client then decides about timeouts, redirects and certificates. [`timeout`](Self::timeout) and
    /// [`trust_only`](Self::trust_only) have no effect.
    pub fn fetch_with(self, fetch: impl FnMut(&str) -> Result<String, BoxError> + Send + 'static) -> Self {
        Self { fetch: Some(Box::new(fetch)), ..self }
    }

    /// Sets the clock that determines the age of keys. Default: the system's. Use the same clock as in the
    /// [`TokenManager`](crate::TokenManager).
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Validates the settings and starts the first fetch, without waiting for it.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the first invalid setting, or [`ConfigError::NoThread`] if no thread can start.
    pub fn build(self) -> Result<RemoteKeys, ConfigError> {
        let (refresh, max_stale) = (self.refresh_interval, self.max_stale);
        ConfigError::within("refresh_interval", refresh, SECOND, DAY)?;
        ConfigError::within("min_refetch_interval", self.min_refetch_interval, SECOND, DAY)?;
        ConfigError::within("timeout", self.timeout, SECOND, Duration::from_mins(5))?;
        // Shorter than this, the keys would expire before the next fetch.
        ConfigError::within("max_stale", max_stale, refresh.saturating_add(self.timeout), MONTH)?;
        self.source.validate(self.schemes)?;
        let roots = self.roots?;
        let (signal, refetch) = refetch_channel(self.min_refetch_interval);
        let ring = KeyRing::from_keys(KeySnapshot::default(), Some(Box::new(signal)));
        let first_set = Arc::new(FirstSet::pending(&self.source));
        let refresher = Refresher {
            ring: Arc::downgrade(&ring.shared),
            source: self.source,
            schemes: self.schemes,
            fetch: self.fetch.unwrap_or_else(|| client(self.schemes, self.timeout, roots)),
            refetch,
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
