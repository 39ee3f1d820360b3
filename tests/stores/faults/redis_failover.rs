//! Failover of Redis: sentinels elect another master, and every store follows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::session::RefreshGrace;
use gatevault::{
    LoginThrottle, RedisAttempts, RedisEndpoint, RedisSessions, RevocationFeed, SessionStore, TokenManager,
    TokenPair,
};
use gatevault_servers::{RedisServer, SentinelGroup};
use gatevault_store_tests::{Fixture, is_unavailable, shared};
use gatevault_tests::SECRET;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use crate::behind_proxy::LIMIT;
use crate::fake_sentinel::FakeSentinel;

async fn start() -> (SentinelGroup, RedisEndpoint) {
    let group = spawn_blocking(SentinelGroup::start).await.unwrap();
    let endpoint = RedisEndpoint::sentinel(group.urls(), SentinelGroup::MASTER);
    (group, endpoint)
}

async fn sessions(endpoint: &RedisEndpoint) -> Arc<dyn SessionStore> {
    shared(RedisSessions::connect(endpoint.clone()).await.unwrap().time_limit(LIMIT))
}

/// A node whose stores are both in Redis.
async fn node(endpoint: &RedisEndpoint) -> Fixture {
    let attempts = RedisAttempts::connect(endpoint.clone()).await.unwrap().time_limit(LIMIT);
    Fixture::with_settings(&sessions(endpoint).await, |oauth| {
        // Longer than a failover: a client that missed the answer before it presents the same token after it.
        oauth
            .refresh_grace(RefreshGrace::Window(Duration::from_mins(1)))
            .throttle(LoginThrottle::new(attempts))
    })
}

/// Returns whether both replicas have all writes so far.
async fn is_replicated(url: &str) -> bool {
    let client = redis::Client::open(url).unwrap();
    let Ok(mut connection) = client.get_multiplexed_async_connection().await else { return false };
    // A connection waits for its own writes, and these follow all earlier ones.
    let written = redis::cmd("SET").arg("marker").arg(1).exec_async(&mut connection).await;
    let replicas = redis::cmd("WAIT").arg(2).arg(400).query_async::<u32>(&mut connection).await;
    written.is_ok() && replicas.is_ok_and(|replicas| replicas == 2)
}

