//! API keys in front of guards: exchanged for access tokens, which are cached.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::OnceCell;

use super::Bearer;
use super::key_cache::{CachedToken, KeyCache};
use crate::claims::Payload;
use crate::error::{ConfigError, GuardError};
use crate::future::wait;
use crate::guard::{GateVault, TokenSource};
use crate::login::{Awaiting, Blocking, KeyDigest, Mode, OAuthHandler, SyncUserStore, UserStore};

/// Exchanges the API keys in requests for access tokens, in front of the guards. Cheap to clone; clones share their cache.
///
/// A request whose bearer token is an API key of the handler, by its prefix and its checksum, continues with an access token
/// instead. Every other request passes unchanged. So a guard asks no store, for keys and for tokens, and a revocation takes effect
/// at once: the token names the session of the key.
///
/// Each framework applies it in its own form: a layer (axum, tower), a middleware (actix, poem), a hoop (salvo), a fairing (Rocket),
/// a filter (warp), a layer of the server (tonic). Put it in front of the guards.
///
/// A token is cached until shortly before it expires, under the digest of its key. Requests with one key at the same time wait for one
/// exchange. A key that is refused is not cached: each such request costs a lookup in the session store, after its checksum was right.
///
/// # Security
///
/// The cache holds access tokens in memory, and no keys. With the handlers of several [pools](crate::OAuthHandler::user_pool), give each a
/// [prefix](crate::OAuthHandler::api_key_prefix) of its own: the first exchange refuses an unknown key that has its prefix.
///
/// # Examples
///
/// ```
/// use gatevault::login::SyncLookup;
/// use gatevault::web::KeyExchange;
/// use gatevault::{AuthUser, GuardError, OAuthHandler, Payload, RouteGuard};
///
/// fn caller<U: AuthUser>(
///     keys: &KeyExchange<SyncLookup<U>>,
///     members: &RouteGuard,
///     authorization: &http::HeaderMap,
/// ) -> Result<String, GuardError> {
///     let token = keys.exchange(authorization)?; // the access token of a key, or the token as it came
///     Ok(members.authorize(&token)?.user_id().to_string())
/// }
/// ```
pub struct KeyExchange<S> {
    handler: Arc<OAuthHandler<S>>,
    shared: Arc<Mutex<KeyCache<Flight>>>,
}

/// An exchange in flight. If its future is dropped, one of those that wait for it continues.
type Flight = Weak<OnceCell<Outcome>>;

type Outcome = Result<CachedToken, GuardError>;

impl<S> KeyExchange<S> {
    /// Creates an exchange for the keys of a handler, which may be shared. It caches the tokens of 10,000 keys.
    #[must_use]
    pub fn new(handler: impl Into<Arc<OAuthHandler<S>>>) -> Self {
        Self { handler: handler.into(), shared: Arc::new(Mutex::new(KeyCache::new(DEFAULT_CAPACITY))) }
    }

    /// Sets the number of keys whose tokens are cached, 1 to 1,000,000. The oldest token makes room.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NumberOutOfBounds`] for another number.
    pub fn capacity(self, keys: usize) -> Result<Self, ConfigError> {
        ConfigError::number_within("KeyExchange::capacity", keys, 1, MOST_CAPACITY)?;
        Ok(Self { shared: Arc::new(Mutex::new(KeyCache::new(keys))), ..self })
    }

    /// Returns the access token of an API key, or `None` for any other token.
    pub(super) async fn replacement<M: Mode<S>>(
        &self,
        token: Option<&str>,
    ) -> Result<Option<Arc<str>>, GuardError> {
        let Some((key, digest)) = token.and_then(|token| Some((token, self.handler.key_digest(token)?)))
        else {
            return Ok(None);
        };
        if let Some(token) = self.cached(&digest)? {
            return Ok(Some(token));
        }
        let joined = self.join(digest);
        let Some(flight) = &joined.flight else { return Ok(None) };
        let outcome = flight.get_or_init(|| self.exchange_now::<M>(key)).await;
        self.settle(&joined, flight, outcome);
        outcome.as_ref().map(|cached| Some(Arc::clone(&cached.token))).map_err(repeated)
    }

    async fn exchange_now<M: Mode<S>>(&self, key: &str) -> Outcome {
        let exchanged = self.handler.exchange::<M>(key).await?;
        Ok(CachedToken::new(&exchanged, self.handler.tokens().now()?))
    }

