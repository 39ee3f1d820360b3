//! Pools: users of two pools with one id are two users.

use gatevault::session::{RevokeTarget, RotationOutcome, SessionDetails};
use gatevault_store_tests::Backend;

use crate::direct::Node;

over_every_store!(
    a_session_of_another_pool_is_unknown_to_a_rotation,
    lists_and_revocations_stay_in_their_pool,
    names_of_pools_are_compared_exactly,
    long_names_of_pools_and_users_are_compared_to_their_end,
);

/// Names that are easily confused: in SQL, in keys of Redis, and in JSON.
const POOLS: [Option<&str>; 14] = [
    None,
    Some(""),
    Some("null"),
    Some("admins"),
    Some("Admins"),
    Some("admins "),
    Some("\"admins\""),
    Some("a:b"),
    Some("a"),
    Some("*"),
    Some("{x}"),
    Some("'; --"),
    Some("nul\0"),
    Some("nul\u{fffd}"),
];

/// Opens a session in a pool. Its id is the pool's number and `extra`.
async fn open(node: &Node, number: usize, extra: &str) -> String {
    let id = format!("{number}{extra}");
    let mut session = node.session(&id, 1, SessionDetails::new(node.at(0)));
    session.pool = POOLS[number].map(str::to_owned);
    assert!(node.open(session).await.is_empty());
    id
}

async fn a_session_of_another_pool_is_unknown_to_a_rotation(backend: &Backend) {
    let node = Node::over(backend);
    for number in 0..POOLS.len() {
        open(&node, number, "").await;
    }
    for (number, own) in POOLS.into_iter().enumerate() {
        let id = number.to_string();
        for pool in POOLS.into_iter().filter(|pool| *pool != own) {
            // Not even a token that would end the session does so.
            for presented in [format!("{id}-1"), "stolen".to_owned()] {
                let mut rotation = node.rotation(&id, &presented, "next");
                rotation.pool = pool.map(str::to_owned);
                let outcome = backend.store.rotate(rotation).await.unwrap();
                assert_eq!(outcome, RotationOutcome::Unknown, "{pool:?} for {own:?}");
            }
        }
        let mut rotation = node.rotation(&id, &format!("{id}-1"), "next");
        rotation.pool = own.map(str::to_owned);
        let outcome = backend.store.rotate(rotation).await.unwrap();
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{own:?}: {outcome:?}");
    }
    assert_eq!(node.since(0).await.revocations, []);
}

async fn lists_and_revocations_stay_in_their_pool(backend: &Backend) {
    let node = Node::over(backend);
    for number in [0, 3] {
        for extra in ["a", "b", "c"] {
            open(&node, number, extra).await;
        }
    }
    let one = |id: &str| RevokeTarget::One(id.to_owned());
    let others =
        |kept: &str| RevokeTarget::Others { kept: kept.to_owned(), security_stamp: "new".to_owned() };
    assert!(node.revoke(None, 1, one("3a")).await.is_empty());
    assert!(node.revoke(Some("admins"), 1, one("0a")).await.is_empty());
    assert!(node.revoke(Some("customers"), 1, RevokeTarget::All).await.is_empty());
    assert_eq!(node.list(None, 1).await.len(), 3);
    assert_eq!(node.list(Some("customers"), 1).await, []);

    // The session to keep is of another pool: it is left alone, and its stamp as well.
    assert_eq!(node.revoke(None, 1, others("3a")).await, ["0a", "0b", "0c"]);
    assert_eq!(node.list(Some("admins"), 1).await.len(), 3);
    let mut rotation = node.rotation("3a", "3a-1", "3a-2");
    rotation.pool = Some("admins".to_owned());
    let outcome = backend.store.rotate(rotation).await.unwrap();
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
    assert_eq!(node.revoke(Some("admins"), 1, others("3b")).await, ["3a", "3c"]);
    assert_eq!(node.revoke(Some("admins"), 1, RevokeTarget::All).await, ["3b"]);
}

async fn names_of_pools_are_compared_exactly(backend: &Backend) {
    let node = Node::over(backend);
    for number in 0..POOLS.len() {
        open(&node, number, "").await;
    }
    for (number, pool) in POOLS.into_iter().enumerate() {
        let listed: Vec<_> = node.list(pool, 1).await.into_iter().map(|session| session.id).collect();
        assert_eq!(listed, [number.to_string()], "{pool:?}");
    }
    for (number, pool) in POOLS.into_iter().enumerate() {
        assert_eq!(node.revoke(pool, 1, RevokeTarget::All).await, [number.to_string()], "{pool:?}");
    }
}

async fn long_names_of_pools_and_users_are_compared_to_their_end(backend: &Backend) {
    let node = Node::over(backend);
    // A pool and a user whose names, one after the other, are those of another pool and another user.
    let (long, user) = ("{p}:\"\\'".repeat(20_000), "u:".repeat(4000));
    let owners = [
        (long.clone(), user.clone()),
        (format!("{long}u"), user.clone()),
        (long.clone(), format!("{user}u")),
        (format!("{long}:user:"), user.clone()),
        (String::new(), format!("{long}{user}")),
        (format!("{long}{user}"), String::new()),
    ];
    for (number, (pool, user)) in owners.iter().enumerate() {
        let mut session = node.session(&number.to_string(), user.as_str(), SessionDetails::new(node.at(0)));
        session.pool = Some(pool.clone());
        session.limit = Some(1);
        assert!(node.open(session).await.is_empty());
    }
    for (number, (pool, user)) in owners.iter().enumerate() {
        let id = number.to_string();
        let mut rotation = node.rotation(&id, &format!("{id}-1"), "next");
        rotation.pool = Some(pool.clone());
        let outcome = backend.store.rotate(rotation).await.unwrap();
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{number}");
        assert_eq!(node.revoke(Some(pool), user.as_str(), RevokeTarget::All).await, [id]);
    }
}
