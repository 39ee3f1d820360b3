//! A refresh token, its successor, and what becomes of those who come too late.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{GuardError, Payload, TokenError};
use gatevault_store_tests::{Place, World, is_expired, is_revoked};
use tokio::time::sleep;

over_every_store!(
    a_refresh_token_has_one_successor_within_the_grace,
    the_grace_ends_and_does_not_slide,
    a_token_older_than_the_predecessor_ends_the_session,
    the_predecessor_of_the_current_token_is_good_in_every_generation,
    an_unknown_session_is_refused,
    a_session_is_over_after_its_lifetime,
    hostile_ids_are_unknown_and_nothing_else,
);

async fn a_refresh_token_has_one_successor_within_the_grace(place: &Place) {
    let world = World::over(&place.store);
    let first = world.login(&world.add(1)).await;
    let second = world.refresh(&first).await.unwrap();
    let again = world.refresh(&first).await.unwrap();
    let (one, other) = (world.read(&second), world.read(&again));
    assert_eq!(one.token_id(), other.token_id());
    assert_eq!((one.issued_at(), one.expires_at()), (other.issued_at(), other.expires_at()));
    assert_ne!(one.token_id(), world.read(&first).token_id());
    assert_eq!(one.session_id(), world.read(&first).session_id());
    assert!(world.refresh(&again).await.is_ok());
}

async fn the_grace_ends_and_does_not_slide(place: &Place) {
    let world = World::set(&place.store, |oauth| oauth.refresh_grace(Duration::from_secs(4)));
    let first = world.login(&world.add(1)).await;
    let second = world.refresh(&first).await.unwrap();
    for _ in 0..3 {
        // By the clock of the store where it has one, and by the caller's where it has none.
        sleep(Duration::from_millis(400)).await;
        world.clock.advance(Duration::from_millis(400));
        assert!(world.refresh(&first).await.is_ok());
    }
    sleep(Duration::from_millis(3200)).await;
    world.clock.advance(Duration::from_millis(3200));
    assert!(is_revoked(&world.refresh(&first).await));
    assert!(is_revoked(&world.refresh(&second).await));
    assert!(!world.opens(&second));
}

async fn a_token_older_than_the_predecessor_ends_the_session(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let bystander = world.login(&user).await;
    let first = world.login(&user).await;
    let second = world.refresh(&first).await.unwrap();
    let third = world.refresh(&second).await.unwrap();
    assert!(is_revoked(&world.refresh(&first).await));
    for pair in [&first, &second, &third] {
        assert!(is_revoked(&world.refresh(pair).await));
        assert!(!world.opens(pair));
    }
    assert!(world.opens(&bystander));
    assert!(world.refresh(&bystander).await.is_ok());
}

async fn the_predecessor_of_the_current_token_is_good_in_every_generation(place: &Place) {
    let world = World::over(&place.store);
    let mut pair = world.login(&world.add(1)).await;
    for _ in 0..20 {
        let next = world.refresh(&pair).await.unwrap();
        assert_eq!(world.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
        pair = next;
    }
}

/// Also what a store that came back empty answers.
async fn an_unknown_session_is_refused(place: &Place) {
    let elsewhere = Place::memory().await;
    let world = World::over(&elsewhere.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    let here = world.beside(&place.store);
    assert!(is_revoked(&here.refresh(&pair).await));
    assert!(here.oauth.async_sessions(user).await.unwrap().is_empty(), "not taken for a new one");
    assert!(world.refresh(&pair).await.is_ok());
}

async fn a_session_is_over_after_its_lifetime(place: &Place) {
    let world = World::set(&place.store, |oauth| oauth.session_lifetime(Duration::from_hours(1)));
    let user = world.add(1);
    let mut pair = world.login(&user).await;
    let end = world.read(&pair).expires_at();
    for _ in 0..5 {
        world.clock.advance(Duration::from_mins(11));
        pair = world.refresh(&pair).await.unwrap();
        assert_eq!(world.read(&pair).expires_at(), end, "cut to the life of the session");
    }
    // The leeway is a minute.
    world.clock.advance(Duration::from_mins(6));
    assert!(is_expired(&world.refresh(&pair).await));
    assert!(world.oauth.async_sessions(user).await.unwrap().is_empty());
}

async fn hostile_ids_are_unknown_and_nothing_else(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    for session in
        ["", "'; DROP TABLE gatevault_sessions; --", "a\r\nFLUSHALL\r\n", "nul\0", "ü{}*", &"x".repeat(9000)]
    {
        let ended = world.oauth.async_revoke(user.clone(), session).await;
        assert!(!ended.is_ok_and(|ended| ended), "{session:?}");
    }
    assert!(world.refresh(&pair).await.is_ok());
    let bare = world.tokens.create_refresh_token(&Payload::new(user)).unwrap();
    let denial = world.oauth.async_refresh(bare).await.unwrap_err();
    assert!(
        matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::Session(_)))),
        "{denial:?}"
    );
}
