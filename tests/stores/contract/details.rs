//! The details of a session: kept as they are, and applied to its rotations.

use std::time::Duration;

use gatevault::session::{
    ListSessions, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SessionDetails, SessionKind,
};
use gatevault_store_tests::Backend;

use crate::direct::{Node, ticket};

over_every_store!(
    details_are_returned_as_they_were_stored,
    labels_are_returned_as_they_were_stored,
    absent_details_stay_absent,
    a_rotation_applies_the_lifetime_of_the_session,
    a_lifetime_never_reaches_beyond_the_session,
    the_grace_of_a_session_replaces_that_of_the_rotation,
    details_survive_a_password_that_is_rehashed,
);

/// Creates details in which nothing has its default, with text that SQL, Lua and JSON treat specially.
fn everything(node: &Node) -> SessionDetails {
    let mut details = SessionDetails::new(node.at(-100));
    details.kind = SessionKind::Key;
    details.acr = Some("urn:example:loa:2 'ü\" \\ {}".to_owned());
    details.amr = ["pwd", "otp", "a,b", "\"]", "nul\0", "", "📱"].map(str::to_owned).to_vec();
    details.scopes = ["orders:read", "ünïcode", "x\r\ny"].map(str::to_owned).to_vec();
    details.is_persistent = false;
    details.refresh_lifetime = Some(Duration::from_secs(90));
    details.grace = Some(Duration::from_millis(1500));
    details
}

async fn details_are_returned_as_they_were_stored(backend: &Backend) {
    let node = Node::over(backend);
    let details = everything(&node);
    node.open(node.session("one", 1, details.clone())).await;
    let listed = node.list(None, 1).await;
    assert_eq!(listed.iter().map(|session| &session.details).collect::<Vec<_>>(), [&details]);
    assert_eq!(listed[0].authenticated_at, node.at(-100));

    let rotated = node.rotate("one", "one-1", "one-2").await;
    let RotationOutcome::Rotated(active) = rotated else { panic!("{rotated:?}") };
    assert_eq!(active.details, details);
    let again = node.rotate("one", "one-1", "one-3").await;
    let RotationOutcome::Current(active) = again else { panic!("{again:?}") };
    assert_eq!((active.ticket.id.as_str(), active.details), ("one-2", details));
}

/// Text that could end a literal, be taken for a parameter, or be too long.
async fn labels_are_returned_as_they_were_stored(backend: &Backend) {
    let node = Node::over(backend);
    let mut labels: Vec<String> = [
        "", " ", "'", "''", "\"", "\\", "\\'", "\\x00", "$1", "$$", "$9$", ":a", "?", "%s", "{}", "--", "/*",
        "E'\\''",
    ]
    .map(str::to_owned)
    .to_vec();
    labels.extend(
        [
            "'; DROP TABLE gatevault_sessions; --",
            "\u{1}\u{7f}\r\n\t",
            "\u{feff}\u{202e}\u{ffff}\u{10ffff}é\u{301}",
        ]
        .map(str::to_owned),
    );
    labels.push("'\\\"$1ü".repeat(1 << 17));
    for (number, label) in labels.iter().enumerate() {
        let mut session =
            node.session("one", u64::try_from(number).unwrap(), SessionDetails::new(node.at(0)));
        session.id = format!("s{number}");
        session.label = Some(label.clone());
        node.open(session).await;
    }
    for (number, label) in labels.iter().enumerate() {
        let listed = node.list(None, u64::try_from(number).unwrap()).await;
        assert_eq!(listed.len(), 1);
        assert!(listed[0].label.as_ref() == Some(label), "{number}");
    }
}

async fn absent_details_stay_absent(backend: &Backend) {
    let node = Node::over(backend);
    let details = SessionDetails::new(node.at(0));
    node.open(node.session("one", 1, details.clone())).await;
    assert_eq!(node.list(None, 1).await[0].details, details);
    assert_eq!(node.list(None, 1).await[0].label, None);
    let rotated = node.rotate("one", "one-1", "one-2").await;
    let RotationOutcome::Rotated(active) = rotated else { panic!("{rotated:?}") };
    assert_eq!(active.details, details);
    assert_eq!(active.ticket, ticket("one-2", node.at(0), node.at(3600)), "the successor as it was proposed");
}

async fn a_rotation_applies_the_lifetime_of_the_session(backend: &Backend) {
    let node = Node::over(backend);
    let mut details = SessionDetails::new(node.at(0));
    // Longer than the successor's own hour, and shorter.
    for (id, lifetime) in [("long", 7200), ("brief", 60)] {
        details.refresh_lifetime = Some(Duration::from_secs(lifetime));
        node.open(node.session(id, 1, details.clone())).await;
        let (first, second) = (format!("{id}-1"), format!("{id}-2"));
        let rotated = node.rotate(id, &first, &second).await;
        let RotationOutcome::Rotated(active) = rotated else { panic!("{rotated:?}") };
        let expected = ticket(&second, node.at(0), node.at(lifetime.try_into().unwrap()));
        assert_eq!(active.ticket, expected);
        let again = node.rotate(id, &first, "other").await;
        let RotationOutcome::Current(active) = again else { panic!("{again:?}") };
        assert_eq!(active.ticket, expected, "stored, not only returned");
        let listed = node.list(None, 1).await;
        assert_eq!(listed.iter().find(|session| session.id == id).unwrap().expires_at, expected.expires_at);
    }
}

