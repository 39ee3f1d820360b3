//! The limit of sessions of a user.

use std::time::Duration;

use gatevault::session::{
    RemoveExpired, RevocationCursor, RevokeTarget, RotationOutcome, SessionDetails, SessionKind,
};
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::{Node, sessions_in};

over_every_store!(@ memory, sqlite, postgres, partitioned, pooled, redis; [
    a_login_above_the_limit_ends_the_oldest_login
    a_lower_limit_ends_several_at_once
    the_new_session_stays_even_with_the_oldest_login
    sessions_that_have_ended_do_not_count
    keys_and_other_pools_and_users_do_not_count
    a_key_ends_no_login_within_the_limit
    logins_at_the_same_time_do_not_exceed_the_limit
    many_logins_at_the_same_time_are_within_the_limit_after_one_more
    a_login_that_rehashes_the_password_respects_the_limit
    the_time_of_a_login_is_that_of_its_token_and_not_of_its_authentication
]);

async fn a_login_above_the_limit_ends_the_oldest_login(backend: &Backend) {
    let node = Node::over(backend);
    // By the time of the login, not in the order of the calls.
    for (id, seconds) in [("b", -20), ("a", -30), ("c", -10)] {
        assert!(node.open(node.login(id, 1, seconds, 3)).await.is_empty());
    }
    // A refresh does not make a login newer.
    assert!(matches!(node.rotate("a", "a-1", "a-2").await, RotationOutcome::Rotated(_)));
    let before = node.since(0).await.position;
    assert_eq!(node.open(node.login("d", 1, 0, 3)).await, ["a"]);
    assert_eq!(node.ids(1).await, ["d", "c", "b"]);
    assert_eq!(node.rotate("a", "a-2", "a-3").await, RotationOutcome::Revoked);
    assert!(matches!(node.rotate("d", "d-1", "d-2").await, RotationOutcome::Rotated(_)));
    let after = node.since(before).await;
    assert!(after.position > before, "{before}, then {}", after.position);
    assert_eq!(sessions_in(after), ["a"]);
}

async fn a_lower_limit_ends_several_at_once(backend: &Backend) {
    let node = Node::over(backend);
    for number in 0..6 {
        let mut session = node.login(&format!("s{number}"), 1, number - 10, 1);
        session.limit = None;
        assert!(node.open(session).await.is_empty());
    }
    let mut ended = node.open(node.login("new", 1, 0, 2)).await;
    ended.sort();
    assert_eq!(ended, ["s0", "s1", "s2", "s3", "s4"]);
    assert_eq!(node.ids(1).await, ["new", "s5"]);
    assert_eq!(sessions_in(node.since(0).await), ended);
    // No limit is so low that a login ends itself.
    assert_eq!(node.open(node.login("alone", 1, 1, 0)).await.len(), 2);
    assert_eq!(node.ids(1).await, ["alone"]);
}

/// A node whose clock is slow creates a login that seems older than the others.
async fn the_new_session_stays_even_with_the_oldest_login(backend: &Backend) {
    let node = Node::over(backend);
    for (id, seconds) in [("a", -20), ("b", -10)] {
        node.open(node.login(id, 1, seconds, 2)).await;
    }
    assert_eq!(node.open(node.login("slow", 1, -60, 2)).await, ["a"]);
    assert_eq!(node.ids(1).await, ["b", "slow"]);
}

async fn sessions_that_have_ended_do_not_count(backend: &Backend) {
    let node = Node::over(backend);
    let mut expired = node.login("expired", 1, -5, 2);
    expired.ticket.expires_at = node.at(-4);
    node.open(expired).await;
    for id in ["revoked", "active"] {
        assert!(node.open(node.login(id, 1, -4, 2)).await.is_empty());
    }
    assert_eq!(node.revoke(None, 1, RevokeTarget::One("revoked".to_owned())).await, ["revoked"]);
    assert!(node.open(node.login("new", 1, 0, 2)).await.is_empty());
    assert_eq!(node.ids(1).await, ["new", "active"]);
}

async fn keys_and_other_pools_and_users_do_not_count(backend: &Backend) {
    let node = Node::over(backend);
    let mut details = SessionDetails::new(node.at(-100));
    details.kind = SessionKind::Key;
    node.open(node.session("key", 1, details)).await;
    let mut elsewhere = node.login("elsewhere", 1, -90, 1);
    elsewhere.pool = Some("admins".to_owned());
    node.open(elsewhere).await;
    node.open(node.login("text", "1", -80, 1)).await;
    node.open(node.login("other", 2, -70, 1)).await;
    assert!(node.open(node.login("a", 1, -60, 1)).await.is_empty());
    assert_eq!(node.open(node.login("b", 1, 0, 1)).await, ["a"]);
    assert_eq!(node.ids(1).await, ["b", "key"]);
    assert_eq!((node.ids("1").await, node.ids(2).await), (vec!["text".to_owned()], vec!["other".to_owned()]));
    assert_eq!(node.list(Some("admins"), 1).await.len(), 1);
}

