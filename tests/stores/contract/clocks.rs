//! Clocks that are wrong: what comes first is known without them.

use std::time::Duration;

use gatevault::Clock as _;
use gatevault_store_tests::{Place, World, is_revoked};

over_every_store!(
    two_nodes_half_a_minute_apart_share_a_session,
    two_rotations_in_one_second_are_told_apart,
    a_node_an_hour_behind_decides_nothing_and_costs_nobody_a_session,
    a_node_an_hour_ahead_does_not_mistake_a_token_for_an_old_one,
);

async fn two_nodes_half_a_minute_apart_share_a_session(place: &Place) {
    let one = World::over(&place.store);
    let other = one.beside(&place.store);
    other.clock.advance(Duration::from_secs(30));
    let mut pair = one.login(&one.add(1)).await;
    for _ in 0..5 {
        let next = one.refresh(&pair).await.unwrap();
        let later = other.refresh(&next).await.unwrap();
        let again = other.refresh(&next).await.unwrap();
        assert_eq!(later.refresh_token, again.refresh_token);
        pair = later;
    }
    // The grace is that of one clock, where the store has one: the predecessor may come to the other node.
    let next = one.refresh(&pair).await.unwrap();
    let elsewhere = other.refresh(&pair).await;
    assert_eq!(elsewhere.is_ok_and(|pair| pair.refresh_token == next.refresh_token), !place.has_no_clock());
}

async fn two_rotations_in_one_second_are_told_apart(place: &Place) {
    let world = World::over(&place.store);
    let first = world.login(&world.add(1)).await;
    let second = world.refresh(&first).await.unwrap();
    let third = world.refresh(&second).await.unwrap();
    assert_eq!(world.read(&first).issued_at(), world.read(&third).issued_at());
    assert_eq!(world.refresh(&second).await.unwrap().refresh_token, third.refresh_token);
    assert!(is_revoked(&world.refresh(&first).await));
}

async fn a_node_an_hour_behind_decides_nothing_and_costs_nobody_a_session(place: &Place) {
    let world = World::over(&place.store);
    let pair = world.login(&world.add(1)).await;
    let behind = world.beside(&place.store);
    behind.clock.set(behind.clock.now() - Duration::from_hours(1));
    let denial = behind.refresh(&pair).await.unwrap_err();
    assert_eq!(denial.status(), 401, "a token from the future");
    assert!(world.refresh(&pair).await.is_ok());
}

async fn a_node_an_hour_ahead_does_not_mistake_a_token_for_an_old_one(place: &Place) {
    let world = World::over(&place.store);
    let first = world.login(&world.add(1)).await;
    let ahead = world.beside(&place.store);
    ahead.clock.advance(Duration::from_hours(1));
    let second = ahead.refresh(&first).await.unwrap();
    let third = ahead.refresh(&second).await.unwrap();
    assert_eq!(ahead.refresh(&second).await.unwrap().refresh_token, third.refresh_token);
    // What it cleans up is only what is over for everybody.
    let other = world.login(&world.add(2)).await;
    place.store.remove_expired(gatevault::Timestamp::from_seconds(4_000_000_000).unwrap()).await.unwrap();
    assert_eq!(world.refresh(&other).await.is_ok(), !place.has_no_clock());
}
