//! A feed that loses its store: what it has missed is made up for, and what guards do meanwhile is chosen.

use std::time::{Duration, Instant};

use gatevault::session::StalePolicy;
use gatevault::{GateVault, Payload, RevocationFeed, TokenManager, TokenPair};
use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::World;
use gatevault_tests::SECRET;
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_during_an_outage_is_heard_of_after_it_in_redis() {
    what_ends_during_an_outage_is_heard_of_after_it::<RedisServer>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_during_an_outage_is_heard_of_after_it_in_postgres() {
    what_ends_during_an_outage_is_heard_of_after_it::<PostgresServer>().await;
}

async fn what_ends_during_an_outage_is_heard_of_after_it<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.direct);
    let user = world.add(1);
    let (one, other) = (world.login(&user).await, world.login(&user).await);
    let node = guarding_node();
    let _feed = RevocationFeed::of(behind.store.clone())
        .poll_interval(Duration::from_millis(100))
        .max_staleness(Duration::from_secs(1))
        .when_stale(StalePolicy::Deny)
        .follow(&node)
        .unwrap();
    assert!(becomes(&node, &one, 200).await, "the first answer has come");

    behind.proxy.refuse();
    world.oauth.async_logout(one.refresh_token.as_str()).await.unwrap();
    assert!(becomes(&node, &other, 503).await, "silent for too long");
    behind.proxy.pass();
    assert!(becomes(&node, &other, 200).await);
    assert!(becomes(&node, &one, 401).await, "missed and made up for");

    // Cut without a word, in both directions.
    behind.proxy.stall();
    world.oauth.async_logout(other.refresh_token.as_str()).await.unwrap();
    assert!(becomes(&node, &other, 503).await);
    behind.proxy.cut();
    behind.proxy.pass();
    assert!(becomes(&node, &other, 401).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unless_told_otherwise_guards_go_on_with_what_they_know() {
    let behind = Behind::<RedisServer>::proxy().await;
    let world = World::over(&behind.direct);
    let pair = world.login(&world.add(1)).await;
    let node = guarding_node();
    let feed = RevocationFeed::of(behind.store.clone());
    let feed = feed.poll_interval(Duration::from_millis(50)).max_staleness(Duration::from_millis(200));
    let _feed = feed.follow(&node).unwrap();
    behind.proxy.refuse();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(status(&node, &pair), 200);
}

fn guarding_node() -> TokenManager {
    TokenManager::builder().secret(SECRET).leeway(Duration::from_mins(1)).build().unwrap()
}

fn status(node: &TokenManager, pair: &TokenPair) -> u16 {
    let gate = GateVault::new(node.clone());
    gate.verify::<Payload>(pair.access_token.as_str()).map_or_else(|denial| denial.status(), |_| 200)
}

async fn becomes(node: &TokenManager, pair: &TokenPair, expected: u16) -> bool {
    let start = Instant::now();
    while status(node, pair) != expected {
        if start.elapsed() > Duration::from_secs(20) {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}
