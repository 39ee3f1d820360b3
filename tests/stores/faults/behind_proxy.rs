//! A store behind a network that fails, on a server of its own that can be killed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::{GuardError, PostgresSessions, RedisSessions, SessionStore, TokenPair};
use gatevault_servers::{FaultProxy, PostgresServer, RedisServer};
use gatevault_store_tests::{Fixture, is_unavailable};
use tokio::time::sleep;

/// The time limit of the store's operations.
pub(crate) const LIMIT: Duration = Duration::from_secs(1);

/// A store that is reached through a proxy, and the same without one.
pub(crate) struct Behind<S> {
    pub(crate) server: S,
    pub(crate) proxy: FaultProxy,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) direct: Arc<dyn SessionStore>,
}

/// A server of either kind.
pub(crate) trait Server: Send + Sized + 'static {
    fn start() -> Self;
    fn address(&self) -> SocketAddr;
    fn kill(&mut self);
    fn start_again(&mut self);
    fn pause(&self);
    fn resume(&self);
    /// Creates a store at this address, with its tables.
    fn store_at(&self, address: SocketAddr) -> impl Future<Output = Arc<dyn SessionStore>>;
}

macro_rules! impl_server {
    ($server:ty, |$this:ident, $address:ident| $store:expr) => {
        impl Server for $server {
            fn start() -> Self {
                <$server>::start()
            }
            fn address(&self) -> SocketAddr {
                <$server>::address(self)
            }
            fn kill(&mut self) {
                <$server>::kill(self);
            }
            fn start_again(&mut self) {
                <$server>::start_again(self);
            }
            fn pause(&self) {
                <$server>::pause(self);
            }
            fn resume(&self) {
                <$server>::resume(self);
            }
            async fn store_at(&self, $address: SocketAddr) -> Arc<dyn SessionStore> {
                let $this = self;
                $store
            }
        }
    };
}

impl_server!(RedisServer, |this, address| {
    Arc::new(RedisSessions::connect(this.url_at(address)).await.unwrap().time_limit(LIMIT))
});
impl_server!(PostgresServer, |this, address| {
    let store = PostgresSessions::connect(&this.url_at(address)).await.unwrap();
    store.migrate().await.unwrap();
    Arc::new(store.time_limit(LIMIT))
});

impl<S: Server> Behind<S> {
    pub(crate) async fn proxy() -> Self {
        let server = S::start();
        let proxy = FaultProxy::to(server.address());
        let direct = server.store_at(server.address()).await;
        let store = server.store_at(proxy.address()).await;
        Self { server, proxy, store, direct }
    }
}

/// Refreshes, and retries while the outcome is inconclusive, as clients do.
pub(crate) async fn refresh_with_retries(
    fixture: &Fixture,
    pair: &TokenPair,
) -> Result<TokenPair, GuardError> {
    let start = Instant::now();
    loop {
        let outcome = fixture.refresh(pair).await;
        if !is_unavailable(&outcome) || start.elapsed() > Duration::from_secs(20) {
            return outcome;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The limit, with a margin for a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns the answer. Panics if it does not arrive within the store's limit and a margin.
pub(crate) async fn in_time<T>(operation: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, operation).await.unwrap()
}
