//! Removal of expired sessions.

use gatevault::session::RemoveExpired;
use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::{ApiKeys, Clock as _, Timestamp};
use gatevault_store_tests::{Backend, Fixture, ids, is_revoked};
use tokio::task::JoinSet;

over_every_store!(@ memory, sqlite, postgres, partitioned, pooled, redis; [
    expired_sessions_are_removed_and_active_ones_are_not
    cleaning_does_not_disturb_refreshes
    a_revocation_is_found_after_others_were_removed
]);

/// Uses clocks that are an hour slow. On time, a node's own feed would remove the expired sessions first.
async fn expired_sessions_are_removed_and_active_ones_are_not(backend: &Backend) {
    let clock = ManualClock::at(SystemTime::now() - Duration::from_hours(1));
    let brief = Fixture::with_clock(&backend.store, clock.clone(), |oauth| {
        oauth.session_lifetime(Duration::from_mins(10))
    });
    let lasting = Fixture::with_clock(&backend.store, clock.clone(), |oauth| oauth);
    let user = lasting.add(1);
    brief.add(1);
    for _ in 0..5 {
        brief.login(&user).await;
    }
    let pair = lasting.login(&user).await;
    let now = Timestamp::from_seconds(lasting.now().seconds() + 3600).unwrap();
    let removed = backend.store.remove_expired(RemoveExpired::new(now, Duration::ZERO)).await.unwrap();
    // A store that expires sessions by itself may have done so already.
    assert!(removed == 5 || backend.expires_by_itself(), "{removed}");
    assert_eq!(backend.store.remove_expired(RemoveExpired::new(now, Duration::ZERO)).await.unwrap(), 0);
    clock.advance(Duration::from_hours(1));
    assert_eq!(lasting.oauth.async_sessions(user).await.unwrap().len(), 1);
    assert!(lasting.refresh(&pair).await.is_ok());
}

async fn cleaning_does_not_disturb_refreshes(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let mut pair = fixture.login(&fixture.add(1)).await;
    let mut cleaning = JoinSet::new();
    for _ in 0..4 {
        let (store, now) = (backend.store.clone(), fixture.now());
        cleaning.spawn(async move {
            for _ in 0..25 {
                store.remove_expired(RemoveExpired::new(now, Duration::ZERO)).await.unwrap();
            }
        });
    }
    for _ in 0..100 {
        pair = fixture.refresh(&pair).await.unwrap();
    }
    cleaning.join_all().await;
}

/// Checks that revocation numbers do not start again after all revoked sessions were removed.
async fn a_revocation_is_found_after_others_were_removed(backend: &Backend) {
    use gatevault::session::RevocationCursor;
    let fixture =
        Fixture::with_settings(&backend.store, |oauth| oauth.session_lifetime(Duration::from_mins(10)));
    let user = fixture.add(1);
    fixture.clock.set(fixture.clock.now() - Duration::from_hours(1));
    for _ in 0..3 {
        fixture.login(&user).await;
    }
    fixture.oauth.async_logout_everywhere(user.clone(), ApiKeys::End).await.unwrap();
    let before = backend.store.revocations_since(RevocationCursor::Position(0)).await.unwrap().position;
    fixture.clock.advance(Duration::from_hours(1));
    backend.store.remove_expired(RemoveExpired::new(fixture.now(), Duration::ZERO)).await.unwrap();
    let pair = fixture.login(&user).await;
    let session = fixture.session_of(&pair);
    fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap();
    let after = backend.store.revocations_since(RevocationCursor::Position(before)).await.unwrap();
    assert!(after.position > before, "{before}, then {}", after.position);
    assert_eq!(ids(after), [session]);
    assert!(is_revoked(&fixture.refresh(&pair).await));
}
