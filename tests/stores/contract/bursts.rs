//! Many revocations at once: what they end, what they report, and what a reader sees of them.

use std::collections::BTreeSet;

use gatevault::session::{Revocation, RevocationKind, RevokeTarget, RotationOutcome};
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::{Node, sessions_in};

over_every_store!(
    each_session_that_ends_in_a_burst_is_reported_once,
    a_burst_of_ends_of_one_user_leaves_none_and_reports_each_once,
    a_reader_beside_a_burst_sees_each_revocation_once,
    a_burst_ends_only_sessions_of_the_pool_and_the_user_that_it_names,
    strange_ids_in_a_burst_fail_no_other_request,
    a_reused_token_in_a_burst_of_logouts_ends_its_session,
);

async fn open(node: &Node, users: usize, sessions: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for user in 0..users {
        for session in 0..sessions {
            let id = format!("{user}/{session}");
            node.open(node.login(&id, format!("user {user}"), -10, 1000)).await;
            ids.push(id);
        }
    }
    ids.sort();
    ids
}

async fn each_session_that_ends_in_a_burst_is_reported_once(backend: &Backend) {
    let node = Node::over(backend);
    let ids = open(&node, 6, 8).await;
    let mut ending = JoinSet::new();
    for round in 0..2 {
        for id in &ids {
            let (node, id) = (node.clone(), id.clone());
            let (user, _) = id.split_once('/').unwrap();
            let user = format!("user {user}");
            ending.spawn(async move {
                let ended = node.revoke(None, user, RevokeTarget::One(id.clone())).await;
                assert!(ended.is_empty() || ended == [id], "{round}: {ended:?}");
                ended
            });
        }
        for user in 0..3 {
            let node = node.clone();
            ending.spawn(async move {
                let ended = node.revoke(None, format!("user {user}"), RevokeTarget::All).await;
                assert!(ended.iter().all(|id| id.starts_with(&format!("{user}/"))), "{ended:?}");
                ended
            });
        }
    }
    let mut ended = ending.join_all().await.concat();
    ended.sort();
    assert_eq!(ended, ids);
    assert_eq!(sessions_in(node.since(0).await), ids);
    for user in 0..6 {
        assert!(node.ids(format!("user {user}")).await.is_empty());
    }
}

async fn a_burst_of_ends_of_one_user_leaves_none_and_reports_each_once(backend: &Backend) {
    let node = Node::over(backend);
    let ids = open(&node, 1, 24).await;
    let mut ending = JoinSet::new();
    for (number, id) in ids.iter().enumerate() {
        let (node, id) = (node.clone(), id.clone());
        ending.spawn(async move {
            let target = match number % 3 {
                0 => RevokeTarget::One(id),
                1 => RevokeTarget::All,
                _ => RevokeTarget::Others { kept: id, security_stamp: format!("stamp {number}") },
            };
            node.revoke(None, "user 0", target).await
        });
    }
    let mut ended = ending.join_all().await.concat();
    ended.extend(node.revoke(None, "user 0", RevokeTarget::All).await);
    ended.sort();
    assert_eq!(ended, ids);
    assert_eq!(sessions_in(node.since(0).await), ids);
    assert!(node.ids("user 0").await.is_empty());
}

