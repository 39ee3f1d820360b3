//! A backlog of what has expired.

use std::time::Duration;

use gatevault::session::{RemoveExpired, Revocation, RevokeTarget, RotationOutcome};
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::Node;
use crate::removed::{later, open, open_expired};

over_every_store!(@ memory, sqlite, postgres, partitioned, pooled, redis; [
    a_backlog_is_removed_while_users_refresh_and_log_out
    cleaning_that_is_dropped_at_any_time_can_be_repeated
    a_session_that_has_not_ended_stays_when_a_revocation_names_it
    revocations_with_any_id_are_removed
]);

/// Two processes clean at once. SQLite takes several batches.
async fn a_backlog_is_removed_while_users_refresh_and_log_out(backend: &Backend) {
    let node = Node::over(backend);
    open_expired(&node, 1200).await;
    for user in 0..10 {
        open(&node, &format!("active-{user}"), user).await;
    }
    let mut cleaning = JoinSet::new();
    for _ in 0..2 {
        let node = node.clone();
        cleaning.spawn(async move {
            let removed: u64 = node.clean(later(&node), Duration::from_hours(1)).await.into_iter().sum();
            removed
        });
    }
    for user in 0..10 {
        let id = format!("active-{user}");
        let outcome = node.rotate(&id, &format!("{id}-1"), &format!("{id}-2")).await;
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
        assert_eq!(node.revoke(None, user, RevokeTarget::All).await, [id]);
    }
    let removed: u64 = cleaning.join_all().await.into_iter().sum();
    assert!(removed == 1200 || backend.expires_by_itself(), "{removed}");
    assert_eq!(node.since(0).await.revocations.len(), 10);
    assert_eq!(node.clean(later(&node), Duration::from_hours(1)).await, Vec::<u64>::new());
    for id in ["expired-0", "expired-1199"] {
        let outcome = node.rotate(id, &format!("{id}-1"), "next").await;
        assert!(outcome == RotationOutcome::Unknown || backend.expires_by_itself(), "{outcome:?}");
    }
}

async fn cleaning_that_is_dropped_at_any_time_can_be_repeated(backend: &Backend) {
    let node = Node::over(backend);
    open_expired(&node, 300).await;
    for user in 0..300 {
        node.record(Revocation::of_user(&user.into(), node.at(0))).await;
    }
    open(&node, "active", 1).await;
    for pause in 0..20 {
        let request = RemoveExpired::new(later(&node), Duration::ZERO);
        let dropped =
            tokio::time::timeout(Duration::from_micros(pause * 200), node.store.remove_expired(request));
        if let Ok(finished) = dropped.await {
            finished.unwrap();
        }
    }
    node.clean(later(&node), Duration::ZERO).await;
    assert_eq!(node.since(0).await.revocations, []);
    assert_eq!(node.ids(1).await, ["active"]);
}

/// A service without logins can record the revocation of a session that the store has never ended.
async fn a_session_that_has_not_ended_stays_when_a_revocation_names_it(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, "active", 1).await;
    node.record(Revocation::of_session("active")).await;
    node.record(Revocation::of_token("active", node.at(-100_000))).await;
    node.clean(later(&node), Duration::ZERO).await;
    assert_eq!(node.since(0).await.revocations, []);
    let outcome = node.rotate("active", "active-1", "active-2").await;
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
}

async fn revocations_with_any_id_are_removed(backend: &Backend) {
    let node = Node::over(backend);
    // A database that cuts an id at its NUL would take the fourth for the session `kept`.
    for id in ["", "{", "nul\0", "kept\0", "\\u0000", "\"ü\" \\ 'x' 📱\r\n", "null", "a,b"] {
        let issuer = Some("https://auth.shop.example".to_owned());
        node.record(Revocation::of_session(id)).await;
        node.record(Revocation::of_session(id).with_issuer(issuer.clone())).await;
        node.record(Revocation::of_session(id).with_pool(issuer)).await;
        node.record(Revocation::of_user(&id.into(), node.at(0))).await;
        node.record(Revocation::of_token(id, node.at(-100_000))).await;
    }
    open(&node, "kept", 1).await;
    node.clean(later(&node), Duration::ZERO).await;
    assert_eq!(node.since(0).await.revocations, []);
    assert_eq!(node.ids(1).await, ["kept"]);
}
