//! Active sessions, found by their ids.

use gatevault::session::{FindSession, RevokeTarget, SessionDetails, StoredSession};
use gatevault_store_tests::Backend;

use crate::direct::{Node, ticket};

over_every_store!(
    an_active_session_of_each_kind_is_found_as_it_was_stored,
    a_session_is_found_as_its_last_rotation_left_it,
    a_session_that_has_ended_or_expired_is_not_found,
    a_session_is_found_in_its_pool_only,
    hostile_ids_find_nothing,
);

async fn an_active_session_of_each_kind_is_found_as_it_was_stored(backend: &Backend) {
    let node = Node::over(backend);
    let mut key = node.key("key", "ada \"ü\\");
    key.label = Some("ci '$1' \\x00 📱".to_owned());
    key.details.scopes = ["orders:read", "a,b"].map(str::to_owned).to_vec();
    let mut login = node.session("login", -42, SessionDetails::new(node.at(-5)));
    login.details.acr = Some(String::new());
    login.details.amr = vec![String::new()];
    for session in [key, login] {
        node.open(session.clone()).await;
        let (user, label, expires_at) = (session.user, session.label, session.expires_at);
        let expected = StoredSession::new(user, label, expires_at, session.ticket, session.details);
        for _ in 0..2 {
            assert_eq!(node.find(&session.id).await, Some(expected.clone()));
        }
    }
}

async fn a_session_is_found_as_its_last_rotation_left_it(backend: &Backend) {
    let node = Node::over(backend);
    node.open(node.session("one", 1, SessionDetails::new(node.at(0)))).await;
    node.rotate("one", "one-1", "one-2").await;
    assert_eq!(node.find("one").await.unwrap().ticket, ticket("one-2", node.at(0), node.at(3600)));
}

async fn a_session_that_has_ended_or_expired_is_not_found(backend: &Backend) {
    let node = Node::over(backend);
    assert_eq!(node.find("unknown").await, None);
    // The session expires with its token, and before its token.
    let mut brief = node.key("brief", 1);
    (brief.expires_at, brief.ticket.expires_at) = (node.at(1800), node.at(86_400));
    for (session, end) in [(node.key("idle", 1), 3600), (brief, 1800)] {
        let id = session.id.clone();
        node.open(session).await;
        for (seconds, is_found) in [(0, true), (end - 1, true), (end, false), (end + 1, false)] {
            let found = node.store.find(FindSession::new(id.clone(), node.at(seconds))).await.unwrap();
            assert_eq!(found.is_some(), is_found, "{id} after {seconds} s");
        }
        assert_eq!(node.revoke(None, 1, RevokeTarget::One(id.clone())).await, [id.as_str()]);
        assert_eq!(node.find(&id).await, None);
    }
}

async fn a_session_is_found_in_its_pool_only(backend: &Backend) {
    let node = Node::over(backend);
    for (id, pool) in
        [("none", None), ("empty", Some("")), ("null", Some("null")), ("admins", Some("admins"))]
    {
        let mut session = node.key(id, 1);
        session.pool = pool.map(str::to_owned);
        node.open(session).await;
        for asked in [None, Some(""), Some("null"), Some("admins")] {
            let mut request = FindSession::new(id.to_owned(), node.at(0));
            request.pool = asked.map(str::to_owned);
            let found = node.store.find(request).await.unwrap();
            assert_eq!(found.is_some(), pool == asked, "{id} in {asked:?}");
        }
    }
}

async fn hostile_ids_find_nothing(backend: &Backend) {
    let node = Node::over(backend);
    node.open(node.key("key", 1)).await;
    for id in ["", "'; DROP TABLE gatevault_sessions; --", "key\0", "KEY", "%", "*", "a\r\nFLUSHALL\r\n"] {
        assert_eq!(node.find(id).await, None, "{id:?}");
    }
    assert!(node.find("key").await.is_some());
}
