//! Tokens that may be used once.

use std::time::Duration;

use gatevault::session::SpendToken;
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::Node;
use crate::removed::later;

over_every_store!(
    of_many_concurrent_uses_of_a_token_one_is_the_first,
    a_token_is_spent_once,
    a_spent_token_is_no_revocation,
    a_spent_token_is_known_for_as_long_as_a_token_may_be_accepted_and_an_hour_longer,
    a_removal_counts_spent_tokens_and_takes_no_other,
    a_node_that_is_ahead_forgets_no_spent_token_of_a_store_with_a_clock,
    hostile_ids_are_spent_each_for_itself,
);

async fn of_many_concurrent_uses_of_a_token_one_is_the_first(backend: &Backend) {
    let node = Node::over(backend);
    for round in 0..10 {
        let mut spending = JoinSet::new();
        for _ in 0..64 {
            let node = node.clone();
            spending.spawn(async move { node.spend(&format!("token {round}")).await });
        }
        let first = spending.join_all().await.into_iter().filter(|is_first| *is_first).count();
        assert_eq!(first, 1);
    }
}

async fn a_token_is_spent_once(backend: &Backend) {
    let node = Node::over(backend);
    assert!(node.spend("one").await);
    assert!(node.spend("other").await);
    for id in ["one", "other", "one"] {
        assert!(!node.spend(id).await, "{id}");
    }
    // The id alone counts.
    for (expires_at, now) in [(0, 0), (1_000_000, 0), (60, 30), (60, -30)] {
        let request = SpendToken::new("one".to_owned(), node.at(expires_at), node.at(now));
        assert!(!node.store.spend(request).await.unwrap());
    }
}

async fn a_spent_token_is_no_revocation(backend: &Backend) {
    let node = Node::over(backend);
    let before = node.since(0).await;
    assert!(node.spend("one").await);
    assert!(!node.spend("one").await);
    assert_eq!(node.since(0).await, before);
}

/// A day is the longest leeway.
async fn a_spent_token_is_known_for_as_long_as_a_token_may_be_accepted_and_an_hour_longer(backend: &Backend) {
    let node = Node::over(backend);
    for (id, expired) in [("now", 0), ("yesterday", 86_400), ("last", 86_400 + 3500)] {
        let spend = || SpendToken::new(id.to_owned(), node.at(-expired), node.at(-expired));
        assert!(node.store.spend(spend()).await.unwrap());
        assert!(node.clean(node.at(0), Duration::ZERO).await.is_empty());
        assert!(!node.store.spend(spend()).await.unwrap(), "{id}");
    }
}

/// More than a batch of each store has expired.
async fn a_removal_counts_spent_tokens_and_takes_no_other(backend: &Backend) {
    let node = Node::over(backend);
    let mut spending = JoinSet::new();
    for number in 0..1200 {
        let (store, expired) = (node.store.clone(), if number % 4 == 0 { 0 } else { 86_400 + 3600 });
        let (expires_at, now) = (node.at(-expired), node.at(-100_000));
        spending.spawn(async move {
            assert!(store.spend(SpendToken::new(number.to_string(), expires_at, now)).await.unwrap());
        });
        if spending.len() >= 50 {
            spending.join_next().await;
        }
    }
    spending.join_all().await;
    let removed: u64 = node.clean(later(&node), Duration::ZERO).await.into_iter().sum();
    assert_eq!(removed, if backend.expires_by_itself() { 0 } else { 900 });
    for number in 0..1200 {
        let is_kept = !node.spend(&number.to_string()).await;
        // A store that expires entries by itself does so by its clock and that of the caller, which may be behind.
        assert!(is_kept == (number % 4 == 0) || is_kept && backend.expires_by_itself(), "{number}");
    }
}

async fn a_node_that_is_ahead_forgets_no_spent_token_of_a_store_with_a_clock(backend: &Backend) {
    let node = Node::over(backend);
    let ahead = node.at(1_000_000_000);
    let spend = |now| SpendToken::new("one".to_owned(), node.at(60), now);
    assert!(node.store.spend(spend(ahead)).await.unwrap());
    node.clean(ahead, Duration::ZERO).await;
    assert_eq!(node.store.spend(spend(node.at(0))).await.unwrap(), backend.has_no_clock());
}

async fn hostile_ids_are_spent_each_for_itself(backend: &Backend) {
    let node = Node::over(backend);
    for id in
        ["", " ", "'; DROP TABLE gatevault_spent_tokens; --", "$1", "ü{}*", "\r\nFLUSHALL\r\n", "A", "a"]
    {
        assert!(node.spend(id).await, "{id:?}");
        assert!(!node.spend(id).await, "{id:?}");
    }
}
