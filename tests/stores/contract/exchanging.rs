//! API keys through the handler: created on one node, exchanged and ended on others.

use std::time::{Duration, Instant};

use gatevault::error::InvalidReason;
use gatevault::session::{RemoveExpired, RevocationCursor};
use gatevault::{ApiKeys, Clock as _, GuardError, KeyRequest, TokenError};
use gatevault_store_tests::{Backend, Fixture};
use tokio::task::JoinSet;

over_every_store!(
    a_key_of_one_node_is_exchanged_and_ended_on_another,
    a_key_of_a_revoked_user_does_not_revive_after_the_revocation_is_removed,
    of_creations_and_revocations_on_two_nodes_no_key_from_before_survives,
    a_logout_everywhere_ends_the_keys_only_if_it_says_so,
    exchanges_at_the_same_time_all_succeed_and_write_nothing,
);

fn yearly() -> KeyRequest<'static> {
    KeyRequest::new("script").lifetime(Duration::from_hours(365 * 24))
}

fn is_refused<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Invalid(InvalidReason::ApiKey))))
}

async fn a_key_of_one_node_is_exchanged_and_ended_on_another(backend: &Backend) {
    let here = Fixture::over(&backend.store);
    let there = here.beside(&backend.store);
    let (ada, bob) = (here.add(1), here.add("1"));
    let created = here.oauth.async_create_key(ada.clone(), yearly()).await.unwrap();
    let token = there.oauth.async_exchange_key(&created.key).await.unwrap();
    let verified = there.tokens.decode_access_token::<gatevault::Payload>(&token.access_token).unwrap();
    assert_eq!((verified.user_id(), verified.session_id()), (&ada, Some(&*created.id)));
    let listed = there.oauth.async_api_keys(ada.clone()).await.unwrap();
    assert_eq!(
        listed.iter().map(|key| (&*key.id, &*key.name)).collect::<Vec<_>>(),
        [(&*created.id, "script")]
    );
    assert!(there.oauth.async_sessions(ada.clone()).await.unwrap().is_empty());
    assert!(!there.oauth.async_revoke(bob, &created.id).await.unwrap());
    assert!(there.oauth.async_revoke(ada, &created.id).await.unwrap());
    assert!(is_refused(&here.oauth.async_exchange_key(&created.key).await), "before any feed brought it");
}

/// Removes every revocation, as a cleaning does after their time.
async fn remove_revocations(backend: &Backend, fixture: &Fixture) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        fixture.clock.advance(Duration::from_secs(1));
        let request = RemoveExpired::new(fixture.now(), Duration::ZERO);
        while backend.store.remove_expired(request).await.unwrap() > 0 {}
        let left = backend.store.revocations_since(RevocationCursor::Position(0)).await.unwrap();
        if left.revocations.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{left:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_key_of_a_revoked_user_does_not_revive_after_the_revocation_is_removed(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let created = fixture.oauth.async_create_key(user.clone(), yearly()).await.unwrap();
    fixture.oauth.async_revoke_user(None, &user, fixture.clock.now()).await.unwrap();
    assert!(fixture.oauth.async_api_keys(user.clone()).await.unwrap().is_empty());
    remove_revocations(backend, &fixture).await;
    let restarted = fixture.beside(&backend.store);
    assert!(is_refused(&restarted.oauth.async_exchange_key(&created.key).await));
    assert!(restarted.oauth.async_api_keys(user).await.unwrap().is_empty());
}

async fn of_creations_and_revocations_on_two_nodes_no_key_from_before_survives(backend: &Backend) {
    let here = Fixture::over(&backend.store);
    let users: Vec<_> = (1..=10).map(|id| here.add(id)).collect();
    let mut creating = JoinSet::new();
    for user in users.iter().cycle().take(30) {
        // Each on a node of its own, which learns of no revocation.
        let (node, user) = (here.beside(&backend.store), user.clone());
        creating.spawn(async move { node.oauth.async_create_key(user, yearly()).await.ok() });
    }
    let made_until = here.clock.now() + Duration::from_secs(5);
    for user in &users {
        here.oauth.async_revoke_user(None, user, made_until).await.unwrap();
    }
    let created: Vec<_> = creating.join_all().await.into_iter().flatten().collect();
    remove_revocations(backend, &here).await;
    let restarted = here.beside(&backend.store);
    for created in created {
        assert!(is_refused(&restarted.oauth.async_exchange_key(&created.key).await));
    }
    for user in users {
        assert!(restarted.oauth.async_api_keys(user).await.unwrap().is_empty());
    }
}

async fn a_logout_everywhere_ends_the_keys_only_if_it_says_so(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let created = fixture.oauth.async_create_key(user.clone(), yearly()).await.unwrap();
    fixture.login(&user).await;
    assert_eq!(fixture.oauth.async_logout_everywhere(user.clone(), ApiKeys::Keep).await.unwrap(), 1);
    fixture.oauth.async_exchange_key(&created.key).await.unwrap();
    fixture.login(&user).await;
    assert_eq!(fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap(), 2);
    assert!(is_refused(&fixture.oauth.async_exchange_key(&created.key).await));
}

async fn exchanges_at_the_same_time_all_succeed_and_write_nothing(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let created = fixture.oauth.async_create_key(user.clone(), yearly()).await.unwrap();
    let before = fixture.oauth.async_api_keys(user.clone()).await.unwrap();
    let mut exchanging = JoinSet::new();
    for _ in 0..32 {
        let (fixture, key) = (fixture.clone(), created.key.clone());
        exchanging.spawn(async move { fixture.oauth.async_exchange_key(&key).await.is_ok() });
    }
    assert!(exchanging.join_all().await.into_iter().all(|is_exchanged| is_exchanged));
    assert_eq!(fixture.oauth.async_api_keys(user).await.unwrap(), before);
}
