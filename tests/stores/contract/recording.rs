//! Revocations as records of their own: of sessions, tokens and users.

use std::collections::HashSet;
use std::time::Duration;

use gatevault::UserId;
use gatevault::session::{
    RemoveExpired, Revocation, RevocationCursor, RevokeTarget, RotationOutcome, SessionDetails,
};
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::{Node, sessions_in};

over_every_store!(
    recorded_revocations_are_listed_as_they_are,
    a_revocation_that_is_recorded_twice_is_still_listed,
    recorded_revocations_and_ended_sessions_share_one_order,
    a_revocation_of_no_active_session_takes_no_number,
    revocations_are_listed_from_a_time_on,
    a_revocation_outlives_the_row_of_its_session,
    of_parallel_revocations_of_a_session_one_reports_it,
    a_reader_misses_no_revocation_of_any_kind,
    the_revocation_of_a_token_stays_until_the_token_has_expired,
    a_cleaning_that_keeps_nothing_ends_no_revocation_and_repeats_no_number,
);

/// Returns revocations of every kind, with text that SQL, Lua and JSON treat specially.
fn every_kind(node: &Node) -> Vec<Revocation> {
    let issuer = |name: &str| Some(name.to_owned());
    let id = |id: &str| UserId::from(id);
    vec![
        Revocation::of_session("f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        Revocation::of_session("sid").with_issuer(issuer("https://auth.shop.example")),
        Revocation::of_session("sid").with_issuer(issuer("")),
        Revocation::of_token("sid", node.at(60)),
        Revocation::of_token("jti \"ü\" \\ 'x' 📱\r\n", node.at(90)).with_issuer(issuer("null")),
        Revocation::of_token("nul\0", node.at(90)).with_issuer(issuer("nul\0")),
        Revocation::of_token("x".repeat(9000), node.at(-90)),
        Revocation::of_token("", node.at(90)),
        Revocation::of_user(&42.into(), node.at(0)),
        Revocation::of_user(&id("42"), node.at(0)),
        Revocation::of_user(&id("nul\0 \"ü\""), node.at(0)).with_pool(issuer("admins")),
        Revocation::of_user(&id("ada"), node.at(0)).with_pool(issuer("nul\0")),
        Revocation::of_user(&id("ada"), node.at(0)).with_issuer(issuer("a|b:c")).with_pool(issuer("")),
        Revocation::of_access_tokens(&42.into(), node.at(0)),
        Revocation::of_access_tokens(&id("42"), node.at(0)).with_pool(issuer("admins")),
        Revocation::of_access_tokens(&id("nul\0 \"ü\""), node.at(0)).with_issuer(issuer("a|b:c")),
    ]
}

/// Reads after each one, so that the order within a batch does not matter.
async fn recorded_revocations_are_listed_as_they_are(backend: &Backend) {
    let node = Node::over(backend);
    let mut position = node.since(0).await.position;
    for revocation in every_kind(&node) {
        node.record(revocation.clone()).await;
        let batch = node.since(position).await;
        assert_eq!(batch.revocations, [revocation]);
        assert!(batch.position > position);
        position = batch.position;
    }
    assert_eq!(node.since(position).await.revocations, []);
    let all = node.since(0).await;
    assert_eq!(all.position, position);
    let (listed, expected) = (all.revocations, every_kind(&node));
    assert_eq!(listed.len(), expected.len());
    assert!(expected.iter().all(|revocation| listed.contains(revocation)), "{listed:?}");
}

async fn a_revocation_that_is_recorded_twice_is_still_listed(backend: &Backend) {
    let node = Node::over(backend);
    let revocation = Revocation::of_token("jti", node.at(60));
    node.record(revocation.clone()).await;
    node.record(revocation.clone()).await;
    let listed = node.since(0).await.revocations;
    assert!(!listed.is_empty());
    assert!(listed.iter().all(|listed| *listed == revocation), "{listed:?}");
}

async fn recorded_revocations_and_ended_sessions_share_one_order(backend: &Backend) {
    let node = Node::over(backend);
    for id in ["a", "b"] {
        node.open(node.session(id, 1, SessionDetails::new(node.at(0)))).await;
    }
    assert_eq!(node.revoke(None, 1, RevokeTarget::One("a".to_owned())).await, ["a"]);
    let first = node.since(0).await;
    assert_eq!(sessions_in(first.clone()), ["a"]);
    let token = Revocation::of_token("jti", node.at(60));
    node.record(token.clone()).await;
    let second = node.since(first.position).await;
    assert_eq!(second.revocations, [token]);
    assert_eq!(node.revoke(None, 1, RevokeTarget::All).await, ["b"]);
    assert_eq!(sessions_in(node.since(second.position).await), ["b"]);
    assert_eq!(node.since(0).await.revocations.len(), 3);
}

async fn a_revocation_of_no_active_session_takes_no_number(backend: &Backend) {
    let node = Node::over(backend);
    for (id, user) in [("a", 1), ("b", 1), ("c", 2)] {
        node.open(node.session(id, user, SessionDetails::new(node.at(0)))).await;
    }
    assert_eq!(node.revoke(None, 1, RevokeTarget::One("a".to_owned())).await, ["a"]);
    let before = node.since(0).await;
    let one = |id: &str| RevokeTarget::One(id.to_owned());
    let others =
        |kept: &str| RevokeTarget::Others { kept: kept.to_owned(), security_stamp: "stamp".to_owned() };
    for (pool, user, target) in [
        (None, 1, one("none")),
        (None, 1, one("a")),
        (None, 2, one("b")),
        (Some("admins"), 1, one("b")),
        (None, 1, others("b")),
        (None, 3, others("b")),
        (None, 3, RevokeTarget::All),
        (Some("admins"), 1, RevokeTarget::All),
    ] {
        assert!(node.revoke(pool, user, target.clone()).await.is_empty(), "{target:?}");
    }
    assert_eq!(node.rotate("a", "a-1", "a-2").await, RotationOutcome::Revoked);
    assert_eq!(node.rotate("none", "a-1", "a-2").await, RotationOutcome::Unknown);
    assert!(node.open(node.login("d", 1, 0, 2)).await.is_empty());
    assert_eq!(node.since(0).await, before);
    // The session that stays gets the stamp although there is no other to end.
    let target = RevokeTarget::Others { kept: "c".to_owned(), security_stamp: "changed".to_owned() };
    assert!(node.revoke(None, 2, target).await.is_empty());
    assert_eq!(node.since(0).await, before);
    let mut rotation = node.rotation("c", "c-1", "c-2");
    "changed".clone_into(&mut rotation.security_stamp);
    let outcome = backend.store.rotate(rotation).await.unwrap();
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
}

async fn revocations_are_listed_from_a_time_on(backend: &Backend) {
    let node = Node::over(backend);
    node.open(node.session("a", 1, SessionDetails::new(node.at(0)))).await;
    node.revoke(None, 1, RevokeTarget::All).await;
    node.record(Revocation::of_token("jti", node.at(60))).await;
    let from = async |seconds| {
        backend.store.revocations_since(RevocationCursor::Time(node.at(seconds))).await.unwrap()
    };
    assert_eq!(from(-60).await.revocations.len(), 2);
    let later = from(3600).await;
    assert_eq!(later.revocations, []);
    assert_eq!(later.position, node.since(0).await.position);
}

async fn a_revocation_outlives_the_row_of_its_session(backend: &Backend) {
    let node = Node::over(backend);
    let mut session = node.session("brief", 1, SessionDetails::new(node.at(-30)));
    session.ticket.expires_at = node.at(-10);
    session.expires_at = node.at(-10);
    node.open(session).await;
    node.open(node.session("lasting", 2, SessionDetails::new(node.at(0)))).await;
    for user in [1, 2] {
        node.revoke(None, user, RevokeTarget::All).await;
    }
    node.record(Revocation::of_token("jti", node.at(-100_000))).await;
    let before = node.since(0).await;
    let remove = async |keep: Duration| {
        // A time that the stores with a clock of their own do not trust.
        backend.store.remove_expired(RemoveExpired::new(node.at(60), keep)).await.unwrap()
    };
    let removed = remove(Duration::from_hours(1)).await;
    assert!(removed == 1 || backend.expires_by_itself(), "{removed}");
    assert_eq!(node.since(0).await, before, "the revocations stay");
    assert_eq!(node.rotate("lasting", "lasting-1", "lasting-2").await, RotationOutcome::Revoked);
    assert_eq!(remove(Duration::MAX).await, 0);
    assert_eq!(node.since(0).await, before);

    node.clean(node.at(60), Duration::ZERO).await;
    let after = node.since(0).await;
    assert_eq!((after.revocations, after.position), (vec![], before.position));
    assert_eq!(node.rotate("lasting", "lasting-1", "lasting-2").await, RotationOutcome::Revoked);
    node.record(Revocation::of_token("jti", node.at(60))).await;
    assert!(node.since(before.position).await.position > before.position, "numbers do not start again");
}

async fn of_parallel_revocations_of_a_session_one_reports_it(backend: &Backend) {
    let node = Node::over(backend);
    for round in 0..10 {
        let id = format!("s{round}");
        node.open(node.session(&id, 1, SessionDetails::new(node.at(0)))).await;
        let mut revoking = JoinSet::new();
        for number in 0..8 {
            let (node, one) = (node.clone(), RevokeTarget::One(id.clone()));
            let target = if number % 2 == 0 { one } else { RevokeTarget::All };
            revoking.spawn(async move { node.revoke(None, 1, target).await });
        }
        assert_eq!(revoking.join_all().await.concat(), [id]);
    }
    assert_eq!(node.since(0).await.revocations.len(), 10);
}

/// Sessions, tokens and users are revoked at once, by logouts, logins above a limit and records.
async fn a_reader_misses_no_revocation_of_any_kind(backend: &Backend) {
    let node = Node::over(backend);
    let mut writing = JoinSet::new();
    for number in 0..12_u64 {
        let (node, id) = (node.clone(), format!("s{number}"));
        writing.spawn(async move {
            node.open(node.session(&id, number, SessionDetails::new(node.at(0)))).await;
            let limited = format!("{id}-limited");
            node.open(node.login(&limited, number, 1, 1)).await;
            node.record(Revocation::of_token(id.as_str(), node.at(60))).await;
            node.record(Revocation::of_user(&number.into(), node.at(0))).await;
            node.record(Revocation::of_user(&id.as_str().into(), node.at(0)).with_pool(Some(id.clone())))
                .await;
            let record =
                Revocation::of_session(id.as_str()).with_issuer(Some("https://auth.example".to_owned()));
            node.record(record.clone()).await;
            node.record(record).await;
            assert_eq!(node.revoke(None, number, RevokeTarget::All).await, [limited]);
        });
    }
    let (mut seen, mut position) = (HashSet::new(), 0);
    let mut read = async |position: &mut u64| {
        let batch = node.since(*position).await;
        assert!(batch.position >= *position);
        *position = batch.position;
        seen.extend(batch.revocations);
        seen.len()
    };
    while !writing.is_empty() {
        read(&mut position).await;
        while let Some(written) = writing.try_join_next() {
            written.unwrap();
        }
    }
    assert_eq!(read(&mut position).await, 12 * 6);
    assert_eq!(node.since(0).await.revocations.into_iter().collect::<HashSet<_>>(), seen);
}

async fn a_cleaning_that_keeps_nothing_ends_no_revocation_and_repeats_no_number(backend: &Backend) {
    let node = Node::over(backend);
    let mut working = JoinSet::new();
    for number in 0..8 {
        let node = node.clone();
        working.spawn(async move {
            for round in 0..5 {
                let id = format!("s{number}-{round}");
                node.open(node.session(&id, number, SessionDetails::new(node.at(0)))).await;
                let ended = node.revoke(None, number, RevokeTarget::One(id.clone())).await;
                assert_eq!(ended, std::slice::from_ref(&id));
                let before = node.since(0).await.position;
                node.record(Revocation::of_token(id.as_str(), node.at(60))).await;
                assert!(node.since(0).await.position > before);
                let outcome = node.rotate(&id, &format!("{id}-1"), "next").await;
                assert_eq!(outcome, RotationOutcome::Revoked);
            }
        });
    }
    while !working.is_empty() {
        node.store.remove_expired(RemoveExpired::new(node.at(0), Duration::ZERO)).await.unwrap();
        while let Some(worked) = working.try_join_next() {
            worked.unwrap();
        }
    }
}

/// The caller that removes revocations may accept briefer tokens than another service that follows the store.
async fn the_revocation_of_a_token_stays_until_the_token_has_expired(backend: &Backend) {
    let node = Node::over(backend);
    let mut lasting: Vec<_> =
        (0..5).map(|id| Revocation::of_token(id.to_string(), node.at(1_000_000))).collect();
    lasting.push(Revocation::of_token("with leeway", node.at(-60)).with_issuer(Some("a".to_owned())));
    let over = Revocation::of_token("over", node.at(-90_000));
    let user = Revocation::of_user(&1.into(), node.at(1_000_000));
    for revocation in lasting.iter().chain([&over, &user]) {
        node.record(revocation.clone()).await;
    }
    // Later than any record by the clock of the store.
    backend.store.remove_expired(RemoveExpired::new(node.at(60), Duration::ZERO)).await.unwrap();
    let listed = node.since(0).await.revocations;
    assert_eq!(listed.len(), lasting.len(), "{listed:?}");
    assert!(lasting.iter().all(|revocation| listed.contains(revocation)), "{listed:?}");
}
