//! The sessions and revocations that a removal takes, and those that it leaves.

use std::time::Duration;

use gatevault::Timestamp;
use gatevault::session::{Revocation, RevokeTarget, SessionDetails};
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::{Node, ticket};

over_every_store!(@ memory, sqlite, postgres, partitioned, pooled, redis; [
    old_revocations_are_removed_from_between_those_that_are_kept
    a_removal_counts_revocations_and_expired_sessions
]);

/// A time that the stores with a clock of their own do not trust.
pub(crate) fn later(node: &Node) -> Timestamp {
    node.at(60)
}

/// Opens sessions that expired ten seconds ago, 50 at a time.
pub(crate) async fn open_expired(node: &Node, number: u64) {
    for first in (0..number).step_by(50) {
        let mut opening = JoinSet::new();
        for id in first..number.min(first + 50) {
            let node = node.clone();
            opening.spawn(async move {
                let id = format!("expired-{id}");
                let mut session = node.session(&id, id.as_str(), SessionDetails::new(node.at(-30)));
                session.expires_at = node.at(-10);
                session.ticket = ticket(&format!("{id}-1"), node.at(-30), session.expires_at);
                node.open(session).await;
            });
        }
        opening.join_all().await;
    }
}

pub(crate) async fn open(node: &Node, id: &str, user: u64) {
    node.open(node.session(id, user, SessionDetails::new(node.at(0)))).await;
}

/// Of every third revocation, the token has not expired. The others are more than a batch of each store.
async fn old_revocations_are_removed_from_between_those_that_are_kept(backend: &Backend) {
    let node = Node::over(backend);
    let mut recording = JoinSet::new();
    for number in 0..1800 {
        let node = node.clone();
        recording.spawn(async move {
            let expires_at = node.at(if number % 3 == 0 { 1_000_000 } else { -100_000 });
            node.record(Revocation::of_token(number.to_string(), expires_at)).await;
        });
        if recording.len() >= 50 {
            recording.join_next().await;
        }
    }
    recording.join_all().await;
    let removed: u64 = node.clean(later(&node), Duration::ZERO).await.into_iter().sum();
    assert_eq!(removed, 1200);
    let kept = node.since(0).await.revocations;
    assert_eq!(kept.len(), 600);
    assert!(kept.iter().all(|revocation| revocation.until == Some(node.at(1_000_000))));
}

async fn a_removal_counts_revocations_and_expired_sessions(backend: &Backend) {
    let node = Node::over(backend);
    open_expired(&node, 3).await;
    for user in 0..4 {
        open(&node, &format!("ended-{user}"), user).await;
        node.revoke(None, user, RevokeTarget::All).await;
    }
    node.record(Revocation::of_user(&1.into(), node.at(0))).await;
    let removed = node.clean(later(&node), Duration::ZERO).await;
    let expired = if backend.expires_by_itself() { 0 } else { 3 };
    assert_eq!(removed.iter().sum::<u64>(), 5 + expired, "{removed:?}");
    assert!(node.clean(later(&node), Duration::ZERO).await.is_empty());
}
