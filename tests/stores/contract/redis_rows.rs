//! The strings in which Redis keeps sessions: any text and number fits, and a string that the store has not written is an error.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{
    ActiveSession, FindSession, ListSessions, RevokeSessions, RevokeTarget, RotationOutcome, SessionDetails,
};
use gatevault::{RedisSessions, Timestamp};
use gatevault_servers::RedisServer;
use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;
use tokio::time::sleep;

use crate::direct::{Node, ticket};

async fn start() -> (RedisServer, MultiplexedConnection, Node) {
    let server = RedisServer::start();
    let node = Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap()));
    let client = redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    (server, connection, node)
}

fn key(id: &str) -> String {
    format!("{{gatevault}}:s:{id}")
}

const TEXTS: [&str; 9] = [
    "",
    "\n",
    "a\nended\n",
    "\0\r\n\t",
    "\"\\\"\n",
    "null",
    "\u{feff}\u{2028}\u{e9}\u{1f600}",
    "%d+ %z [^\n]*",
    "a'b`c{d}e",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_text_is_kept_and_compared_as_it_is() {
    let (_server, _, node) = start().await;
    for (number, text) in TEXTS.iter().enumerate() {
        let id = format!("s{number}");
        let some = Some((*text).to_owned());
        let mut details = SessionDetails::new(node.at(0));
        (details.acr, details.amr) = (some.clone(), vec![(*text).to_owned(), "pwd".to_owned()]);
        details.scopes = vec![(*text).to_owned()];
        let user = format!("user {text}");
        let mut session = node.session(&id, user.as_str(), details.clone());
        (session.pool, session.label) = (some.clone(), some.clone());
        (*text).clone_into(&mut session.security_stamp);
        (*text).clone_into(&mut session.ticket.id);
        node.open(session).await;
        let rotation = |presented: &str, pool: Option<String>, stamp: &str| {
            let mut rotation = node.rotation(&id, presented, "successor\n");
            rotation.pool = pool;
            stamp.clone_into(&mut rotation.security_stamp);
            node.store.rotate(rotation)
        };
        let unknown = rotation(text, None, text).await.unwrap();
        assert_eq!(unknown, RotationOutcome::Unknown, "{text:?}");
        let active = ActiveSession::new(ticket("successor\n", node.at(0), node.at(3600)), details.clone());
        let rotated = rotation(text, some.clone(), text).await.unwrap();
        assert_eq!(rotated, RotationOutcome::Rotated(active.clone()), "{text:?}");
        let again = rotation(text, some.clone(), text).await.unwrap();
        assert_eq!(again, RotationOutcome::Current(active), "{text:?}");
        let mut find = FindSession::new(id.clone(), node.at(0));
        find.pool.clone_from(&some);
        let found = node.store.find(find).await.unwrap().unwrap();
        assert_eq!((found.user, found.label.as_deref()), (user.as_str().into(), Some(*text)));
        let [listed] = &node.list(Some(text), user.as_str()).await[..] else { panic!("{text:?}") };
        assert_eq!((&listed.label, &listed.details), (&some, &details));
        let another = format!("{text}.");
        assert_eq!(rotation("successor\n", some.clone(), &another).await.unwrap(), RotationOutcome::Outdated);
        assert_eq!(rotation("successor\n", some, text).await.unwrap(), RotationOutcome::Revoked);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_numbers_are_kept() {
    let (_server, mut connection, node) = start().await;
    let last = Timestamp::from_seconds(253_402_300_799).unwrap();
    for (lifetime, expires_at) in [
        (None, last),
        (Some(Duration::MAX), last),
        (Some(Duration::from_secs(u64::from(u32::MAX))), node.at(i64::from(u32::MAX))),
        (Some(Duration::new(7, 999_999_999)), node.at(7)),
    ] {
        let mut details = SessionDetails::new(last);
        (details.refresh_lifetime, details.grace) = (lifetime, Some(Duration::MAX));
        let id = format!("{lifetime:?}");
        let mut session = node.session(&id, i64::MAX, details.clone());
        (session.expires_at, session.ticket.expires_at) = (last, last);
        node.open(session).await;
        let mut rotation = node.rotation(&id, &format!("{id}-1"), "second");
        (rotation.successor.expires_at, rotation.grace) = (last, Duration::MAX);
        let outcome = node.store.rotate(rotation.clone()).await.unwrap();
        let active = ActiveSession::new(ticket("second", node.at(0), expires_at), details);
        assert_eq!(outcome, RotationOutcome::Rotated(active.clone()));
        assert_eq!(node.store.rotate(rotation).await.unwrap(), RotationOutcome::Current(active));
        let left: u64 = connection.pttl(key(&id)).await.unwrap();
        let kept_for = (expires_at.seconds() - node.at(0).seconds() + 3600) * 1000;
        assert!((kept_for - 60_000..=kept_for).contains(&left), "{left} of {kept_for}");
        let mut request = node.step_up_to(&id, i64::MAX, "third");
        request.successor.expires_at = last;
        assert!(matches!(node.store.step_up(request).await.unwrap(), RotationOutcome::Rotated(_)));
        assert_eq!(node.find(&id).await.unwrap().ticket.expires_at, expires_at);
    }
}

/// Returns the outcomes of everything that reads the session of user 1 before it decides.
async fn assert_errors(node: &Node, presented: &str, what: &str) {
    let rotated = node.store.rotate(node.rotation("s", presented, "next")).await;
    assert!(rotated.is_err(), "{what}: {rotated:?}");
    let stepped_up = node.store.step_up(node.step_up_to("s", 1, "next")).await;
    assert!(stepped_up.is_err(), "{what}: {stepped_up:?}");
    let found = node.store.find(FindSession::new("s".to_owned(), node.at(0))).await;
    assert!(found.is_err(), "{what}: {found:?}");
    let listed = node.store.list(ListSessions::new(1.into(), node.at(0))).await;
    assert!(listed.is_err(), "{what}: {listed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_was_cut_or_changed_is_an_error() {
    let (_server, mut connection, node) = start().await;
    node.open(node.session("s", 1, SessionDetails::new(node.at(0)))).await;
    let row: String = connection.get(key("s")).await.unwrap();
    let mut hostile: Vec<Vec<u8>> = (0..row.len()).map(|end| row.as_bytes()[..end].to_vec()).collect();
    let lines: Vec<&str> = row.lines().collect();
    for number in 0..lines.len() {
        // Lines that an edit leaves out or adds.
        let without = lines.iter().enumerate().filter(|(index, _)| *index != number).map(|(_, line)| *line);
        hostile.push((without.collect::<Vec<_>>().join("\n") + "\n").into_bytes());
        let mut more = lines.clone();
        more.insert(number, "");
        hostile.push((more.join("\n") + "\n").into_bytes());
    }
    hostile.push(b"\xff\xfe".to_vec());
    hostile.push([row.as_bytes(), b"more\n"].concat());
    hostile.push(row.replace("active", "other").into_bytes());
    for row in hostile {
        let _: () = connection.set(key("s"), &row).await.unwrap();
        assert_errors(&node, "s-1", &format!("{:?}", String::from_utf8_lossy(&row))).await;
    }
    // Values of a line, also such as the script does not look at.
    for (number, line) in [
        (1, "none"),
        (5, "-1"),
        (6, "x"),
        (6, "1e9"),
        (7, "1.5"),
        (8, "x"),
        (9, "253402300800"),
        (9, "0x7fffffff"),
        (10, "1.2.3"),
        (10, "1"),
        (11, "\"open"),
        (12, "robot"),
        (13, "now"),
        (14, "[1,[]]"),
        (14, "[null,[],1]"),
        (15, "{}"),
        (15, "[null,[],true]"),
    ] {
        let mut lines = lines.clone();
        lines[number] = line;
        let _: () = connection.set(key("s"), lines.join("\n") + "\n").await.unwrap();
        let found = node.store.find(FindSession::new("s".to_owned(), node.at(0))).await;
        let rotated = node.store.rotate(node.rotation("s", "s-1", "next")).await;
        // Another pool is not found, and the user is not part of a rotation.
        assert!(matches!(number, 1 | 11) || rotated.is_err(), "{number} {line}: {rotated:?}");
        // The age of the last rotation does not matter here.
        assert!(matches!(number, 1 | 7) || found.is_err(), "{number} {line}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_session_does_not_keep_the_others_of_its_user() {
    let (_server, mut connection, node) = start().await;
    for id in ["a", "s", "z"] {
        node.open(node.session(id, 1, SessionDetails::new(node.at(0)))).await;
    }
    let _: () = connection.set(key("s"), "active\n").await.unwrap();
    // A login with a limit and another stamp works.
    let mut login = node.login("new", 1, 1, 2);
    login.previous_security_stamp = Some("stamp".to_owned());
    "other".clone_into(&mut login.security_stamp);
    assert_eq!(node.open(login).await, ["a"]);
    let all = RevokeSessions::new(1.into(), RevokeTarget::All, node.at(0));
    node.store.revoke(all).await.unwrap_err();
    for id in ["a", "z", "new"] {
        assert_eq!(node.rotate(id, &format!("{id}-1"), "next").await, RotationOutcome::Revoked, "{id}");
    }
    assert_eq!(crate::direct::sessions_in(node.since(0).await), ["a", "new", "z"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_type_under_the_key_of_a_session_is_an_error() {
    let (_server, mut connection, node) = start().await;
    node.open(node.session("s", 1, SessionDetails::new(node.at(0)))).await;
    let _: () = connection.del(key("s")).await.unwrap();
    let _: () = connection.hset(key("s"), "user", "1").await.unwrap();
    assert_errors(&node, "s-1", "a hash").await;
    let all = RevokeSessions::new(1.into(), RevokeTarget::All, node.at(0));
    node.store.revoke(all).await.unwrap_err();
}

/// The script finds the age of the last rotation by the expiry of the key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_grace_ends_after_its_time_also_if_a_step_up_keeps_the_token() {
    let (_server, mut connection, node) = start().await;
    for steps_up in [false, true] {
        let id = format!("s{steps_up}");
        node.open(node.session(&id, 1, SessionDetails::new(node.at(0)))).await;
        let first = format!("{id}-1");
        assert!(matches!(node.rotate(&id, &first, "second").await, RotationOutcome::Rotated(_)));
        sleep(Duration::from_millis(600)).await;
        if steps_up {
            // The key is kept for longer than before.
            let mut request = node.step_up_to(&id, 1, "second");
            request.successor.expires_at = node.at(7200);
            assert!(matches!(node.store.step_up(request).await.unwrap(), RotationOutcome::Rotated(_)));
            let left: i64 = connection.pttl(key(&id)).await.unwrap();
            assert!(left > 10_000_000, "{left}");
        }
        let with_grace = |millis| {
            let mut rotation = node.rotation(&id, &first, "third");
            rotation.grace = Duration::from_millis(millis);
            node.store.rotate(rotation)
        };
        let within = with_grace(60_000).await.unwrap();
        assert!(matches!(within, RotationOutcome::Current(_)), "{within:?}");
        assert_eq!(with_grace(600).await.unwrap(), RotationOutcome::Reused);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_stamp_keeps_the_expiry_of_a_session_and_the_age_of_its_rotation() {
    let (_server, mut connection, node) = start().await;
    node.open(node.session("s", 1, SessionDetails::new(node.at(0)))).await;
    assert!(matches!(node.rotate("s", "s-1", "second").await, RotationOutcome::Rotated(_)));
    let mut login = node.session("new", 1, SessionDetails::new(node.at(0)));
    login.previous_security_stamp = Some("stamp".to_owned());
    "other".clone_into(&mut login.security_stamp);
    node.open(login).await;
    let left: i64 = connection.pttl(key("s")).await.unwrap();
    assert!((7_140_000..=7_200_000).contains(&left), "{left}");
    let mut rotation = node.rotation("s", "s-1", "third");
    "other".clone_into(&mut rotation.security_stamp);
    let outcome = node.store.rotate(rotation).await.unwrap();
    assert!(matches!(outcome, RotationOutcome::Current(_)), "{outcome:?}");
}

/// A caller may stop polling a call without dropping it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_whose_callers_stop_polling_hold_up_no_other() {
    let (server, _, _) = start().await;
    // The first call opens the connection.
    let node = Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap()));
    node.open(node.session("s", 1, SessionDetails::new(node.at(0)))).await;
    let outcome = tokio::spawn(async move {
        let mut stopped = Vec::new();
        for _ in 0..1000 {
            let mut call = node.store.find(FindSession::new("s".to_owned(), node.at(0)));
            tokio::select! {
                biased;
                _ = &mut call => {}
                () = std::future::ready(()) => stopped.push(call),
            }
        }
        assert!(!stopped.is_empty());
        let outcome = node.rotate("s", "s-1", "second").await;
        for call in stopped {
            assert!(call.await.unwrap().is_some());
        }
        outcome
    });
    assert!(matches!(outcome.await.unwrap(), RotationOutcome::Rotated(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_dropped_after_a_poll_takes_place() {
    let (_server, _, node) = start().await;
    node.open(node.session("s", 1, SessionDetails::new(node.at(0)))).await;
    let dropping = node.clone();
    let polled = tokio::spawn(async move {
        let mut call = dropping.store.rotate(dropping.rotation("s", "s-1", "second"));
        tokio::select! {
            biased;
            _ = &mut call => false,
            () = std::future::ready(()) => true,
        }
    });
    assert!(polled.await.unwrap());
    while node.find("s").await.unwrap().ticket.id != "second" {
        sleep(Duration::from_millis(1)).await;
    }
}

/// The connection is opened by a task of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_stops_polling_while_connecting_keeps_no_other_from_it() {
    let (mut server, _, node) = start().await;
    node.open(node.session("s", 1, SessionDetails::new(node.at(0)))).await;
    server.kill();
    let failing = node.clone();
    let error =
        tokio::spawn(async move { failing.store.rotate(failing.rotation("s", "s-1", "second")).await });
    error.await.unwrap().unwrap_err();
    server.start_again();
    let outcome = tokio::spawn(async move {
        let mut stopped = node.store.find(FindSession::new("s".to_owned(), node.at(0)));
        tokio::select! {
            biased;
            _ = &mut stopped => panic!("a connection was opened within one poll"),
            () = std::future::ready(()) => {}
        }
        let found = node.store.find(FindSession::new("s".to_owned(), node.at(0))).await;
        (found, stopped.await)
    });
    let (found, stopped) = outcome.await.unwrap();
    found.unwrap();
    stopped.unwrap();
}
