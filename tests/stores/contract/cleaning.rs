//! Sessions that are over, and that nobody needs any more.

use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::{Clock as _, Timestamp};
use gatevault_store_tests::{Place, World, is_revoked};
use tokio::task::JoinSet;

over_every_store!(
    what_is_over_is_removed_and_what_goes_on_is_not,
    cleaning_does_not_disturb_refreshes,
    an_end_is_remembered_when_others_are_removed,
);

/// By clocks that stand an hour back: a node whose clock says what is over would clean by itself, and count it as its own.
async fn what_is_over_is_removed_and_what_goes_on_is_not(place: &Place) {
    let clock = ManualClock::at(SystemTime::now() - Duration::from_hours(1));
    let brief =
        World::at(&place.store, clock.clone(), |oauth| oauth.session_lifetime(Duration::from_mins(10)));
    let lasting = World::at(&place.store, clock.clone(), |oauth| oauth);
    let user = lasting.add(1);
    brief.add(1);
    for _ in 0..5 {
        brief.login(&user).await;
    }
    let pair = lasting.login(&user).await;
    let now = Timestamp::from_seconds(lasting.tokens_time().seconds() + 3600).unwrap();
    let removed = place.store.remove_expired(now).await.unwrap();
    // One that forgets by itself may have done so.
    assert!(removed == 5 || place.forgets_by_itself(), "{removed}");
    assert_eq!(place.store.remove_expired(now).await.unwrap(), 0);
    clock.advance(Duration::from_hours(1));
    assert_eq!(lasting.oauth.async_sessions(user).await.unwrap().len(), 1);
    assert!(lasting.refresh(&pair).await.is_ok());
}

async fn cleaning_does_not_disturb_refreshes(place: &Place) {
    let world = World::over(&place.store);
    let mut pair = world.login(&world.add(1)).await;
    let mut cleaning = JoinSet::new();
    for _ in 0..4 {
        let (store, now) = (place.store.clone(), world.tokens_time());
        cleaning.spawn(async move {
            for _ in 0..25 {
                store.remove_expired(now).await.unwrap();
            }
        });
    }
    for _ in 0..100 {
        pair = world.refresh(&pair).await.unwrap();
    }
    cleaning.join_all().await;
}

/// The numbers of ends do not begin anew when all that have ended are forgotten.
async fn an_end_is_remembered_when_others_are_removed(place: &Place) {
    use gatevault::session::RevocationCursor;
    let world = World::set(&place.store, |oauth| oauth.session_lifetime(Duration::from_mins(10)));
    let user = world.add(1);
    world.clock.set(world.clock.now() - Duration::from_hours(1));
    for _ in 0..3 {
        world.login(&user).await;
    }
    world.oauth.async_logout_everywhere(user.clone()).await.unwrap();
    let before = place.store.revocations_since(RevocationCursor::Position(0)).await.unwrap().position;
    world.clock.advance(Duration::from_hours(1));
    place.store.remove_expired(world.tokens_time()).await.unwrap();
    let pair = world.login(&user).await;
    let session = world.session_of(&pair);
    world.oauth.async_logout_everywhere(user).await.unwrap();
    let after = place.store.revocations_since(RevocationCursor::Position(before)).await.unwrap();
    assert_eq!(after.sessions, [session]);
    assert!(after.position > before, "{before} and then {}", after.position);
    assert!(is_revoked(&world.refresh(&pair).await));
}
