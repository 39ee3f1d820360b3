//! Many at once: one token refreshed by many, and refreshes against the end of the session.

use std::collections::HashSet;

use gatevault::TokenPair;
use gatevault_store_tests::{Place, World, is_revoked};
use tokio::task::JoinSet;

over_every_store!(
    of_many_parallel_refreshes_one_rotates,
    what_a_refresh_makes_while_the_session_ends_is_worth_nothing,
    parallel_reuse_ends_the_session_for_all,
    sessions_of_one_user_do_not_disturb_each_other,
);

/// A thousand rounds of 2 to 64 refreshes of one token: all get the one successor, and nobody is logged out.
async fn of_many_parallel_refreshes_one_rotates(place: &Place) {
    let world = World::over(&place.store);
    let mut pair = world.login(&world.add(1)).await;
    let mut leaves = HashSet::new();
    for number in [2, 3, 4, 5, 8, 2, 3, 4, 16, 64].into_iter().cycle().take(1000) {
        let successors = refresh_in_parallel(&world, &pair, number).await;
        assert_eq!(successors.len(), 1, "{number} refreshes of one token");
        let leaf = successors.into_iter().next().unwrap();
        assert!(leaves.insert(leaf.clone()));
        pair.refresh_token = leaf;
    }
}

async fn refresh_in_parallel(world: &World, pair: &TokenPair, number: usize) -> HashSet<String> {
    let mut refreshes = JoinSet::new();
    for _ in 0..number {
        let (world, pair) = (world.clone(), pair.clone());
        refreshes.spawn(async move { world.refresh(&pair).await.unwrap().refresh_token });
    }
    refreshes.join_all().await.into_iter().collect()
}

async fn what_a_refresh_makes_while_the_session_ends_is_worth_nothing(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    for round in 0..100 {
        let pair = world.login(&user).await;
        let (racer, racing) = (world.clone(), pair.clone());
        let refresh = tokio::spawn(async move { racer.refresh(&racing).await });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        match round % 3 {
            0 => world.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap(),
            1 => assert!(world.oauth.async_logout_everywhere(user.clone()).await.unwrap() > 0),
            _ => assert!(world.oauth.async_revoke(user.clone(), &world.session_of(&pair)).await.unwrap()),
        }
        if let Ok(made) = refresh.await.unwrap() {
            assert!(!world.opens(&made), "round {round}");
            assert!(is_revoked(&world.refresh(&made).await), "round {round}");
        }
        assert!(is_revoked(&world.refresh(&pair).await), "round {round}");
    }
}

async fn parallel_reuse_ends_the_session_for_all(place: &Place) {
    let world = World::over(&place.store);
    let first = world.login(&world.add(1)).await;
    let second = world.refresh(&first).await.unwrap();
    let third = world.refresh(&second).await.unwrap();
    let mut attempts = JoinSet::new();
    for number in 0..32 {
        let world = world.clone();
        let pair = if number % 4 == 0 { third.clone() } else { first.clone() };
        attempts.spawn(async move { (number % 4 == 0, world.refresh(&pair).await) });
    }
    for (was_current, outcome) in attempts.join_all().await {
        assert!(was_current || is_revoked(&outcome), "{outcome:?}");
        if let Ok(made) = outcome {
            assert!(is_revoked(&world.refresh(&made).await));
            assert!(!world.opens(&made));
        }
    }
    assert!(is_revoked(&world.refresh(&third).await));
}

async fn sessions_of_one_user_do_not_disturb_each_other(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let mut devices = JoinSet::new();
    for _ in 0..16 {
        let (world, user) = (world.clone(), user.clone());
        devices.spawn(async move {
            let mut pair = world.login(&user).await;
            for _ in 0..10 {
                pair = world.refresh(&pair).await.unwrap();
            }
        });
    }
    devices.join_all().await;
    assert_eq!(world.oauth.async_sessions(user.clone()).await.unwrap().len(), 16);
    assert_eq!(world.oauth.async_logout_everywhere(user).await.unwrap(), 16);
}
