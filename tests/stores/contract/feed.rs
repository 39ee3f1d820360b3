//! Revocations that reach the guards of another process, here another token manager.

use std::time::{Duration, Instant};

use gatevault::session::RevocationCursor;
use gatevault::{ApiKeys, RevocationFeed, Timestamp, TokenManager, TokenPair};
use gatevault_store_tests::{Backend, Fixture, ids};
use gatevault_tests::SECRET;
use tokio::time::sleep;

over_every_store!(
    a_revocation_reaches_guards_elsewhere_within_the_documented_bound,
    reuse_reaches_guards_elsewhere_too,
    a_node_that_starts_later_knows_earlier_revocations,
    a_reader_that_has_seen_a_revocation_has_seen_all_before_it,
);

/// Creates the token manager of a service that only guards functions.
fn guarding_node() -> TokenManager {
    TokenManager::builder().secret(SECRET).leeway(Duration::from_mins(1)).build().unwrap()
}

fn opens(node: &TokenManager, pair: &TokenPair) -> bool {
    node.decode_access_token::<gatevault::Payload>(&pair.access_token).is_ok()
}

async fn assert_refused_soon(node: &TokenManager, pair: &TokenPair, bound: Duration) {
    let start = Instant::now();
    while opens(node, pair) {
        assert!(start.elapsed() < bound, "still accepted after {bound:?}");
        sleep(Duration::from_millis(1)).await;
    }
}

/// A poll, with a margin for a busy machine.
const BOUND: Duration = Duration::from_secs(5);

async fn a_revocation_reaches_guards_elsewhere_within_the_documented_bound(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let node = guarding_node();
    let _feed = RevocationFeed::of(backend.store.clone())
        .poll_interval(Duration::from_millis(200))
        .follow(&node)
        .unwrap();
    let user = fixture.add(1);
    let (one, other) = (fixture.login(&user).await, fixture.login(&user).await);
    assert!(opens(&node, &one) && opens(&node, &other));
    fixture.oauth.async_logout(one.refresh_token.as_str()).await.unwrap();
    assert!(!fixture.opens(&one), "at once on the node that revoked it");
    assert_refused_soon(&node, &one, BOUND).await;
    assert!(opens(&node, &other));
    fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap();
    assert_refused_soon(&node, &other, BOUND).await;
}

async fn reuse_reaches_guards_elsewhere_too(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let node = guarding_node();
    let _feed = RevocationFeed::of(backend.store.clone())
        .poll_interval(Duration::from_millis(200))
        .follow(&node)
        .unwrap();
    let first = fixture.login(&fixture.add(1)).await;
    let second = fixture.refresh(&first).await.unwrap();
    let third = fixture.refresh(&second).await.unwrap();
    assert!(opens(&node, &third));
    assert!(fixture.refresh(&first).await.is_err());
    assert_refused_soon(&node, &third, BOUND).await;
}

async fn a_node_that_starts_later_knows_earlier_revocations(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let (gone, kept) = (fixture.login(&user).await, fixture.login(&user).await);
    fixture.oauth.async_logout(gone.refresh_token.as_str()).await.unwrap();
    let node = guarding_node();
    let _feed = RevocationFeed::of(backend.store.clone()).follow(&node).unwrap();
    assert_refused_soon(&node, &gone, BOUND).await;
    assert!(opens(&node, &kept));
}

/// Reads by position while many sessions are revoked concurrently, and misses none.
async fn a_reader_that_has_seen_a_revocation_has_seen_all_before_it(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let mut sessions = Vec::new();
    for number in 0..40 {
        let user = fixture.add(number);
        let pair = fixture.login(&user).await;
        sessions.push((user, fixture.session_of(&pair)));
    }
    let mut position = backend
        .store
        .revocations_since(RevocationCursor::Time(Timestamp::from_seconds(0).unwrap()))
        .await
        .unwrap()
        .position;
    let mut revoking = tokio::task::JoinSet::new();
    for (user, session) in sessions.clone() {
        let fixture = fixture.clone();
        revoking.spawn(async move { fixture.oauth.async_revoke(user, &session).await.unwrap() });
    }
    let mut seen = Vec::new();
    let start = Instant::now();
    while seen.len() < sessions.len() && start.elapsed() < Duration::from_secs(20) {
        let batch = backend.store.revocations_since(RevocationCursor::Position(position)).await.unwrap();
        position = batch.position;
        seen.extend(ids(batch));
    }
    assert!(revoking.join_all().await.into_iter().all(|was_active| was_active));
    seen.sort();
    let mut expected: Vec<_> = sessions.into_iter().map(|(_, session)| session).collect();
    expected.sort();
    assert_eq!(seen, expected);
}
