//! How the end of a session reaches the guards of another process, which here is another manager.

use std::time::{Duration, Instant};

use gatevault::session::RevocationCursor;
use gatevault::{RevocationFeed, Timestamp, TokenManager, TokenPair};
use gatevault_store_tests::{Place, World};
use gatevault_tests::SECRET;
use tokio::time::sleep;

over_every_store!(
    an_end_reaches_guards_elsewhere_within_the_stated_bound,
    reuse_reaches_guards_elsewhere_too,
    a_node_that_starts_later_knows_what_has_ended_before,
    who_has_heard_of_an_end_has_heard_of_all_before_it,
);

/// A service that guards functions and does nothing else.
fn guarding_node() -> TokenManager {
    TokenManager::builder().secret(SECRET).leeway(Duration::from_mins(1)).build().unwrap()
}

fn opens(node: &TokenManager, pair: &TokenPair) -> bool {
    node.decode_access_token::<gatevault::Payload>(&pair.access_token).is_ok()
}

async fn assert_refused_soon(node: &TokenManager, pair: &TokenPair, bound: Duration) {
    let start = Instant::now();
    while opens(node, pair) {
        assert!(start.elapsed() < bound, "not heard of within {bound:?}");
        sleep(Duration::from_millis(1)).await;
    }
}

/// A poll, and what a busy machine adds.
const BOUND: Duration = Duration::from_secs(5);

async fn an_end_reaches_guards_elsewhere_within_the_stated_bound(place: &Place) {
    let world = World::over(&place.store);
    let node = guarding_node();
    let _feed = RevocationFeed::of(place.store.clone())
        .poll_interval(Duration::from_millis(200))
        .follow(&node)
        .unwrap();
    let user = world.add(1);
    let (one, other) = (world.login(&user).await, world.login(&user).await);
    assert!(opens(&node, &one) && opens(&node, &other));
    world.oauth.async_logout(one.refresh_token.as_str()).await.unwrap();
    assert!(!world.opens(&one), "at once where it was ended");
    assert_refused_soon(&node, &one, BOUND).await;
    assert!(opens(&node, &other));
    world.oauth.async_logout_everywhere(user).await.unwrap();
    assert_refused_soon(&node, &other, BOUND).await;
}

async fn reuse_reaches_guards_elsewhere_too(place: &Place) {
    let world = World::over(&place.store);
    let node = guarding_node();
    let _feed = RevocationFeed::of(place.store.clone())
        .poll_interval(Duration::from_millis(200))
        .follow(&node)
        .unwrap();
    let first = world.login(&world.add(1)).await;
    let second = world.refresh(&first).await.unwrap();
    let third = world.refresh(&second).await.unwrap();
    assert!(opens(&node, &third));
    assert!(world.refresh(&first).await.is_err());
    assert_refused_soon(&node, &third, BOUND).await;
}

async fn a_node_that_starts_later_knows_what_has_ended_before(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let (gone, kept) = (world.login(&user).await, world.login(&user).await);
    world.oauth.async_logout(gone.refresh_token.as_str()).await.unwrap();
    let node = guarding_node();
    let _feed = RevocationFeed::of(place.store.clone()).follow(&node).unwrap();
    assert_refused_soon(&node, &gone, BOUND).await;
    assert!(opens(&node, &kept));
}

/// While many sessions end at once, a reader follows by position and misses none.
async fn who_has_heard_of_an_end_has_heard_of_all_before_it(place: &Place) {
    let world = World::over(&place.store);
    let mut sessions = Vec::new();
    for number in 0..40 {
        let user = world.add(number);
        let pair = world.login(&user).await;
        sessions.push((user, world.session_of(&pair)));
    }
    let mut position = place
        .store
        .revocations_since(RevocationCursor::Time(Timestamp::from_seconds(0).unwrap()))
        .await
        .unwrap()
        .position;
    let mut ending = tokio::task::JoinSet::new();
    for (user, session) in sessions.clone() {
        let world = world.clone();
        ending.spawn(async move { world.oauth.async_revoke(user, &session).await.unwrap() });
    }
    let mut heard = Vec::new();
    let start = Instant::now();
    while heard.len() < sessions.len() && start.elapsed() < Duration::from_secs(20) {
        let ended = place.store.revocations_since(RevocationCursor::Position(position)).await.unwrap();
        position = ended.position;
        heard.extend(ended.sessions);
    }
    assert!(ending.join_all().await.into_iter().all(|ended| ended));
    heard.sort();
    let mut expected: Vec<_> = sessions.into_iter().map(|(_, session)| session).collect();
    expected.sort();
    assert_eq!(heard, expected);
}
