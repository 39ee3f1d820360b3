//! Users of every kind, and users who go.

use std::collections::HashSet;

use gatevault::{GuardError, UserId};
use gatevault_store_tests::{Place, World};

over_every_store!(
    ids_of_every_kind_have_sessions_of_their_own,
    a_user_who_is_gone_gets_no_tokens_and_keeps_the_session_for_a_return,
);

async fn ids_of_every_kind_have_sessions_of_their_own(place: &Place) {
    let world = World::over(&place.store);
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
        pairs.push(world.login(&world.add(id.clone())).await);
    }
    let mut seen = HashSet::new();
    for (id, pair) in ids.iter().zip(&pairs) {
        let sessions = world.oauth.async_sessions(id.clone()).await.unwrap();
        assert_eq!(sessions.len(), 1, "{id:?}");
        assert_eq!(sessions[0].id, world.session_of(pair), "{id:?}");
        assert!(seen.insert(sessions[0].id.clone()));
        let next = world.refresh(pair).await.unwrap();
        assert_eq!(world.read(&next).user_id(), id);
    }
    for id in ids {
        assert_eq!(world.oauth.async_logout_everywhere(id.clone()).await.unwrap(), 1, "{id:?}");
    }
}

async fn a_user_who_is_gone_gets_no_tokens_and_keeps_the_session_for_a_return(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    let other = world.login(&world.add(2)).await;
    world.remove(&user);
    let denial = world.refresh(&pair).await.unwrap_err();
    assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    assert!(world.refresh(&other).await.is_ok());
    assert_eq!(world.oauth.async_sessions(user.clone()).await.unwrap().len(), 1);
    assert_eq!(world.oauth.async_logout_others(user, "none").await.unwrap(), 1, "nothing to keep for nobody");
}
