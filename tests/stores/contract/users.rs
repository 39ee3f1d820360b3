//! User ids of every kind, and users who are removed.

use std::collections::HashSet;

use gatevault::{ApiKeys, GuardError, UserId};
use gatevault_store_tests::{Backend, Fixture};

over_every_store!(
    ids_of_every_kind_have_sessions_of_their_own,
    a_removed_user_gets_no_tokens_and_keeps_the_session,
);

async fn ids_of_every_kind_have_sessions_of_their_own(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let long = "x".repeat(300);
    let ids: Vec<UserId> = vec![
        0.into(),
        42.into(),
        (-42).into(),
        u64::MAX.into(),
        i64::MIN.into(),
        i64::MAX.into(),
        u128::MAX.into(),
        "42".into(),
        "-42".into(),
        "ada".into(),
        "Ada".into(),
        " ada".into(),
        "\"ada\"".into(),
        "a:b{c}*?[d]".into(),
        "'; DROP TABLE users; --".into(),
        "ü 📱 \u{202e}".into(),
        "line\r\nbreak".into(),
        "f47ac10b-58cc-4372-a567-0e02b2c3d479".into(),
        long.as_str().into(),
    ];
    let mut pairs = Vec::new();
    for id in &ids {
        pairs.push(fixture.login(&fixture.add(id.clone())).await);
    }
    let mut seen = HashSet::new();
    for (id, pair) in ids.iter().zip(&pairs) {
        let sessions = fixture.oauth.async_sessions(id.clone()).await.unwrap();
        assert_eq!(sessions.len(), 1, "{id:?}");
        assert_eq!(sessions[0].id, fixture.session_of(pair), "{id:?}");
        assert!(seen.insert(sessions[0].id.clone()));
        let next = fixture.refresh(pair).await.unwrap();
        assert_eq!(fixture.read(&next).user_id(), id);
    }
    for id in ids {
        assert_eq!(
            fixture.oauth.async_logout_everywhere(id.clone(), ApiKeys::End).await.unwrap(),
            1,
            "{id:?}"
        );
    }
}

async fn a_removed_user_gets_no_tokens_and_keeps_the_session(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    let other = fixture.login(&fixture.add(2)).await;
    fixture.remove(&user);
    let denial = fixture.refresh(&pair).await.unwrap_err();
    assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    assert!(fixture.refresh(&other).await.is_ok());
    assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 1);
    assert_eq!(
        fixture.oauth.async_logout_others(user, "none").await.unwrap(),
        1,
        "an unknown session to keep"
    );
}
