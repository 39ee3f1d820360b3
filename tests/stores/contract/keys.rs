//! Sessions of API keys among those of logins.

use gatevault::session::{RevokeTarget, RotationOutcome, SessionDetails};
use gatevault_store_tests::Backend;

use crate::direct::{Node, sessions_in};

over_every_store!(
    keys_survive_the_end_of_all_logins_and_of_all_but_one,
    the_end_of_all_sessions_and_that_of_one_end_keys,
    a_key_to_keep_is_left_alone_and_gets_no_stamp,
    a_login_that_rehashes_the_password_restamps_no_key,
    keys_neither_count_towards_the_limit_nor_are_ended_by_it,
    logins_of_other_users_and_pools_survive_the_end_of_all_logins,
);

/// Opens two logins and two keys of the user 1.
async fn open_both(node: &Node) {
    for (id, seconds) in [("l1", -20), ("l2", -10)] {
        node.open(node.session(id, 1, SessionDetails::new(node.at(seconds)))).await;
    }
    for id in ["k1", "k2"] {
        node.open(node.key(id, 1)).await;
    }
}

fn all_but(kept: &str) -> RevokeTarget {
    RevokeTarget::Others { kept: kept.to_owned(), security_stamp: "changed".to_owned() }
}

/// Returns the outcome of a rotation of the first token under a stamp.
async fn rotate_with(node: &Node, id: &str, stamp: &str) -> RotationOutcome {
    let mut rotation = node.rotation(id, &format!("{id}-1"), &format!("{id}-2"));
    stamp.clone_into(&mut rotation.security_stamp);
    node.store.rotate(rotation).await.unwrap()
}

async fn keys_survive_the_end_of_all_logins_and_of_all_but_one(backend: &Backend) {
    let node = Node::over(backend);
    open_both(&node).await;
    assert_eq!(node.revoke(None, 1, all_but("l1")).await, ["l2"]);
    assert_eq!(node.ids(1).await, ["l1", "k2", "k1"]);
    assert_eq!(node.revoke(None, 1, RevokeTarget::Logins).await, ["l1"]);
    assert_eq!(node.ids(1).await, ["k2", "k1"]);
    for target in [RevokeTarget::Logins, all_but("l1"), all_but("nothing")] {
        assert!(node.revoke(None, 1, target).await.is_empty());
    }
    for id in ["k1", "k2"] {
        assert!(node.find(id).await.is_some(), "{id}");
    }
    assert_eq!(sessions_in(node.since(0).await), ["l1", "l2"], "nothing else was recorded");
}

async fn the_end_of_all_sessions_and_that_of_one_end_keys(backend: &Backend) {
    let node = Node::over(backend);
    open_both(&node).await;
    assert_eq!(node.revoke(None, 1, RevokeTarget::One("k1".to_owned())).await, ["k1"]);
    assert_eq!(node.find("k1").await, None);
    assert_eq!(node.revoke(None, 1, RevokeTarget::All).await, ["k2", "l1", "l2"]);
    assert_eq!(node.find("k2").await, None);
    assert_eq!(sessions_in(node.since(0).await), ["k1", "k2", "l1", "l2"]);
}

async fn a_key_to_keep_is_left_alone_and_gets_no_stamp(backend: &Backend) {
    let node = Node::over(backend);
    open_both(&node).await;
    assert_eq!(node.revoke(None, 1, all_but("k1")).await, ["l1", "l2"]);
    for id in ["k1", "k2"] {
        let outcome = rotate_with(&node, id, "stamp").await;
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{id}: {outcome:?}");
    }
    // A login that stays gets the stamp.
    node.open(node.session("l3", 1, SessionDetails::new(node.at(0)))).await;
    assert!(node.revoke(None, 1, all_but("l3")).await.is_empty());
    let outcome = rotate_with(&node, "l3", "changed").await;
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
}

async fn a_login_that_rehashes_the_password_restamps_no_key(backend: &Backend) {
    let node = Node::over(backend);
    open_both(&node).await;
    let mut login = node.login("l3", 1, 0, 5);
    login.previous_security_stamp = Some("stamp".to_owned());
    "changed".clone_into(&mut login.security_stamp);
    node.open(login).await;
    for (id, stamp) in [("l1", "changed"), ("l2", "changed"), ("k1", "stamp"), ("k2", "stamp")] {
        let outcome = rotate_with(&node, id, stamp).await;
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{id}: {outcome:?}");
    }
}

async fn keys_neither_count_towards_the_limit_nor_are_ended_by_it(backend: &Backend) {
    let node = Node::over(backend);
    open_both(&node).await;
    // A key with a limit ends no login within it, and the older keys stay.
    let mut key = node.key("k3", 1);
    key.limit = Some(2);
    assert!(node.open(key).await.is_empty());
    assert_eq!(node.open(node.login("l3", 1, 0, 2)).await, ["l1"]);
    assert_eq!(node.open(node.login("l4", 1, 1, 1)).await.len(), 2);
    assert_eq!(node.ids(1).await, ["l4", "k3", "k2", "k1"]);
}

async fn logins_of_other_users_and_pools_survive_the_end_of_all_logins(backend: &Backend) {
    let node = Node::over(backend);
    open_both(&node).await;
    node.open(node.session("text", "1", SessionDetails::new(node.at(0)))).await;
    let mut elsewhere = node.session("elsewhere", 1, SessionDetails::new(node.at(0)));
    elsewhere.pool = Some("admins".to_owned());
    node.open(elsewhere).await;
    assert_eq!(node.revoke(None, 1, RevokeTarget::Logins).await, ["l1", "l2"]);
    assert_eq!(node.ids("1").await, ["text"]);
    assert_eq!(node.list(Some("admins"), 1).await.len(), 1);
    assert_eq!(node.revoke(Some("admins"), 1, RevokeTarget::Logins).await, ["elsewhere"]);
}
