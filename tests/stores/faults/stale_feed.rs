//! A feed that loses its store: it catches up later, and the policy decides what guards do meanwhile.

use std::time::{Duration, Instant};

use gatevault::session::StalePolicy;
use gatevault::{GateVault, Payload, RevocationFeed, TokenManager, TokenPair};
use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::Fixture;
use gatevault_tests::SECRET;
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_during_an_outage_arrives_after_it_in_redis() {
    a_revocation_during_an_outage_arrives_after_it::<RedisServer>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_during_an_outage_arrives_after_it_in_postgres() {
    a_revocation_during_an_outage_arrives_after_it::<PostgresServer>().await;
}

async fn a_revocation_during_an_outage_arrives_after_it<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.direct);
    let user = fixture.add(1);
    let (one, other) = (fixture.login(&user).await, fixture.login(&user).await);
    let node = guarding_node();
    let _feed = RevocationFeed::of(behind.store.clone())
        .poll_interval(Duration::from_millis(100))
        .max_staleness(Duration::from_secs(1))
        .when_stale(StalePolicy::Deny)
        .follow(&node)
        .unwrap();
    assert!(becomes(&node, &one, 200).await, "the first answer has arrived");

    behind.proxy.refuse();
    fixture.oauth.async_logout(one.refresh_token.as_str()).await.unwrap();
    assert!(becomes(&node, &other, 503).await, "the feed is stale");
    behind.proxy.pass();
    assert!(becomes(&node, &other, 200).await);
    assert!(becomes(&node, &one, 401).await, "the missed revocation has arrived");

    // Without closing the connection, in both directions.
    behind.proxy.stall();
    fixture.oauth.async_logout(other.refresh_token.as_str()).await.unwrap();
    assert!(becomes(&node, &other, 503).await);
    behind.proxy.cut();
    behind.proxy.pass();
    assert!(becomes(&node, &other, 401).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_default_guards_continue_with_the_revocations_they_know() {
    let behind = Behind::<RedisServer>::proxy().await;
    let fixture = Fixture::over(&behind.direct);
    let pair = fixture.login(&fixture.add(1)).await;
    let node = guarding_node();
    let feed = RevocationFeed::of(behind.store.clone());
    let feed = feed.poll_interval(Duration::from_millis(50)).max_staleness(Duration::from_millis(200));
    let _feed = feed.follow(&node).unwrap();
    behind.proxy.refuse();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(status(&node, &pair), 200);
}

pub(crate) fn guarding_node() -> TokenManager {
    TokenManager::builder().secret(SECRET).leeway(Duration::from_mins(1)).build().unwrap()
}

fn status(node: &TokenManager, pair: &TokenPair) -> u16 {
    let gate = GateVault::new(node.clone());
    gate.verify::<Payload>(pair.access_token.as_str()).map_or_else(|denial| denial.status(), |_| 200)
}

pub(crate) async fn becomes(node: &TokenManager, pair: &TokenPair, expected: u16) -> bool {
    let start = Instant::now();
    while status(node, pair) != expected {
        if start.elapsed() > Duration::from_secs(20) {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}
