//! A store behind a network that fails, on a server of its own that can be killed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::{GuardError, PostgresSessions, RedisSessions, SessionStore, TokenPair};
use gatevault_servers::{FaultProxy, PostgresServer, RedisServer};
use gatevault_store_tests::{World, is_unavailable};
use tokio::time::sleep;

/// How long an operation of the store may take.
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
    /// The store at this address, which is migrated.
    fn store_at(&self, address: SocketAddr) -> impl Future<Output = Arc<dyn SessionStore>>;
}

macro_rules! is_a_server {
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

is_a_server!(RedisServer, |this, address| {
    Arc::new(RedisSessions::connect(this.url_at(address)).await.unwrap().time_limit(LIMIT))
});
is_a_server!(PostgresServer, |this, address| {
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

/// What a refresh comes to when whoever asks tries again while nothing is decided, as clients do.
pub(crate) async fn refresh_at_last(world: &World, pair: &TokenPair) -> Result<TokenPair, GuardError> {
    let start = Instant::now();
    loop {
        let outcome = world.refresh(pair).await;
        if !is_unavailable(&outcome) || start.elapsed() > Duration::from_secs(20) {
            return outcome;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// More than the limit, for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The answer, if it came within the limit of the store and what a busy machine adds.
pub(crate) async fn in_time<T>(asking: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, asking).await.unwrap()
}
