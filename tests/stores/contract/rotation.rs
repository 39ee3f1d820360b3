//! Rotation: a refresh token, its successor, the grace period, and reuse.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{GuardError, Payload, RefreshGrace, TokenError};
use gatevault_store_tests::{Backend, Fixture, is_expired, is_revoked};
use tokio::time::sleep;

over_every_store!(@ memory, sqlite, postgres, partitioned, pooled, redis; [
    a_refresh_token_has_one_successor_within_the_grace
    the_grace_ends_and_does_not_slide
    a_token_older_than_the_previous_one_revokes_the_session
    the_previous_token_is_accepted_in_every_generation
    an_unknown_session_is_refused
    a_session_expires_after_its_lifetime
    hostile_ids_are_unknown_and_nothing_else
]);

async fn a_refresh_token_has_one_successor_within_the_grace(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let first = fixture.login(&fixture.add(1)).await;
    let second = fixture.refresh(&first).await.unwrap();
    let again = fixture.refresh(&first).await.unwrap();
    let (one, other) = (fixture.read(&second), fixture.read(&again));
    assert_eq!(one.token_id(), other.token_id());
    assert_eq!((one.issued_at(), one.expires_at()), (other.issued_at(), other.expires_at()));
    assert_ne!(one.token_id(), fixture.read(&first).token_id());
    assert_eq!(one.session_id(), fixture.read(&first).session_id());
    assert!(fixture.refresh(&again).await.is_ok());
}

async fn the_grace_ends_and_does_not_slide(backend: &Backend) {
    let fixture = Fixture::with_settings(&backend.store, |oauth| {
        oauth.refresh_grace(RefreshGrace::Window(Duration::from_secs(4)))
    });
    let first = fixture.login(&fixture.add(1)).await;
    let second = fixture.refresh(&first).await.unwrap();
    for _ in 0..3 {
        // Both clocks advance: a store uses its own, or the caller's if it has none.
        sleep(Duration::from_millis(400)).await;
        fixture.clock.advance(Duration::from_millis(400));
        assert!(fixture.refresh(&first).await.is_ok());
    }
    sleep(Duration::from_millis(3200)).await;
    fixture.clock.advance(Duration::from_millis(3200));
    assert!(is_revoked(&fixture.refresh(&first).await));
    assert!(is_revoked(&fixture.refresh(&second).await));
    assert!(!fixture.opens(&second));
}

async fn a_token_older_than_the_previous_one_revokes_the_session(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let bystander = fixture.login(&user).await;
    let first = fixture.login(&user).await;
    let second = fixture.refresh(&first).await.unwrap();
    let third = fixture.refresh(&second).await.unwrap();
    assert!(is_revoked(&fixture.refresh(&first).await));
    for pair in [&first, &second, &third] {
        assert!(is_revoked(&fixture.refresh(pair).await));
        assert!(!fixture.opens(pair));
    }
    assert!(fixture.opens(&bystander));
    assert!(fixture.refresh(&bystander).await.is_ok());
}

async fn the_previous_token_is_accepted_in_every_generation(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let mut pair = fixture.login(&fixture.add(1)).await;
    for _ in 0..20 {
        let next = fixture.refresh(&pair).await.unwrap();
        assert_eq!(fixture.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
        pair = next;
    }
}

/// Covers a store that lost its data as well.
async fn an_unknown_session_is_refused(backend: &Backend) {
    let elsewhere = Backend::memory().await;
    let fixture = Fixture::over(&elsewhere.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    let here = fixture.beside(&backend.store);
    assert!(is_revoked(&here.refresh(&pair).await));
    assert!(here.oauth.async_sessions(user).await.unwrap().is_empty(), "the session is not created");
    assert!(fixture.refresh(&pair).await.is_ok());
}

async fn a_session_expires_after_its_lifetime(backend: &Backend) {
    let fixture =
        Fixture::with_settings(&backend.store, |oauth| oauth.session_lifetime(Duration::from_hours(1)));
    let user = fixture.add(1);
    let mut pair = fixture.login(&user).await;
    let end = fixture.read(&pair).expires_at();
    for _ in 0..5 {
        fixture.clock.advance(Duration::from_mins(11));
        pair = fixture.refresh(&pair).await.unwrap();
        assert_eq!(fixture.read(&pair).expires_at(), end, "cut to the lifetime of the session");
    }
    // The leeway is one minute.
    fixture.clock.advance(Duration::from_mins(6));
    assert!(is_expired(&fixture.refresh(&pair).await));
    assert!(fixture.oauth.async_sessions(user).await.unwrap().is_empty());
}

async fn hostile_ids_are_unknown_and_nothing_else(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    for session in
        ["", "'; DROP TABLE gatevault_sessions; --", "a\r\nFLUSHALL\r\n", "nul\0", "ü{}*", &"x".repeat(9000)]
    {
        let ended = fixture.oauth.async_revoke(user.clone(), session).await;
        assert!(!ended.is_ok_and(|ended| ended), "{session:?}");
    }
    assert!(fixture.refresh(&pair).await.is_ok());
    let bare = fixture.tokens.create_refresh_token(&Payload::new(user)).unwrap();
    let denial = fixture.oauth.async_refresh(bare).await.unwrap_err();
    assert!(
        matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::Session(_)))),
        "{denial:?}"
    );
}
