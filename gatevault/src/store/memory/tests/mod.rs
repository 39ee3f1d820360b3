//! The number of rows that each operation visits: never those that other operations have left behind.

#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

mod model;
mod random;
mod removal;
mod threads;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::MemorySessions;
use super::table::PART_LEN;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::future::wait_for;
use crate::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RefreshTicket, RemoveExpired, Revocation,
    RevocationCursor, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SessionDetails, SessionStore,
    SpendToken, StepUp, StoredSession,
};
use crate::store::segmented_map::{SEGMENT_LEN, visited};

/// The most rows that one operation may visit: some segments, and the sessions of a user at the limit.
const MOST_VISITED: usize = SEGMENT_LEN * 16;
const HOUR: u64 = 3600;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds).unwrap()
}

fn wait<T>(future: crate::future::StoreFuture<'_, T>) -> T {
    wait_for(future, Duration::from_mins(1)).unwrap().unwrap()
}

fn ticket(session: &str, number: u64, now: u64) -> RefreshTicket {
    RefreshTicket::new(format!("{session}-{number}"), at(now), at(now + HOUR * 24 * 7))
}

/// Creates a session of an hour with a limit of five.
fn session(id: &str, user: u64, now: u64) -> NewSession {
    let (expires_at, first) = (at(now + HOUR), ticket(id, 0, now));
    let details = SessionDetails::new(at(now));
    let mut session =
        NewSession::new(id.to_owned(), user.into(), expires_at, first, "stamp".to_owned(), details);
    session.limit = Some(5);
    session
}

fn lasting(id: &str, user: u64, now: u64) -> NewSession {
    NewSession { expires_at: at(now + HOUR * 24 * 7), ..session(id, user, now) }
}

fn rotate(store: &MemorySessions, id: &str, number: u64, now: u64) -> RotationOutcome {
    let (presented, successor) = (format!("{id}-{number}"), ticket(id, number + 1, now));
    let grace = Duration::from_secs(10);
    wait(store.rotate(Rotation::new(id.to_owned(), presented, successor, "stamp".to_owned(), grace, at(now))))
}

fn revoke(store: &MemorySessions, user: u64, target: RevokeTarget, now: u64) -> Vec<String> {
    wait(store.revoke(RevokeSessions::new(user.into(), target, at(now))))
}

fn one(id: &str) -> RevokeTarget {
    RevokeTarget::One(id.to_owned())
}

fn list(store: &MemorySessions, user: u64, now: u64) -> usize {
    wait(store.list(ListSessions::new(user.into(), at(now)))).len()
}

fn remove_expired(store: &MemorySessions, now: u64, keep_revoked: Duration) -> u64 {
    wait(store.remove_expired(RemoveExpired::new(at(now), keep_revoked)))
}

/// Returns the rows that the operation visited, and its result.
fn counted<T>(store: &MemorySessions, operation: impl FnOnce(&MemorySessions) -> T) -> (usize, T) {
    let before = visited();
    let result = operation(store);
    (visited() - before, result)
}

/// Runs the operation and checks that it visited a bounded number of rows.
fn bounded<T>(store: &MemorySessions, operation: impl FnOnce(&MemorySessions) -> T) -> T {
    let (visited, result) = counted(store, operation);
    assert!(visited <= MOST_VISITED, "{visited} rows visited");
    result
}

/// Returns the numbers of sessions, of users and of revocations.
fn sizes(store: &MemorySessions) -> [usize; 3] {
    let table = store.table();
    [table.sessions.len(), table.by_user.0.len(), table.revocations.len()]
}

fn ids_of(store: &MemorySessions, user: u64) -> usize {
    store.table().by_user.ids(&(None, UserId::from(user))).count()
}

/// Runs the future once. Returns its result if it is ready.
fn poll_once<T>(future: &mut crate::future::StoreFuture<'_, T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).map(Result::unwrap)
}

#[test]
fn an_operation_visits_only_a_few_segments_of_a_hundred_thousand_sessions() {
    let store = MemorySessions::new();
    for number in 0..100_000_u64 {
        let id = format!("s{number}");
        let opened = if number % 3 == 0 { lasting(&id, number / 5, 0) } else { session(&id, number / 5, 0) };
        assert!(bounded(&store, |store| wait(store.open(opened))).is_empty());
    }
    assert_eq!(store.table().sessions.len(), 100_000);
    for number in (0..100_000).step_by(991) {
        let id = format!("s{number}");
        assert!(matches!(bounded(&store, |store| rotate(store, &id, 0, 1)), RotationOutcome::Rotated(_)));
        assert_eq!(bounded(&store, |store| list(store, number / 5, 1)), 5);
        assert_eq!(bounded(&store, |store| revoke(store, number / 5, one(&id), 1)), [id]);
        assert_eq!(bounded(&store, |store| revoke(store, number / 5, RevokeTarget::All, 1)).len(), 4);
    }
    // Two thirds have expired, and the logins remove them.
    for number in 0..110_000_u64 {
        let id = format!("later {number}");
        bounded(&store, |store| wait(store.open(lasting(&id, 1_000_000 + number, 2 * HOUR))));
    }
    let left = sizes(&store)[0];
    assert!(left < 150_000, "{left}");
    let mut removing = store.remove_expired(RemoveExpired::new(at(HOUR * 24 * 8), Duration::ZERO));
    while bounded(&store, |_| poll_once(&mut removing)).is_pending() {}
    assert_eq!(sizes(&store)[..2], [0, 0]);
}