async fn a_key_ends_no_login_within_the_limit(backend: &Backend) {
    let node = Node::over(backend);
    for id in ["a", "b"] {
        node.open(node.login(id, 1, -10, 2)).await;
    }
    let mut key = node.login("key", 1, 0, 2);
    key.details.kind = SessionKind::Key;
    assert!(node.open(key).await.is_empty());
    assert_eq!(node.ids(1).await.len(), 3);
}

async fn logins_at_the_same_time_do_not_exceed_the_limit(backend: &Backend) {
    let node = Node::over(backend);
    for limit in [1, 3, 9] {
        let user = format!("user {limit}");
        let mut logins = JoinSet::new();
        for number in 0..12 {
            let (node, id) = (node.clone(), format!("{limit}-{number}"));
            let login = node.login(&id, user.as_str(), 0, limit);
            logins.spawn(async move { node.open(login).await });
        }
        let mut ended = logins.join_all().await.concat();
        let active = node.ids(user.as_str()).await;
        assert!((1..=limit).contains(&active.len()), "{} of {limit}", active.len());
        ended.sort();
        let reported = ended.len();
        ended.dedup();
        assert_eq!(reported, ended.len(), "each is reported once");
        assert_eq!(reported, 12 - active.len());
    }
}

async fn many_logins_at_the_same_time_are_within_the_limit_after_one_more(backend: &Backend) {
    let node = Node::over(backend);
    for limit in [1, 2, 20] {
        let user = format!("user {limit}");
        let login = |number: usize, limit: usize| {
            // Some rehash the password, some are keys, and all seem to begin at one time.
            let mut login = node.login(&format!("{limit}-{number}"), user.as_str(), 0, limit);
            if number % 4 == 1 {
                login.previous_security_stamp = Some("outdated".to_owned());
            }
            if number % 8 == 2 {
                login.details.kind = SessionKind::Key;
            }
            login
        };
        let mut logins = JoinSet::new();
        for number in 0..32 {
            let (node, login) = (node.clone(), login(number, limit));
            logins.spawn(async move { node.open(login).await });
        }
        let mut ended = logins.join_all().await.concat();
        ended.extend(node.open(login(32, limit)).await);
        let active = node.list(None, user.as_str()).await;
        let keys = active.iter().filter(|session| session.details.kind == SessionKind::Key).count();
        assert_eq!((active.len() - keys, keys), (limit, 4));
        assert!(active.iter().any(|session| session.id == format!("{limit}-32")));
        let reported = ended.len();
        ended.sort();
        ended.dedup();
        assert_eq!((ended.len(), reported), (33 - limit - 4, reported), "each is reported once");
        assert!(ended.iter().all(|id| active.iter().all(|session| session.id != *id)));
    }
}

/// Another service may have authenticated the user long before the session begins.
async fn the_time_of_a_login_is_that_of_its_token_and_not_of_its_authentication(backend: &Backend) {
    let node = Node::over(backend);
    let mut over = node.login("over", 1, -30, 2);
    over.ticket.issued_at = node.at(-30);
    over.ticket.expires_at = node.at(-10);
    node.open(over).await;
    for id in ["a", "b"] {
        assert!(
            node.open(node.login(id, 1, -40, 2)).await.is_empty(),
            "a session that is over does not count"
        );
    }
    assert_eq!(node.open(node.login("c", 1, -100_000, 2)).await, ["a"]);
    let since = RevocationCursor::Time(node.at(-60));
    let listed = backend.store.revocations_since(since).await.unwrap();
    assert_eq!(sessions_in(listed.clone()), ["a"]);
    backend.store.remove_expired(RemoveExpired::new(node.at(0), Duration::from_hours(1))).await.unwrap();
    assert_eq!(backend.store.revocations_since(since).await.unwrap(), listed, "it is not old");
    let listed = node.list(None, 1).await;
    let c = listed.iter().find(|session| session.id == "c").unwrap();
    assert_eq!((c.authenticated_at, c.refreshed_at), (node.at(-100_000), node.at(0)));
}

async fn a_login_that_rehashes_the_password_respects_the_limit(backend: &Backend) {
    let node = Node::over(backend);
    for (id, seconds) in [("a", -20), ("b", -10)] {
        node.open(node.login(id, 1, seconds, 2)).await;
    }
    let mut login = node.login("c", 1, 0, 2);
    login.previous_security_stamp = Some("stamp".to_owned());
    "rehashed".clone_into(&mut login.security_stamp);
    assert_eq!(node.open(login).await, ["a"]);
    for (id, is_active) in [("a", false), ("b", true), ("c", true)] {
        let mut rotation = node.rotation(id, &format!("{id}-1"), &format!("{id}-2"));
        "rehashed".clone_into(&mut rotation.security_stamp);
        let outcome = backend.store.rotate(rotation).await.unwrap();
        assert_eq!(matches!(outcome, RotationOutcome::Rotated(_)), is_active, "{id}: {outcome:?}");
    }
}
