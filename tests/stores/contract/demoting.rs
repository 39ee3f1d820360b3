//! Roles that change while sessions stay: over every store, on two nodes.

use std::time::{Duration, Instant};

use gatevault::session::{RemoveExpired, RevocationCursor};
use gatevault::{Payload, TokenPair};
use gatevault_store_tests::{Backend, Fixture};
use tokio::task::JoinSet;
use tokio::time::sleep;

over_every_store!(
    access_tokens_of_before_are_refused_on_every_node_and_sessions_stay,
    a_removed_user_is_refused_on_every_node_and_gets_no_other_token,
    a_second_demotion_on_a_node_that_knows_of_no_other_refuses_what_was_created_between,
    of_demotions_at_the_same_time_none_is_lost,
    a_demotion_is_kept_as_long_as_an_access_token_lives,
);

/// Waits until a node that follows the store, or has revoked by itself, refuses the access token.
async fn refused_soon(node: &Fixture, pair: &TokenPair) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while node.opens(pair) {
        assert!(Instant::now() < deadline, "the feed brought nothing");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Starts a feed. The store in memory is not shared, so its handlers start none.
fn follow(backend: &Backend, node: &Fixture) -> gatevault::RevocationFeed {
    let feed = gatevault::RevocationFeed::of(backend.store.clone());
    feed.poll_interval(Duration::from_millis(50)).follow(&node.tokens).unwrap()
}

async fn access_tokens_of_before_are_refused_on_every_node_and_sessions_stay(backend: &Backend) {
    let here = Fixture::over(&backend.store);
    let there = here.beside(&backend.store);
    let _feed = follow(backend, &there);
    let (user, other) = (here.add(1), here.add("1"));
    let (pair, namesake) = (here.login(&user).await, here.login(&other).await);
    here.oauth.async_revoke_access_tokens(user.clone()).await.unwrap();
    assert!(!here.opens(&pair), "here, at once");
    refused_soon(&there, &pair).await;
    let next = there.refresh(&pair).await.unwrap();
    for node in [&here, &there] {
        assert!(node.opens(&next) && node.opens(&namesake), "in the same second");
    }
    assert_eq!(here.oauth.async_sessions(user).await.unwrap().len(), 1);
}

async fn a_removed_user_is_refused_on_every_node_and_gets_no_other_token(backend: &Backend) {
    let here = Fixture::over(&backend.store);
    let there = here.beside(&backend.store);
    let _feed = follow(backend, &there);
    let user = here.add(1);
    let pair = here.login(&user).await;
    here.remove(&user);
    here.oauth.async_revoke_access_tokens(user).await.unwrap();
    refused_soon(&there, &pair).await;
    for node in [&here, &there] {
        assert_eq!(node.refresh(&pair).await.unwrap_err().status(), 401);
    }
}

/// The clock of the second node is behind.
async fn a_second_demotion_on_a_node_that_knows_of_no_other_refuses_what_was_created_between(
    backend: &Backend,
) {
    let here = Fixture::over(&backend.store);
    let user = here.add(1);
    let pair = here.login(&user).await;
    here.clock.advance(Duration::from_secs(20));
    here.oauth.async_revoke_access_tokens(user.clone()).await.unwrap();
    let between = here.refresh(&pair).await.unwrap();
    assert!(here.opens(&between));
    let _feed = follow(backend, &here);
    here.beside(&backend.store).oauth.async_revoke_access_tokens(user).await.unwrap();
    refused_soon(&here, &between).await;
    let next = here.refresh(&between).await.unwrap();
    assert!(here.opens(&next));
}

async fn of_demotions_at_the_same_time_none_is_lost(backend: &Backend) {
    let here = Fixture::over(&backend.store);
    let users: Vec<_> = (1..=5).map(|id| here.add(id)).collect();
    let mut pairs = Vec::new();
    for user in &users {
        pairs.push(here.login(user).await);
    }
    let mut demoting = JoinSet::new();
    for user in users.iter().cycle().take(20) {
        let (node, user) = (here.beside(&backend.store), user.clone());
        demoting.spawn(async move { node.oauth.async_revoke_access_tokens(user).await.unwrap() });
    }
    while let Some(demoted) = demoting.join_next().await {
        demoted.unwrap();
    }
    let later = here.beside(&backend.store);
    let _feed = follow(backend, &later);
    for pair in &pairs {
        refused_soon(&later, pair).await;
        let next = later.refresh(pair).await.unwrap();
        assert!(later.tokens.decode_access_token::<Payload>(&next.access_token).is_ok());
    }
}

/// A cleaning of the store by a service whose tokens live for a day.
async fn a_demotion_is_kept_as_long_as_an_access_token_lives(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    fixture.oauth.async_revoke_access_tokens(user).await.unwrap();
    let clean = async |keep| {
        let request = RemoveExpired::new(fixture.now(), keep);
        while backend.store.remove_expired(request).await.unwrap() > 0 {}
        backend.store.revocations_since(RevocationCursor::Position(0)).await.unwrap().revocations.len()
    };
    assert_eq!(clean(Duration::from_hours(24)).await, 1);
}
