//! `RemoteKeysBuilder`.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ureq::tls::RootCerts;

use super::super::KeyRing;
use super::super::snapshot::KeySnapshot;
use super::RemoteKeys;
use super::client::{Client, roots};
use super::headers::RequestHeaders;
use super::refetch::refetch_channel;
use super::refresher::{FirstSet, Refresher};
use super::source::KeySetSource;
use super::transport::{Fetch, Transport};
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
    headers: Result<RequestHeaders, ConfigError>,
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
            headers: Ok(RequestHeaders::default()),
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
    ///
    /// During this time a token with an unknown key is answered with [`Unavailable`](crate::GuardError::Unavailable), and
    /// the fetch follows at its end. Only a key that was already missing before the last fetch, and was not in its
    /// response, is rejected.
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

    /// Allows plain `http`, for local development. [`allow_loopback_http`](Self::allow_loopback_http) is enough for a server on
    /// this machine.
    ///
    /// # Security
    ///
    /// Over plain `http`, anyone on the network path can replace the keys and then sign tokens that are accepted here.
    pub fn allow_plain_http(self) -> Self {
        Self { schemes: SchemePolicy::HttpToo, ..self }
    }

    /// Allows plain `http` from this machine: from `localhost` and loopback addresses. It holds for the URL of the key set that
    /// an issuer's configuration names, too.
    pub fn allow_loopback_http(self) -> Self {
        Self { schemes: SchemePolicy::LoopbackHttp, ..self }
    }

    /// Adds a header to the requests, such as credentials. A later call replaces a header of the same name. For values
    /// that change, see [`header_with`](Self::header_with).
    ///
    /// # Security
    ///
    /// Only requests to the scheme, host and port of the configured URL carry the header. If the issuer's configuration
    /// names a `jwks_uri` on another host, the request for the key set does not. The value never appears in logs, errors
    /// or `Debug`. With [`allow_plain_http`](Self::allow_plain_http) it crosses the network in the clear.
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let headers = self.headers.and_then(|all| all.with_fixed(name.as_ref(), value.as_ref()));
        Self { headers, ..self }
    }

    /// Adds a header whose current value a function returns, like [`header`](Self::header). It runs before each
    /// request, on a separate thread, may block, and must return. If it fails, so does the fetch.
    ///
    /// # Examples
    ///
    /// Kubernetes replaces the token of a service account in its file about every hour. The key set of its API server is
    /// read from a fixed URL, because the `jwks_uri` in its configuration is often on another host:
    ///
    /// ```no_run
    /// use gatevault::RemoteKeys;
    ///
    /// let account = "/var/run/secrets/kubernetes.io/serviceaccount";
    /// let authority = std::fs::read(format!("{account}/ca.crt"))?;
    /// let keys = RemoteKeys::jwks("https://kubernetes.default.svc/openid/v1/jwks")
    ///     .trust_only(authority)
    ///     .header_with("authorization", move || {
    ///         let token = std::fs::read_to_string(format!("{account}/token"))?;
    ///         Ok(format!("Bearer {}", token.trim()))
    ///     })
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn header_with(
        self,
        name: impl AsRef<str>,
        value: impl FnMut() -> Result<String, BoxError> + Send + 'static,
    ) -> Self {
        let headers = self.headers.and_then(|all| all.with_current(name.as_ref(), Box::new(value)));
        Self { headers, ..self }
    }

    /// Sets an HTTP client of your own. It takes a URL and returns the body of a response with status 200. It runs on a
    /// separate thread, may block, and must return.
    ///
    /// Your client then decides about timeouts, redirects, certificates and headers. [`timeout`](Self::timeout) and
    /// [`trust_only`](Self::trust_only) have no effect, and [`header`](Self::header) is an error. With
    /// [`discover`](RemoteKeys::discover), an error for the first document leads to a request for the second one.
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
        let transport = match (self.fetch, self.headers?) {
            (None, headers) => {
                let client = Client::new(self.schemes, self.timeout, self.roots?, headers, self.source.url());
                Transport::BuiltIn(Box::new(client))
            }
            (Some(fetch), headers) if headers.is_empty() => {
                self.roots?;
                Transport::Custom(fetch)
            }
            (Some(_), _) => {
                return Err(ConfigError::InvalidHeader { setting: "header", reason: UNUSED_HEADER });
            }
        };
        let (signal, refetch) = refetch_channel(self.min_refetch_interval);
        let ring = KeyRing::from_keys(KeySnapshot::default(), Some(Box::new(signal)));
        let first_set = Arc::new(FirstSet::pending(&self.source));
        let refresher = Refresher {
            ring: Arc::downgrade(&ring.shared),
            source: self.source,
            schemes: self.schemes,
            transport,
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

const UNUSED_HEADER: &str = "`fetch_with` sends its own requests; add the header there, or remove the call";
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(30 * 24);