/// Repeats the operation while its outcome is inconclusive.
async fn retry<T, F: Future<Output = Result<T, gatevault::GuardError>>>(
    mut operation: impl FnMut() -> F,
) -> T {
    let start = Instant::now();
    loop {
        let outcome = operation().await;
        if !is_unavailable(&outcome) {
            return outcome.unwrap();
        }
        assert!(start.elapsed() < PATIENCE, "no new master after {PATIENCE:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Refreshes again and again. Returns `None` if the failover came between a rotation and its replication: then the rotation
/// may be lost, and the session is revoked as if its token was stolen.
async fn refresh_during_failover(fixture: Fixture, url: String, mut pair: TokenPair) -> Option<TokenPair> {
    loop {
        let outcome = fixture.refresh(&pair).await;
        if is_unavailable(&outcome) {
            return Some(retry(|| fixture.refresh(&pair)).await);
        }
        pair = outcome.unwrap();
        if !is_replicated(&url).await {
            return None;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_works_again_after_the_sentinels_elect_another_master() {
    let (mut group, endpoint) = start().await;
    let fixture = node(&endpoint).await;
    let mut pairs = Vec::new();
    for number in 0..8 {
        pairs.push(fixture.login(&fixture.add(number)).await);
    }
    let url = group.master().url();
    while !is_replicated(&url).await {}
    let idle = pairs.split_off(4);
    let mut busy = JoinSet::new();
    for pair in pairs {
        busy.spawn(refresh_during_failover(fixture.clone(), url.clone(), pair));
    }
    sleep(Duration::from_millis(300)).await;
    let killed = Instant::now();
    let mut group = spawn_blocking(move || {
        // One sentinel of three fails with the master.
        group.kill_sentinel(0);
        group.master().kill();
        group
    })
    .await
    .unwrap();
    let user = fixture.add(100);
    let pair = retry(|| fixture.try_login(&user)).await;
    for pair in idle.iter().chain([&pair]).chain(busy.join_all().await.iter().flatten()) {
        let next = retry(|| fixture.refresh(pair)).await;
        retry(|| fixture.oauth.async_logout(next.refresh_token.as_str())).await;
    }
    assert!(retry(|| fixture.oauth.async_sessions(user.clone())).await.is_empty());
    // A sentinel may learn of the election later than the others.
    while group.master().url() == url {
        assert!(killed.elapsed() < PATIENCE, "the sentinels do not agree on a new master");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connection_that_listens_follows_the_master() {
    let (mut group, endpoint) = start().await;
    let fixture = node(&endpoint).await;
    let user = fixture.add(1);
    let (one, other) = (fixture.login(&user).await, fixture.login(&user).await);
    let listening = TokenManager::builder().secret(SECRET).leeway(Duration::from_mins(1)).build().unwrap();
    // Only a notification makes this feed ask.
    let feed = RevocationFeed::of(sessions(&endpoint).await).poll_interval(Duration::from_hours(1));
    let _feed = feed.max_staleness(Duration::from_hours(2)).follow(&listening).unwrap();
    let opens =
        |pair: &TokenPair| listening.decode_access_token::<gatevault::Payload>(&pair.access_token).is_ok();
    let url = group.master().url();
    while !is_replicated(&url).await {}
    group.master().kill();
    let next = retry(|| fixture.refresh(&one)).await;
    retry(|| fixture.oauth.async_logout(next.refresh_token.as_str())).await;
    let start = Instant::now();
    while opens(&one) {
        assert!(start.elapsed() < PATIENCE, "the listening connection did not follow");
        sleep(Duration::from_millis(200)).await;
        // The first question of the feed fails, on its connection to the old master. Each logout is another notification.
        let extra = retry(|| fixture.try_login(&user)).await;
        retry(|| fixture.oauth.async_logout(extra.refresh_token.as_str())).await;
    }
    assert!(opens(&other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_was_replaced_in_an_orderly_way_is_left() {
    let (group, endpoint) = start().await;
    let fixture = node(&endpoint).await;
    let user = fixture.add(1);
    let mut pair = fixture.login(&user).await;
    let before = group.master_port();
    group.switch_master();
    let start = Instant::now();
    while group.master_port() == before || start.elapsed() < Duration::from_secs(2) {
        pair = retry(|| fixture.refresh(&pair)).await;
        assert!(start.elapsed() < PATIENCE, "no new master after {PATIENCE:?}");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fixture.oauth.async_sessions(user).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_freezes_is_left_and_not_used_when_it_continues() {
    let (mut group, endpoint) = start().await;
    let fixture = node(&endpoint).await;
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    let url = group.master().url();
    while !is_replicated(&url).await {}
    group.master().pause();
    let next = retry(|| fixture.refresh(&pair)).await;
    group.resume_all();
    // The server is a master until a sentinel notices it.
    let start = Instant::now();
    let mut pair = next;
    while start.elapsed() < Duration::from_secs(3) {
        pair = retry(|| fixture.refresh(&pair)).await;
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fixture.oauth.async_sessions(user).await.unwrap().len(), 1);
}

/// A replica that was the master keeps its connections until a sentinel closes them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_became_read_only_is_left_at_once() {
    let (old, new) = (RedisServer::start(), RedisServer::start());
    let sentinel = FakeSentinel::of(old.address());
    let fixture = Fixture::over(&sessions(&RedisEndpoint::sentinel([sentinel.url()], "any")).await);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    send(&new, &["REPLICAOF", "127.0.0.1", &old.address().port().to_string()]).await;
    while !synchronized(&new).await {
        sleep(Duration::from_millis(20)).await;
    }
    send(&new, &["REPLICAOF", "NO", "ONE"]).await;
    send(&old, &["REPLICAOF", "127.0.0.1", &new.address().port().to_string()]).await;
    assert!(is_unavailable(&fixture.refresh(&pair).await), "the server of the open connection is read-only");
    assert!(is_unavailable(&fixture.refresh(&pair).await), "the sentinel does not know the new master yet");
    sentinel.set(new.address());
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_of_a_sentinel_that_is_behind_is_not_used() {
    let (old, master) = (RedisServer::start(), RedisServer::start());
    send(&old, &["REPLICAOF", "127.0.0.1", &master.address().port().to_string()]).await;
    let behind = [FakeSentinel::of(old.address()), FakeSentinel::of(old.address())];
    let current = FakeSentinel::of(master.address());
    let nothing_listens = "redis://127.0.0.1:1/".to_owned();
    let urls = [behind[0].url(), nothing_listens, behind[1].url(), current.url()];
    for _ in 0..5 {
        let fixture = Fixture::over(&sessions(&RedisEndpoint::sentinel(urls.clone(), "any")).await);
        fixture.login(&fixture.add(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_the_master_are_not_those_of_the_sentinels() {
    let master = RedisServer::start();
    send(&master, &["CONFIG", "SET", "requirepass", "correct horse"]).await;
    let sentinel = FakeSentinel::of(master.address());
    let endpoint = RedisEndpoint::sentinel([sentinel.url()], "any");
    let error = RedisSessions::connect(endpoint.clone()).await.unwrap_err();
    assert!(error.to_string().contains("NOAUTH"), "{error}");
    let endpoint = endpoint.master_settings("redis://:correct%20horse@any/3").key_prefix("{shop}");
    let fixture = Fixture::over(&sessions(&endpoint).await);
    let pair = fixture.login(&fixture.add(1)).await;
    let client = redis::Client::open(format!("redis://:correct%20horse@{}/3", master.address())).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = format!("{{shop}}:s:{}", fixture.session_of(&pair));
    assert!(redis::cmd("EXISTS").arg(key).query_async::<bool>(&mut connection).await.unwrap());
}

async fn send(server: &RedisServer, command: &[&str]) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd(command[0]).arg(&command[1..]).exec_async(&mut connection).await.unwrap();
}

async fn synchronized(server: &RedisServer) -> bool {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let info: String = redis::cmd("INFO").arg("replication").query_async(&mut connection).await.unwrap();
    info.contains("master_link_status:up")
}

/// Enough for an election on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
