//! Wrong clocks: the order of tokens does not depend on them.

use gatevault::session::RemoveExpired;
use std::time::Duration;

use gatevault::Clock as _;
use gatevault_store_tests::{Backend, Fixture, is_revoked};

over_every_store!(
    two_nodes_half_a_minute_apart_share_a_session,
    two_rotations_in_one_second_are_distinguished,
    a_node_an_hour_behind_decides_nothing_and_costs_no_user_a_session,
    a_node_an_hour_ahead_does_not_mistake_a_token_for_an_old_one,
);

async fn two_nodes_half_a_minute_apart_share_a_session(backend: &Backend) {
    let one = Fixture::over(&backend.store);
    let other = one.beside(&backend.store);
    other.clock.advance(Duration::from_secs(30));
    let mut pair = one.login(&one.add(1)).await;
    for _ in 0..5 {
        let next = one.refresh(&pair).await.unwrap();
        let later = other.refresh(&next).await.unwrap();
        let again = other.refresh(&next).await.unwrap();
        assert_eq!(later.refresh_token, again.refresh_token);
        pair = later;
    }
    // With a clock in the store, the grace period is the same for all nodes: the other node accepts the previous token.
    let next = one.refresh(&pair).await.unwrap();
    let elsewhere = other.refresh(&pair).await;
    assert_eq!(elsewhere.is_ok_and(|pair| pair.refresh_token == next.refresh_token), !backend.has_no_clock());
}

async fn two_rotations_in_one_second_are_distinguished(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let first = fixture.login(&fixture.add(1)).await;
    let second = fixture.refresh(&first).await.unwrap();
    let third = fixture.refresh(&second).await.unwrap();
    assert_eq!(fixture.read(&first).issued_at(), fixture.read(&third).issued_at());
    assert_eq!(fixture.refresh(&second).await.unwrap().refresh_token, third.refresh_token);
    assert!(is_revoked(&fixture.refresh(&first).await));
}

async fn a_node_an_hour_behind_decides_nothing_and_costs_no_user_a_session(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let pair = fixture.login(&fixture.add(1)).await;
    let behind = fixture.beside(&backend.store);
    behind.clock.set(behind.clock.now() - Duration::from_hours(1));
    let denial = behind.refresh(&pair).await.unwrap_err();
    assert_eq!(denial.status(), 401, "a token from the future");
    assert!(fixture.refresh(&pair).await.is_ok());
}

async fn a_node_an_hour_ahead_does_not_mistake_a_token_for_an_old_one(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let first = fixture.login(&fixture.add(1)).await;
    let ahead = fixture.beside(&backend.store);
    ahead.clock.advance(Duration::from_hours(1));
    let second = ahead.refresh(&first).await.unwrap();
    let third = ahead.refresh(&second).await.unwrap();
    assert_eq!(ahead.refresh(&second).await.unwrap().refresh_token, third.refresh_token);
    // A store with a clock removes only what has expired by that clock as well.
    let other = fixture.login(&fixture.add(2)).await;
    let future = gatevault::Timestamp::from_seconds(4_000_000_000).unwrap();
    backend.store.remove_expired(RemoveExpired::new(future, Duration::ZERO)).await.unwrap();
    assert_eq!(fixture.refresh(&other).await.is_ok(), !backend.has_no_clock());
}