async fn a_lifetime_never_reaches_beyond_the_session(backend: &Backend) {
    let node = Node::over(backend);
    let mut details = SessionDetails::new(node.at(0));
    for (id, lifetime) in [("at", 86_400), ("beyond", 86_401), ("endless", u64::MAX)] {
        details.refresh_lifetime = Some(Duration::from_secs(lifetime));
        node.open(node.session(id, 1, details.clone())).await;
        let rotated = node.rotate(id, &format!("{id}-1"), &format!("{id}-2")).await;
        let RotationOutcome::Rotated(active) = rotated else { panic!("{rotated:?}") };
        assert_eq!(active.ticket.expires_at, node.at(86_400), "{id}");
    }
    let mut rotation = node.rotation("at", "at-2", "at-3");
    rotation.successor.expires_at = node.at(1_000_000);
    details.refresh_lifetime = None;
    node.open(node.session("plain", 1, details)).await;
    let mut plain = node.rotation("plain", "plain-1", "plain-2");
    plain.successor.expires_at = node.at(1_000_000);
    for rotation in [rotation, plain] {
        let rotated = backend.store.rotate(rotation).await.unwrap();
        let RotationOutcome::Rotated(active) = rotated else { panic!("{rotated:?}") };
        assert_eq!(active.ticket.expires_at, node.at(86_400));
    }
}

async fn the_grace_of_a_session_replaces_that_of_the_rotation(backend: &Backend) {
    let node = Node::over(backend);
    let mut details = SessionDetails::new(node.at(0));
    details.grace = Some(Duration::from_hours(24));
    node.open(node.session("patient", 1, details.clone())).await;
    details.grace = Some(Duration::ZERO);
    node.open(node.session("strict", 1, details)).await;
    let with_grace = |session: &str, successor: &str, grace: Duration| {
        let mut rotation: Rotation = node.rotation(session, &format!("{session}-1"), successor);
        rotation.grace = grace;
        backend.store.rotate(rotation)
    };
    for (session, other) in [("patient", Duration::ZERO), ("strict", Duration::from_mins(1))] {
        let rotated = with_grace(session, "second", other).await.unwrap();
        assert!(matches!(rotated, RotationOutcome::Rotated(_)), "{rotated:?}");
    }
    let patient = with_grace("patient", "third", Duration::ZERO).await.unwrap();
    assert!(matches!(patient, RotationOutcome::Current(_)), "{patient:?}");
    let strict = with_grace("strict", "third", Duration::from_mins(1)).await.unwrap();
    assert_eq!(strict, RotationOutcome::Reused);
}

/// A login that rehashes the password gives the user's other logins the new stamp, but not those of another pool.
async fn details_survive_a_password_that_is_rehashed(backend: &Backend) {
    let node = Node::over(backend);
    let mut details = everything(&node);
    details.kind = SessionKind::Login;
    node.open(node.session("one", 1, details.clone())).await;
    let mut elsewhere = node.session("elsewhere", 1, details.clone());
    elsewhere.pool = Some("admins".to_owned());
    node.open(elsewhere).await;
    let mut login = node.session("two", 1, SessionDetails::new(node.at(0)));
    login.previous_security_stamp = Some("stamp".to_owned());
    "rehashed".clone_into(&mut login.security_stamp);
    login.limit = Some(5);
    node.open(login).await;
    assert_eq!(node.list(None, 1).await.len(), 2);

    let mut rotation = node.rotation("one", "one-1", "one-2");
    "rehashed".clone_into(&mut rotation.security_stamp);
    let rotated = backend.store.rotate(rotation).await.unwrap();
    let RotationOutcome::Rotated(active) = rotated else { panic!("{rotated:?}") };
    assert_eq!(active.details, details);
    let mut rotation = node.rotation("elsewhere", "elsewhere-1", "elsewhere-2");
    rotation.pool = Some("admins".to_owned());
    let rotated = backend.store.rotate(rotation).await.unwrap();
    assert!(matches!(rotated, RotationOutcome::Rotated(_)), "{rotated:?}");
    // The session that stays gets the stamp, and its details stay.
    let target = RevokeTarget::Others { kept: "one".to_owned(), security_stamp: "changed".to_owned() };
    let ended = backend.store.revoke(RevokeSessions::new(1.into(), target, node.at(0))).await.unwrap();
    assert_eq!(ended, ["two"]);
    let listed = backend.store.list(ListSessions::new(1.into(), node.at(0))).await.unwrap();
    assert_eq!(listed.into_iter().map(|session| session.details).collect::<Vec<_>>(), [details]);
}
