//! Revocation of one session, all sessions, or all but one; and lists of active sessions.

use std::time::Duration;

use gatevault::{ApiKeys, LoginRequest};
use gatevault_store_tests::{Backend, Fixture, is_revoked};

over_every_store!(@ memory, sqlite, postgres, partitioned, pooled, redis; [
    a_logout_revokes_one_session_and_its_access_tokens
    logging_out_everywhere_revokes_all_sessions_of_one_user
    after_a_password_change_only_the_session_that_made_it_stays_active
    a_changed_password_revokes_a_session_at_its_next_refresh
    a_user_cannot_revoke_the_session_of_another_user
    sessions_are_listed_with_labels_and_times
    a_revocation_is_final_and_reported_once
]);

async fn a_logout_revokes_one_session_and_its_access_tokens(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let (one, other) = (fixture.login(&user).await, fixture.login(&user).await);
    let next = fixture.refresh(&one).await.unwrap();
    fixture.oauth.async_logout(next.refresh_token.as_str()).await.unwrap();
    for pair in [&one, &next] {
        assert!(is_revoked(&fixture.refresh(pair).await));
        assert!(!fixture.opens(pair));
    }
    assert!(fixture.opens(&other));
    assert!(fixture.refresh(&other).await.is_ok());
}

async fn logging_out_everywhere_revokes_all_sessions_of_one_user(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let (ada, bob) = (fixture.add(1), fixture.add("1"));
    let of_ada = [fixture.login(&ada).await, fixture.login(&ada).await, fixture.login(&ada).await];
    let of_bob = fixture.login(&bob).await;
    assert_eq!(fixture.oauth.async_logout_everywhere(ada.clone(), ApiKeys::End).await.unwrap(), 3);
    for pair in &of_ada {
        assert!(is_revoked(&fixture.refresh(pair).await));
        assert!(!fixture.opens(pair));
    }
    assert!(fixture.refresh(&of_bob).await.is_ok());
    assert!(fixture.oauth.async_sessions(ada.clone()).await.unwrap().is_empty());
    let new = fixture.login(&ada).await;
    assert!(fixture.opens(&new));
    assert!(fixture.refresh(&new).await.is_ok());
}

async fn after_a_password_change_only_the_session_that_made_it_stays_active(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let (here, elsewhere) = (fixture.login(&user).await, fixture.login(&user).await);
    fixture.add(1);
    let session = fixture.session_of(&here);
    assert_eq!(fixture.oauth.async_logout_others(user.clone(), &session).await.unwrap(), 1);
    assert!(fixture.opens(&here));
    assert!(fixture.refresh(&here).await.is_ok());
    assert!(!fixture.opens(&elsewhere));
    assert!(is_revoked(&fixture.refresh(&elsewhere).await));
    let sessions = fixture.oauth.async_sessions(user).await.unwrap();
    assert_eq!(sessions.iter().map(|session| &session.id).collect::<Vec<_>>(), [&session]);
}

async fn a_changed_password_revokes_a_session_at_its_next_refresh(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    fixture.add(1);
    assert!(is_revoked(&fixture.refresh(&pair).await));
    assert!(!fixture.opens(&pair));
    assert!(fixture.oauth.async_sessions(user.clone()).await.unwrap().is_empty());
    let new = fixture.login(&user).await;
    assert!(fixture.refresh(&new).await.is_ok());
}

async fn a_user_cannot_revoke_the_session_of_another_user(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let (ada, bob) = (fixture.add(1), fixture.add(2));
    let pair = fixture.login(&ada).await;
    let session = fixture.session_of(&pair);
    assert!(!fixture.oauth.async_revoke(bob.clone(), &session).await.unwrap());
    // The session to keep must belong to the user, too.
    fixture.oauth.async_logout_others(bob, &session).await.unwrap();
    assert!(fixture.opens(&pair));
    assert!(fixture.refresh(&pair).await.is_ok());
}

async fn sessions_are_listed_with_labels_and_times(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add("ada \"the first\" ü");
    let name = format!("{user:?}");
    let phone = LoginRequest::new(&name, "correct horse").label("phone 'é\" \\ 📱");
    fixture.oauth.async_login_with(phone).await.unwrap();
    fixture.clock.advance(Duration::from_mins(1));
    let bare = fixture.login(&user).await;
    fixture.clock.advance(Duration::from_mins(1));
    fixture.refresh(&bare).await.unwrap();

    let sessions = fixture.oauth.async_sessions(user).await.unwrap();
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

async fn a_revocation_is_final_and_reported_once(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    let session = fixture.session_of(&pair);
    assert!(fixture.oauth.async_revoke(user.clone(), &session).await.unwrap());
    assert!(!fixture.oauth.async_revoke(user.clone(), &session).await.unwrap());
    assert_eq!(fixture.oauth.async_logout_everywhere(user.clone(), ApiKeys::End).await.unwrap(), 0);
    assert_eq!(fixture.oauth.async_logout_others(user, &session).await.unwrap(), 0);
    assert!(is_revoked(&fixture.refresh(&pair).await), "the session to keep was revoked before");
}
