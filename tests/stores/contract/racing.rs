//! Concurrency: parallel refreshes of one token, and refreshes that race with a revocation.

use std::collections::HashSet;

use gatevault::{ApiKeys, TokenPair};
use gatevault_store_tests::{Backend, Fixture, is_revoked};
use tokio::task::JoinSet;

over_every_store!(
    of_many_parallel_refreshes_one_rotates,
    a_refresh_that_races_with_a_revocation_returns_no_usable_token,
    parallel_reuse_revokes_the_session_for_all,
    sessions_of_one_user_do_not_disturb_each_other,
);

/// Refreshes one token in parallel, 2 to 64 times in each of a thousand rounds: all callers get the same successor.
async fn of_many_parallel_refreshes_one_rotates(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let mut pair = fixture.login(&fixture.add(1)).await;
    let mut seen = HashSet::new();
    for number in [2, 3, 4, 5, 8, 2, 3, 4, 16, 64].into_iter().cycle().take(1000) {
        let successors = refresh_in_parallel(&fixture, &pair, number).await;
        assert_eq!(successors.len(), 1, "{number} refreshes of one token");
        let successor = successors.into_iter().next().unwrap();
        assert!(seen.insert(successor.clone()));
        pair.refresh_token = successor;
    }
}

async fn refresh_in_parallel(fixture: &Fixture, pair: &TokenPair, number: usize) -> HashSet<String> {
    let mut refreshes = JoinSet::new();
    for _ in 0..number {
        let (fixture, pair) = (fixture.clone(), pair.clone());
        refreshes.spawn(async move { fixture.refresh(&pair).await.unwrap().refresh_token });
    }
    refreshes.join_all().await.into_iter().collect()
}

async fn a_refresh_that_races_with_a_revocation_returns_no_usable_token(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    for round in 0..100 {
        let pair = fixture.login(&user).await;
        let (racer, racing) = (fixture.clone(), pair.clone());
        let refresh = tokio::spawn(async move { racer.refresh(&racing).await });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        match round % 3 {
            0 => fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap(),
            1 => {
                assert!(fixture.oauth.async_logout_everywhere(user.clone(), ApiKeys::End).await.unwrap() > 0);
            }
            _ => assert!(fixture.oauth.async_revoke(user.clone(), &fixture.session_of(&pair)).await.unwrap()),
        }
        if let Ok(next) = refresh.await.unwrap() {
            assert!(!fixture.opens(&next), "round {round}");
            assert!(is_revoked(&fixture.refresh(&next).await), "round {round}");
        }
        assert!(is_revoked(&fixture.refresh(&pair).await), "round {round}");
    }
}

async fn parallel_reuse_revokes_the_session_for_all(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let first = fixture.login(&fixture.add(1)).await;
    let second = fixture.refresh(&first).await.unwrap();
    let third = fixture.refresh(&second).await.unwrap();
    let mut attempts = JoinSet::new();
    for number in 0..32 {
        let fixture = fixture.clone();
        let pair = if number % 4 == 0 { third.clone() } else { first.clone() };
        attempts.spawn(async move { (number % 4 == 0, fixture.refresh(&pair).await) });
    }
    for (was_current, outcome) in attempts.join_all().await {
        assert!(was_current || is_revoked(&outcome), "{outcome:?}");
        if let Ok(next) = outcome {
            assert!(is_revoked(&fixture.refresh(&next).await));
            assert!(!fixture.opens(&next));
        }
    }
    assert!(is_revoked(&fixture.refresh(&third).await));
}

async fn sessions_of_one_user_do_not_disturb_each_other(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let mut devices = JoinSet::new();
    for _ in 0..16 {
        let (fixture, user) = (fixture.clone(), user.clone());
        devices.spawn(async move {
            let mut pair = fixture.login(&user).await;
            for _ in 0..10 {
                pair = fixture.refresh(&pair).await.unwrap();
            }
        });
    }
    devices.join_all().await;
    assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 16);
    assert_eq!(fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap(), 16);
}