async fn a_reader_beside_a_burst_sees_each_revocation_once(backend: &Backend) {
    let node = Node::over(backend);
    let mut expected: BTreeSet<String> = open(&node, 8, 8).await.into_iter().collect();
    let mut ending = JoinSet::new();
    for number in 0..8 {
        for session in 0..8 {
            let (node, id) = (node.clone(), format!("{number}/{session}"));
            let user = format!("user {number}");
            ending.spawn(async move {
                node.revoke(None, user, RevokeTarget::One(id)).await;
            });
        }
        let (node, token) = (node.clone(), format!("token {number}"));
        expected.insert(token.clone());
        let until = node.at(3600);
        ending.spawn(async move { node.record(Revocation::of_token(token, until)).await });
    }
    let (mut position, mut seen) = (0, Vec::new());
    loop {
        let is_last = ending.is_empty();
        let batch = node.since(position).await;
        assert!(batch.position >= position);
        assert!(batch.position > position || batch.revocations.is_empty());
        position = batch.position;
        seen.extend(batch.revocations.into_iter().map(|revocation| revocation.id));
        if is_last {
            break;
        }
        while ending.try_join_next().is_some() {}
    }
    assert_eq!(seen.len(), expected.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
}

async fn a_burst_ends_only_sessions_of_the_pool_and_the_user_that_it_names(backend: &Backend) {
    let node = Node::over(backend);
    for number in 0..16 {
        let mut session = node.login(&format!("s{number}"), number / 4, -10, 1000);
        session.pool = (number % 2 == 0).then(|| "staff".to_owned());
        node.open(session).await;
    }
    let mut ending = JoinSet::new();
    for number in 0..16 {
        for pool in [None, Some("staff")] {
            for user in [number / 4, number / 4 + 1] {
                let (node, id) = (node.clone(), format!("s{number}"));
                let is_owner = user == number / 4 && pool.is_some() == (number % 2 == 0);
                ending.spawn(async move {
                    let ended = node.revoke(pool, user, RevokeTarget::One(id.clone())).await;
                    assert_eq!(!ended.is_empty(), is_owner, "{id} {pool:?} {user}");
                });
            }
        }
    }
    ending.join_all().await;
}

async fn strange_ids_in_a_burst_fail_no_other_request(backend: &Backend) {
    let node = Node::over(backend);
    let ids = open(&node, 4, 4).await;
    let strange =
        ["", "\0", "a\0b", "\\u0000", "\"", "'", "$1", "{}", "\u{1f4f1}", "\u{fffd}", "a\\", "null"];
    for id in strange.into_iter().filter(|id| !id.contains('\0')) {
        node.open(node.login(&format!("x{id}"), format!("strange {id}"), -10, 1000)).await;
    }
    let mut ending = JoinSet::new();
    for id in ids.clone() {
        let node = node.clone();
        ending.spawn(async move {
            let user = format!("user {}", id.split_once('/').unwrap().0);
            assert_eq!(node.revoke(None, user, RevokeTarget::One(id.clone())).await, [id]);
        });
    }
    for id in strange {
        let (forged, owner) = (node.clone(), node.clone());
        ending.spawn(async move {
            assert!(forged.revoke(None, "user 0", RevokeTarget::One(id.to_owned())).await.is_empty());
            forged.record(Revocation::of_token(format!("token {id}"), forged.at(3600))).await;
        });
        ending.spawn(async move {
            let ended = owner.revoke(None, format!("strange {id}"), RevokeTarget::All).await;
            let expected = (!id.contains('\0')).then(|| format!("x{id}"));
            assert_eq!(ended, Vec::from_iter(expected));
        });
    }
    ending.join_all().await;
    let batch = node.since(0).await;
    let tokens = batch.revocations.iter().filter(|revocation| revocation.kind == RevocationKind::Token);
    let mut tokens: Vec<_> = tokens.map(|revocation| revocation.id.clone()).collect();
    tokens.sort();
    let mut expected: Vec<_> = strange.iter().map(|id| format!("token {id}")).collect();
    expected.sort();
    assert_eq!(tokens, expected);
}

async fn a_reused_token_in_a_burst_of_logouts_ends_its_session(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, 8, 2).await;
    for user in 0..8 {
        let id = format!("{user}/0");
        for number in 1..=2 {
            node.rotate(&id, &format!("{id}-{number}"), &format!("{id}-{}", number + 1)).await;
        }
    }
    let mut ending = JoinSet::new();
    for user in 0..8 {
        let (reusing, leaving) = (node.clone(), node.clone());
        ending.spawn(async move {
            let id = format!("{user}/0");
            assert_eq!(reusing.rotate(&id, &format!("{id}-1"), "never").await, RotationOutcome::Reused);
        });
        ending.spawn(async move {
            let id = format!("{user}/1");
            let target = RevokeTarget::One(id.clone());
            assert_eq!(leaving.revoke(None, format!("user {user}"), target).await, [id]);
        });
    }
    ending.join_all().await;
    assert_eq!(sessions_in(node.since(0).await).len(), 16);
}
