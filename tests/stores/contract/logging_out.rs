//! Logouts with refresh tokens that are not valid any more, while their session is active.

use std::time::Duration;

use gatevault::Clock as _;
use gatevault_store_tests::{Backend, Fixture, is_expired, is_revoked};

over_every_store!(
    a_logout_with_an_expired_token_ends_its_session,
    a_logout_with_a_revoked_token_ends_its_session,
    a_logout_after_a_revocation_of_the_user_ends_the_session,
    a_logout_is_repeated_without_harm,
    a_logout_with_a_token_that_is_no_refresh_token_of_ours_ends_nothing,
);

async fn a_logout_with_an_expired_token_ends_its_session(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let old = fixture.login(&user).await;
    fixture.clock.advance(Duration::from_hours(5 * 24));
    let next = fixture.refresh(&old).await.unwrap();
    fixture.clock.advance(Duration::from_hours(3 * 24));
    assert!(is_expired(&fixture.refresh(&old).await));
    assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 1);
    fixture.oauth.async_logout(old.refresh_token.as_str()).await.unwrap();
    assert!(is_revoked(&fixture.refresh(&next).await));
    assert!(fixture.oauth.async_sessions(user).await.unwrap().is_empty());
}

/// The token alone was revoked: its successor would be good for as long as the session.
async fn a_logout_with_a_revoked_token_ends_its_session(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let (other, old) = (fixture.login(&user).await, fixture.login(&user).await);
    let next = fixture.refresh(&old).await.unwrap();
    let claims = fixture.read(&old);
    let id = claims.token_id().unwrap().to_owned();
    fixture.oauth.async_revoke_token(None, &id, claims.expires_at()).await.unwrap();
    assert!(is_revoked(&fixture.refresh(&old).await));
    assert!(fixture.opens(&next), "one token, not its session");
    fixture.oauth.async_logout(old.refresh_token.as_str()).await.unwrap();
    assert!(is_revoked(&fixture.refresh(&next).await));
    assert!(!fixture.opens(&next));
    let left: Vec<_> =
        fixture.oauth.async_sessions(user).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(left, [fixture.session_of(&other)]);
}

async fn a_logout_after_a_revocation_of_the_user_ends_the_session(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    fixture.oauth.async_revoke_user(None, &user, fixture.clock.now()).await.unwrap();
    assert!(is_revoked(&fixture.refresh(&pair).await) && !fixture.opens(&pair));
    fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    assert!(fixture.oauth.async_sessions(user).await.unwrap().is_empty());
}

async fn a_logout_is_repeated_without_harm(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    let elsewhere = fixture.beside(&backend.store);
    for node in [&fixture, &fixture, &elsewhere, &elsewhere] {
        node.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    }
    fixture.clock.advance(Duration::from_hours(20 * 24));
    fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
}

async fn a_logout_with_a_token_that_is_no_refresh_token_of_ours_ends_nothing(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let admins = Fixture::with_settings(&backend.store, |oauth| oauth.user_pool("admins"));
    let user = fixture.add(1);
    let (customer, admin) = (fixture.login(&user).await, admins.login(&admins.add(1)).await);
    for hours in [0, 20 * 24] {
        for node in [&fixture, &admins] {
            node.clock.advance(Duration::from_hours(hours));
        }
        let forged = format!("{}AAAA", customer.refresh_token.split_at(customer.refresh_token.len() - 4).0);
        for refused in
            [&*forged, &*customer.access_token, &*admin.refresh_token, &*admin.access_token, "", "a.b.c"]
        {
            fixture.oauth.async_logout(refused).await.unwrap_err();
        }
        for refused in [&customer.refresh_token, &customer.access_token] {
            admins.oauth.async_logout(refused.as_str()).await.unwrap_err();
        }
        if hours == 0 {
            assert!(fixture.opens(&customer) && admins.opens(&admin));
            assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 1);
            assert_eq!(admins.oauth.async_sessions(1).await.unwrap().len(), 1);
        }
    }
}
