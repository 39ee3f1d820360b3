//! A new authentication in an active session.

use std::time::Duration;

use gatevault::session::{ActiveSession, FindSession, RevokeTarget, RotationOutcome, SessionDetails, StepUp};
use gatevault_store_tests::Backend;

use crate::direct::{Node, sessions_in, ticket};

over_every_store!(
    a_step_up_replaces_the_authentication_and_keeps_the_rest,
    a_step_up_stores_text_as_it_is_and_nothing_where_there_is_none,
    a_replaced_token_returns_the_successor_with_the_new_authentication,
    a_step_up_applies_the_lifetimes_of_the_session,
    a_repeated_step_up_changes_nothing_more,
    a_session_that_may_not_step_up_stays_as_it_is,
    an_expired_session_does_not_step_up,
    a_revoked_session_does_not_step_up,
    a_step_up_under_another_stamp_revokes_the_session,
    a_session_that_stepped_up_is_the_newest_login_of_its_user,
);

async fn open(node: &Node, details: SessionDetails) {
    let mut session = node.session("one", 1, details);
    session.label = Some("laptop".to_owned());
    node.open(session).await;
}

fn password(node: &Node) -> SessionDetails {
    let mut details = SessionDetails::new(node.at(-600));
    details.acr = Some("pwd class".to_owned());
    details.amr = vec!["pwd".to_owned()];
    details
}

fn rotated(outcome: RotationOutcome) -> ActiveSession {
    let RotationOutcome::Rotated(active) = outcome else { panic!("{outcome:?}") };
    active
}

async fn a_step_up_replaces_the_authentication_and_keeps_the_rest(backend: &Backend) {
    let node = Node::over(backend);
    let mut details = password(&node);
    details.scopes = vec!["orders:read".to_owned()];
    details.is_persistent = false;
    details.refresh_lifetime = Some(Duration::from_mins(10));
    details.grace = Some(Duration::from_millis(1500));
    open(&node, details.clone()).await;
    let active = rotated(node.step_up("one", "one-2").await);
    details.authenticated_at = node.at(0);
    details.acr = Some("class of one-2".to_owned());
    details.amr = ["hwk", "user"].map(str::to_owned).to_vec();
    assert_eq!(active.details, details);
    assert_eq!(active.ticket, ticket("one-2", node.at(0), node.at(600)));
    let found = node.find("one").await.unwrap();
    assert_eq!((found.ticket, found.details), (active.ticket, details.clone()));
    assert_eq!((found.user, found.label.as_deref()), (1.into(), Some("laptop")));
    assert_eq!(found.expires_at, node.at(86_400), "no step-up extends the session");
    // The next refresh keeps it.
    assert_eq!(rotated(node.rotate("one", "one-2", "one-3").await).details, details);
    assert_eq!(node.list(None, 1).await[0].details, details);
    assert!(node.since(0).await.revocations.is_empty());
}

async fn a_step_up_stores_text_as_it_is_and_nothing_where_there_is_none(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, password(&node)).await;
    let odd = "urn:example:loa:2 'ü\" \\ {} $1";
    for (number, acr) in [Some(odd), None, Some(""), Some("a"), None].into_iter().enumerate() {
        let mut request = node.step_up_to("one", 1, &format!("one-{}", number + 2));
        request.acr = acr.map(str::to_owned);
        let odd = ["pwd", "a,b", "\"]", "nul\0", "", "📱", "'$1\\"].map(str::to_owned).to_vec();
        request.amr = if acr.is_some() { odd } else { vec![] };
        let active = rotated(node.store.step_up(request.clone()).await.unwrap());
        assert_eq!((&active.details.acr, &active.details.amr), (&request.acr, &request.amr));
        assert_eq!(node.find("one").await.unwrap().details, active.details, "stored, not only returned");
    }
}

async fn a_replaced_token_returns_the_successor_with_the_new_authentication(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, password(&node)).await;
    let first = rotated(node.rotate("one", "one-1", "one-2").await);
    assert_eq!(first.details, password(&node));
    let active = rotated(node.step_up("one", "one-3").await);
    // A refresh that began before the step-up.
    assert_eq!(node.rotate("one", "one-2", "other").await, RotationOutcome::Current(active.clone()));
    assert_eq!(active.details.acr.as_deref(), Some("class of one-3"));
    // An older token than that.
    assert_eq!(node.rotate("one", "one-1", "other").await, RotationOutcome::Reused);
    assert_eq!(node.find("one").await, None);
}

async fn a_step_up_applies_the_lifetimes_of_the_session(backend: &Backend) {
    let node = Node::over(backend);
    for (id, lifetime, successor, expected) in [
        ("long", Some(7200), 3600, 7200),
        ("brief", Some(60), 3600, 60),
        ("beyond", Some(86_401), 3600, 86_400),
        ("endless", Some(u64::MAX), 3600, 86_400),
        ("plain", None, 3600, 3600),
        ("cut", None, 1_000_000, 86_400),
    ] {
        let mut details = password(&node);
        details.refresh_lifetime = lifetime.map(Duration::from_secs);
        node.open(node.session(id, 1, details)).await;
        let mut request = node.step_up_to(id, 1, "successor");
        request.successor.expires_at = node.at(successor);
        let active = rotated(node.store.step_up(request).await.unwrap());
        assert_eq!(active.ticket.expires_at, node.at(expected), "{id}");
        assert_eq!(node.find(id).await.unwrap().ticket, active.ticket, "{id}");
    }
}