    /// Returns the cached token of a key, if the manager accepts it now. What a guard may accept later stays in the cache.
    fn cached(&self, digest: &KeyDigest) -> Result<Option<Arc<str>>, GuardError> {
        let tokens = self.handler.tokens();
        let Some(token) = self.lock().get(digest, tokens.now()?) else { return Ok(None) };
        match tokens.decode_access_token::<Payload>(&token).map_err(GuardError::from) {
            Err(GuardError::Token(_)) => {
                self.lock().remove(digest, &token);
                Ok(None)
            }
            _ => Ok(Some(token)),
        }
    }

    /// Returns the exchange of the key that is in flight, or a new one.
    fn join(&self, digest: KeyDigest) -> Joined<'_> {
        let mut cache = self.lock();
        let flight = cache.in_flight.get(&digest).and_then(Weak::upgrade).unwrap_or_default();
        cache.in_flight.insert(digest, Arc::downgrade(&flight));
        Joined { shared: &self.shared, digest, flight: Some(flight) }
    }

    /// Caches the token of an exchange, once, and ends the flight: later requests find the token, or begin another exchange.
    fn settle(&self, joined: &Joined<'_>, flight: &Arc<OnceCell<Outcome>>, outcome: &Outcome) {
        let mut cache = self.lock();
        let digest = joined.digest;
        if cache.in_flight.get(&digest).is_none_or(|found| found.as_ptr() != Arc::as_ptr(flight)) {
            return;
        }
        cache.in_flight.remove(&digest);
        if let (Ok(token), Ok(now)) = (outcome, self.handler.tokens().now()) {
            cache.insert(digest, token.clone(), now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, KeyCache<Flight>> {
        lock(&self.shared)
    }
}

impl<S: UserStore> KeyExchange<S> {
    /// Returns the access token of the API key in a request, or its token as it came, with the gate of the request.
    ///
    /// # Errors
    ///
    /// As for [`async_exchange_key`](OAuthHandler::async_exchange_key).
    pub async fn async_exchange(&self, source: impl TokenSource) -> Result<Bearer, GuardError> {
        let (token, gate) = (source.token().map(String::from), source.gate().map(GateVault::from));
        // The source need not be `Send`: it is gone before the first await.
        drop(source);
        let replaced = self.async_replacement(token.as_deref()).await?;
        Ok(Bearer { token: replaced.as_deref().map(str::to_owned).or(token), gate })
    }

    pub(super) async fn async_replacement(
        &self,
        token: Option<&str>,
    ) -> Result<Option<Arc<str>>, GuardError> {
        self.replacement::<Awaiting>(token).await
    }
}

impl<S: SyncUserStore> KeyExchange<S> {
    /// Returns the access token of the API key in a request, or its token as it came, with the gate of the request.
    ///
    /// # Errors
    ///
    /// As for [`exchange_key`](OAuthHandler::exchange_key).
    pub fn exchange(&self, source: &(impl TokenSource + ?Sized)) -> Result<Bearer, GuardError> {
        let token = source.token();
        let replaced = wait(self.replacement::<Blocking>(token.as_deref()))?;
        let token = replaced.as_deref().or(token.as_deref()).map(str::to_owned);
        Ok(Bearer { token, gate: source.gate().map(GateVault::from) })
    }
}

impl<S> Clone for KeyExchange<S> {
    fn clone(&self) -> Self {
        Self { handler: Arc::clone(&self.handler), shared: Arc::clone(&self.shared) }
    }
}

impl<S> fmt::Debug for KeyExchange<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyExchange").field("handler", &self.handler).finish_non_exhaustive()
    }
}

/// A place in an exchange in flight. The last one that is dropped before its end removes it.
struct Joined<'k> {
    shared: &'k Mutex<KeyCache<Flight>>,
    digest: KeyDigest,
    flight: Option<Arc<OnceCell<Outcome>>>,
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        let mut cache = lock(self.shared);
        drop(self.flight.take());
        if cache.in_flight.get(&self.digest).is_some_and(|flight| flight.strong_count() == 0) {
            cache.in_flight.remove(&self.digest);
        }
    }
}

/// Locks the cache. Poisoning is ignored: no code under the lock panics.
fn lock(shared: &Mutex<KeyCache<Flight>>) -> MutexGuard<'_, KeyCache<Flight>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the denial of an exchange for each request that waited for it.
fn repeated(denial: &GuardError) -> GuardError {
    match denial {
        GuardError::Token(error) => GuardError::Token(error.clone()),
        GuardError::Config(error) => GuardError::Config(error.clone()),
        other => GuardError::unavailable(std::error::Error::source(other).unwrap_or(other).to_string()),
    }
}

const DEFAULT_CAPACITY: usize = 10_000;
const MOST_CAPACITY: usize = 1_000_000;