#[test]
fn a_long_read_of_revocations_comes_in_parts_and_a_poll_without_news_in_one() {
    let store = MemorySessions::new();
    let count = u64::try_from(PART_LEN).unwrap() * 4;
    for number in 0..count {
        let revocation = Revocation::of_token(number.to_string(), at(60));
        wait(store.record_revocation(NewRevocation::new(revocation, at(number / 2))));
    }
    for (cursor, expected) in [
        (RevocationCursor::Time(at(0)), count),
        (RevocationCursor::Time(at(count / 4)), count / 2),
        (RevocationCursor::Position(count / 2), count / 2),
    ] {
        let mut reading = store.revocations_since(cursor);
        assert!(poll_once(&mut reading).is_pending(), "other operations can run in between");
        wait(store.record_revocation(NewRevocation::new(Revocation::of_session("new"), at(count))));
        let batch = wait(reading);
        let recorded_before = batch.revocations.iter().filter(|revocation| revocation.id != "new").count();
        assert_eq!(u64::try_from(recorded_before).unwrap(), expected);
        assert_eq!(batch.revocations.last().unwrap().id, "new");
        assert_eq!(
            poll_once(&mut store.revocations_since(RevocationCursor::Position(batch.position)))
                .map(|batch| batch.revocations.len()),
            Poll::Ready(0)
        );
    }
}

#[test]
fn an_ended_session_leaves_the_index_of_its_user_and_its_refresh_is_revoked() {
    let store = MemorySessions::new();
    for id in ["one", "two", "three", "four", "stolen", "changed"] {
        wait(store.open(NewSession { limit: None, ..session(id, 1, 0) }));
    }
    assert_eq!(ids_of(&store, 1), 6);
    revoke(&store, 1, one("one"), 1);
    assert_eq!(ids_of(&store, 1), 5);
    assert_eq!(rotate(&store, "stolen", 7, 1), RotationOutcome::Reused);
    let mut rotation = Rotation::new(
        "changed".to_owned(),
        "changed-0".to_owned(),
        ticket("changed", 1, 1),
        "another".to_owned(),
        Duration::ZERO,
        at(1),
    );
    rotation.pool = None;
    assert_eq!(wait(store.rotate(rotation)), RotationOutcome::Outdated);
    assert_eq!(ids_of(&store, 1), 3);
    let kept = RevokeTarget::Others { kept: "two".to_owned(), security_stamp: "stamp".to_owned() };
    assert_eq!(revoke(&store, 1, kept, 1).len(), 2);
    assert_eq!(ids_of(&store, 1), 1);
    assert_eq!(revoke(&store, 1, RevokeTarget::All, 1), ["two"]);
    assert_eq!((ids_of(&store, 1), list(&store, 1, 1)), (0, 0));
    assert_eq!(sizes(&store), [6, 0, 6]);
    for id in ["one", "two", "three", "four", "stolen", "changed"] {
        assert_eq!(rotate(&store, id, 0, 1), RotationOutcome::Revoked);
        assert!(revoke(&store, 1, one(id), 1).is_empty());
    }
}

#[test]
fn a_user_who_logs_in_and_out_leaves_no_work_for_later_operations() {
    let store = MemorySessions::new();
    for number in 0..100_000_u64 {
        let id = format!("s{number}");
        assert!(bounded(&store, |store| wait(store.open(session(&id, 1, number)))).is_empty());
        assert_eq!(counted(&store, |store| revoke(store, 1, one(&id), number)).1.len(), 1);
    }
    assert_eq!(ids_of(&store, 1), 0);
    // Sessions of an hour, one a second.
    let [rows, users, revocations] = sizes(&store);
    assert_eq!(users, 0);
    assert!(rows <= 2 * 3600 + 1024, "{rows}");
    assert!(revocations < 100_000, "{revocations}");
    for number in 0..5 {
        wait(store.open(session(&format!("active {number}"), 1, 100_000)));
    }
    let (visited, listed) = counted(&store, |store| list(store, 1, 100_000));
    assert_eq!((listed, visited), (5, 6));
    assert_eq!(bounded(&store, |store| revoke(store, 1, RevokeTarget::All, 100_000)).len(), 5);
    remove_expired(&store, 400_000, Duration::from_hours(1));
    assert_eq!(sizes(&store), [0; 3]);
}

/// Checks that a login leaves what a manager with a leeway of a day accepts.
#[test]
fn a_login_removes_no_session_that_a_refresh_within_the_leeway_could_use() {
    let store = MemorySessions::new();
    let mut first = lasting("first", 1, 0);
    first.ticket.expires_at = at(HOUR);
    wait(store.open(first));
    wait(store.open(lasting("second", 1, 25 * HOUR - 1)));
    assert!(matches!(rotate(&store, "first", 0, 25 * HOUR - 1), RotationOutcome::Rotated(_)));
}

#[test]
fn the_expired_sessions_of_a_user_are_visited_for_a_day_only() {
    let store = MemorySessions::new();
    for number in 0..3000_u64 {
        wait(store.open(lasting(&format!("other {number}"), 1_000_000 + number, 0)));
    }
    for number in 0..1000_u64 {
        // Each has expired when the next one begins.
        let now = number * HOUR;
        bounded(&store, |store| wait(store.open(session(&format!("s{number}"), 1, now))));
        assert!(ids_of(&store, 1) <= 25, "{}", ids_of(&store, 1));
        assert_eq!(list(&store, 1, now), 1);
    }
}