/// A caller that repeats its request after an error.
async fn a_repeated_step_up_changes_nothing_more(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, password(&node)).await;
    let active = rotated(node.step_up("one", "one-2").await);
    for _ in 0..3 {
        assert_eq!(rotated(node.step_up("one", "one-2").await), active);
    }
    assert_eq!(node.rotate("one", "one-1", "other").await, RotationOutcome::Current(active));
    rotated(node.rotate("one", "one-2", "one-3").await);
}

async fn a_session_that_may_not_step_up_stays_as_it_is(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, password(&node)).await;
    node.open(node.key("key", 1)).await;
    let mut elsewhere = node.session("admin", 1, password(&node));
    elsewhere.pool = Some("admins".to_owned());
    node.open(elsewhere).await;
    let in_pool = |request: StepUp, pool: &str| {
        let mut request = request;
        request.pool = Some(pool.to_owned());
        request
    };
    let foreign_stamp = |request: StepUp| {
        let mut request = request;
        "other".clone_into(&mut request.security_stamp);
        request
    };
    let requests = [
        node.step_up_to("unknown", 1, "new"),
        node.step_up_to("one", "1", "new"),
        node.step_up_to("one", 2, "new"),
        node.step_up_to("admin", 1, "new"),
        node.step_up_to("key", 1, "new"),
        node.step_up_to("one\0", 1, "new"),
        node.step_up_to("'; DROP TABLE gatevault_sessions; --", 1, "new"),
        in_pool(node.step_up_to("one", 1, "new"), "admins"),
        in_pool(node.step_up_to("admin", 1, "new"), "null"),
        in_pool(node.step_up_to("one", 1, "new"), ""),
    ];
    for request in requests {
        for request in [request.clone(), foreign_stamp(request)] {
            let outcome = node.store.step_up(request.clone()).await.unwrap();
            assert_eq!(outcome, RotationOutcome::Unknown, "{request:?}");
        }
    }
    assert!(node.since(0).await.revocations.is_empty(), "a foreign stamp ends no session of another");
    assert_eq!(node.find("one").await.unwrap().details, password(&node));
    assert_eq!(node.find("key").await.unwrap().ticket.id, "key-1");
    let admin = node.store.step_up(in_pool(node.step_up_to("admin", 1, "new"), "admins")).await.unwrap();
    rotated(admin);
    rotated(node.rotate("one", "one-1", "one-2").await);
}

async fn an_expired_session_does_not_step_up(backend: &Backend) {
    let node = Node::over(backend);
    let mut brief = node.session("brief", 1, password(&node));
    (brief.expires_at, brief.ticket.expires_at) = (node.at(1800), node.at(86_400));
    let idle = node.session("idle", 1, password(&node));
    for (session, end) in [(brief, 1800), (idle, 3600)] {
        let id = session.id.clone();
        node.open(session).await;
        for seconds in [end, end + 1] {
            let mut request = node.step_up_to(&id, 1, "new");
            request.now = node.at(seconds);
            assert_eq!(node.store.step_up(request.clone()).await.unwrap(), RotationOutcome::Expired, "{id}");
            // An expired session is left alone under another stamp, too.
            "other".clone_into(&mut request.security_stamp);
            assert_eq!(node.store.step_up(request).await.unwrap(), RotationOutcome::Expired, "{id}");
        }
        assert_eq!(node.find(&id).await.unwrap().ticket.id, format!("{id}-1"));
        let mut request = node.step_up_to(&id, 1, "new");
        request.now = node.at(end - 1);
        rotated(node.store.step_up(request).await.unwrap());
    }
}

async fn a_revoked_session_does_not_step_up(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, password(&node)).await;
    node.revoke(None, 1, RevokeTarget::Logins).await;
    for (seconds, stamp) in [(0, "stamp"), (0, "other"), (100_000, "stamp")] {
        let mut request = node.step_up_to("one", 1, "new");
        request.now = node.at(seconds);
        stamp.clone_into(&mut request.security_stamp);
        assert_eq!(node.store.step_up(request).await.unwrap(), RotationOutcome::Revoked);
    }
    assert_eq!(node.find("one").await, None);
    assert!(node.ids(1).await.is_empty());
    assert_eq!(node.rotate("one", "new", "newer").await, RotationOutcome::Revoked);
    assert_eq!(sessions_in(node.since(0).await), ["one"]);
}

async fn a_step_up_under_another_stamp_revokes_the_session(backend: &Backend) {
    let node = Node::over(backend);
    open(&node, password(&node)).await;
    let mut request = node.step_up_to("one", 1, "new");
    "changed".clone_into(&mut request.security_stamp);
    assert_eq!(node.store.step_up(request.clone()).await.unwrap(), RotationOutcome::Outdated);
    assert_eq!(node.store.step_up(request).await.unwrap(), RotationOutcome::Revoked);
    assert_eq!(node.store.find(FindSession::new("one".to_owned(), node.at(0))).await.unwrap(), None);
    assert_eq!(node.rotate("one", "one-1", "one-2").await, RotationOutcome::Revoked);
    assert_eq!(sessions_in(node.since(0).await), ["one"]);
}

async fn a_session_that_stepped_up_is_the_newest_login_of_its_user(backend: &Backend) {
    let node = Node::over(backend);
    for (id, seconds) in [("old", -30), ("middle", -20), ("new", -10)] {
        node.open(node.login(id, 1, seconds, 5)).await;
    }
    rotated(node.step_up("old", "old-2").await);
    assert_eq!(node.ids(1).await, ["old", "new", "middle"]);
    assert_eq!(node.open(node.login("last", 1, 1, 3)).await, ["middle"]);
}
