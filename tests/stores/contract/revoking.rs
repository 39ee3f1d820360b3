//! Sessions that are ended, one, all, or all but one; and lists of those that go on.

use std::time::Duration;

use gatevault::LoginRequest;
use gatevault_store_tests::{Place, World, is_revoked};

over_every_store!(
    a_logout_ends_one_session_and_its_access_tokens,
    logging_out_everywhere_ends_all_sessions_of_one_user,
    after_a_change_of_the_password_only_the_session_that_made_it_goes_on,
    a_changed_password_ends_a_session_at_its_next_refresh,
    nobody_ends_the_session_of_somebody_else,
    sessions_are_listed_with_labels_and_times,
    an_end_is_final_and_said_once,
);

async fn a_logout_ends_one_session_and_its_access_tokens(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let (one, other) = (world.login(&user).await, world.login(&user).await);
    let next = world.refresh(&one).await.unwrap();
    world.oauth.async_logout(next.refresh_token.as_str()).await.unwrap();
    for pair in [&one, &next] {
        assert!(is_revoked(&world.refresh(pair).await));
        assert!(!world.opens(pair));
    }
    assert!(world.opens(&other));
    assert!(world.refresh(&other).await.is_ok());
}

async fn logging_out_everywhere_ends_all_sessions_of_one_user(place: &Place) {
    let world = World::over(&place.store);
    let (ada, bob) = (world.add(1), world.add("1"));
    let of_ada = [world.login(&ada).await, world.login(&ada).await, world.login(&ada).await];
    let of_bob = world.login(&bob).await;
    assert_eq!(world.oauth.async_logout_everywhere(ada.clone()).await.unwrap(), 3);
    for pair in &of_ada {
        assert!(is_revoked(&world.refresh(pair).await));
        assert!(!world.opens(pair));
    }
    assert!(world.refresh(&of_bob).await.is_ok());
    assert!(world.oauth.async_sessions(ada.clone()).await.unwrap().is_empty());
    let new = world.login(&ada).await;
    assert!(world.opens(&new));
    assert!(world.refresh(&new).await.is_ok());
}

async fn after_a_change_of_the_password_only_the_session_that_made_it_goes_on(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let (here, elsewhere) = (world.login(&user).await, world.login(&user).await);
    world.add(1);
    let session = world.session_of(&here);
    assert_eq!(world.oauth.async_logout_others(user.clone(), &session).await.unwrap(), 1);
    assert!(world.opens(&here));
    assert!(world.refresh(&here).await.is_ok());
    assert!(!world.opens(&elsewhere));
    assert!(is_revoked(&world.refresh(&elsewhere).await));
    let sessions = world.oauth.async_sessions(user).await.unwrap();
    assert_eq!(sessions.iter().map(|session| &session.id).collect::<Vec<_>>(), [&session]);
}

async fn a_changed_password_ends_a_session_at_its_next_refresh(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    world.add(1);
    assert!(is_revoked(&world.refresh(&pair).await));
    assert!(!world.opens(&pair));
    assert!(world.oauth.async_sessions(user.clone()).await.unwrap().is_empty());
    let new = world.login(&user).await;
    assert!(world.refresh(&new).await.is_ok());
}

async fn nobody_ends_the_session_of_somebody_else(place: &Place) {
    let world = World::over(&place.store);
    let (ada, bob) = (world.add(1), world.add(2));
    let pair = world.login(&ada).await;
    let session = world.session_of(&pair);
    assert!(!world.oauth.async_revoke(bob.clone(), &session).await.unwrap());
    // The one that goes on must be one's own, too.
    world.oauth.async_logout_others(bob, &session).await.unwrap();
    assert!(world.opens(&pair));
    assert!(world.refresh(&pair).await.is_ok());
}

async fn sessions_are_listed_with_labels_and_times(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add("ada \"the first\" ü");
    let name = format!("{user:?}");
    let phone = LoginRequest::new(&name, "correct horse").label("phone 'é\" \\ 📱");
    world.oauth.async_login_with(phone).await.unwrap();
    world.clock.advance(Duration::from_mins(1));
    let bare = world.login(&user).await;
    world.clock.advance(Duration::from_mins(1));
    world.refresh(&bare).await.unwrap();

    let sessions = world.oauth.async_sessions(user).await.unwrap();
    let labels: Vec<_> = sessions.iter().map(|session| session.label.as_deref()).collect();
    assert_eq!(labels, [None, Some("phone 'é\" \\ 📱")]);
    let times = |index: usize| {
        let session = &sessions[index];
        let began = session.authenticated_at.seconds();
        (session.refreshed_at.seconds() - began, session.expires_at.seconds() - began)
    };
    assert_eq!(times(0), (60, 60 + 7 * 86_400));
    assert_eq!(times(1), (0, 7 * 86_400));
}

async fn an_end_is_final_and_said_once(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    let session = world.session_of(&pair);
    assert!(world.oauth.async_revoke(user.clone(), &session).await.unwrap());
    assert!(!world.oauth.async_revoke(user.clone(), &session).await.unwrap());
    assert_eq!(world.oauth.async_logout_everywhere(user.clone()).await.unwrap(), 0);
    assert_eq!(world.oauth.async_logout_others(user, &session).await.unwrap(), 0);
    assert!(is_revoked(&world.refresh(&pair).await), "the one to be kept had ended before");
}
