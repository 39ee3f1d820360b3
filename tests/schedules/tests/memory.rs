//! `MemorySessions`: one lock, and operations that return it between their parts.

use std::collections::HashSet;
use std::time::Duration;

use gatevault_schedules::session::{
    ListSessions, NewRevocation, RemoveExpired, Revocation, RevocationCursor, RotationOutcome, SpendToken,
};
use gatevault_schedules::{MemorySessions, SessionStore as _};
use shuttle::future::block_on;
use shuttle::thread;

use crate::fixture::{at, revoking, rotation, session};
use crate::schedules;

schedules! {
    a_token_has_one_successor: 1000;
    a_revoked_session_is_never_active_again: 1000;
    the_limit_of_sessions_holds_and_each_end_is_reported_once: 1000;
    a_token_is_spent_once: 1000;
    a_reader_misses_no_revocation_while_old_ones_are_removed: 750;
    a_removal_ends_and_removes_no_active_session: 750;
}

/// Runs a function in several threads at once, and returns what it returned.
fn at_once<T: Send + 'static>(threads: usize, run: impl Fn(usize) -> T + Clone + Send + 'static) -> Vec<T> {
    let threads: Vec<_> = (0..threads)
        .map(|number| {
            let run = run.clone();
            thread::spawn(move || run(number))
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn list(store: &MemorySessions) -> Vec<String> {
    let sessions = block_on(store.list(ListSessions::new(1.into(), at(0)))).unwrap();
    sessions.into_iter().map(|session| session.id).collect()
}

fn a_token_has_one_successor() {
    let store = MemorySessions::new();
    block_on(store.open(session("s"))).unwrap();
    let outcomes = at_once(3, {
        let store = store.clone();
        move |number| block_on(store.rotate(rotation("s", "first", &format!("second {number}")))).unwrap()
    });
    let mut tickets = HashSet::new();
    let mut rotated = 0;
    for outcome in outcomes {
        match outcome {
            RotationOutcome::Rotated(active) => {
                rotated += 1;
                tickets.insert(active.ticket.id);
            }
            RotationOutcome::Current(active) => {
                tickets.insert(active.ticket.id);
            }
            other => assert!(matches!(other, RotationOutcome::Rotated(_)), "{other:?}"),
        }
    }
    assert_eq!((rotated, tickets.len()), (1, 1));
}

fn a_revoked_session_is_never_active_again() {
    let store = MemorySessions::new();
    block_on(store.open(session("s"))).unwrap();
    let ended = at_once(3, {
        let store = store.clone();
        move |number| match number {
            0 => {
                let ended = block_on(store.revoke(revoking("s"))).unwrap();
                let outcome = block_on(store.rotate(rotation("s", "first", "late"))).unwrap();
                assert_eq!(outcome, RotationOutcome::Revoked);
                ended.len()
            }
            1 => {
                let outcome = block_on(store.rotate(rotation("s", "first", "second"))).unwrap();
                assert!(matches!(outcome, RotationOutcome::Rotated(_) | RotationOutcome::Revoked));
                0
            }
            _ => block_on(store.revoke(revoking("s"))).unwrap().len(),
        }
    });
    assert_eq!(ended.into_iter().sum::<usize>(), 1);
    assert!(list(&store).is_empty());
    let batch = block_on(store.revocations_since(RevocationCursor::Position(0))).unwrap();
    assert_eq!((batch.revocations.len(), batch.position), (1, 1));
}

fn the_limit_of_sessions_holds_and_each_end_is_reported_once() {
    let store = MemorySessions::new();
    let ended = at_once(4, {
        let store = store.clone();
        move |number| {
            let mut session = session(&format!("s{number}"));
            session.limit = Some(2);
            let ended = block_on(store.open(session)).unwrap();
            assert!(list(&store).len() <= 2);
            ended
        }
    });
    let ended = ended.concat();
    let different: HashSet<_> = ended.iter().cloned().chain(list(&store)).collect();
    assert_eq!((ended.len(), different.len()), (2, 4));
}

fn a_token_is_spent_once() {
    let store = MemorySessions::new();
    let first = at_once(3, move |_| {
        block_on(store.spend(SpendToken::new("token".to_owned(), at(60), at(0)))).unwrap()
    });
    assert_eq!(first.into_iter().filter(|is_first| *is_first).count(), 1);
}

fn a_reader_misses_no_revocation_while_old_ones_are_removed() {
    let store = MemorySessions::new();
    let hour = Duration::from_hours(1);
    let record = |store: &MemorySessions, name: &str, recorded_at| {
        let revocation = Revocation::of_session(name);
        block_on(store.record_revocation(NewRevocation::new(revocation, at(recorded_at)))).unwrap();
    };
    (0..3).for_each(|number| record(&store, &format!("old {number}"), 0));
    let recording = thread::spawn({
        let store = store.clone();
        move || (0..4).for_each(|number| record(&store, &format!("new {number}"), 3 * 3600))
    });
    let removing = thread::spawn({
        let store = store.clone();
        move || block_on(store.remove_expired(RemoveExpired::new(at(3 * 3600), hour))).unwrap()
    });
    let (mut position, mut read) = (0, HashSet::new());
    let mut read_new = || {
        let batch = block_on(store.revocations_since(RevocationCursor::Position(position))).unwrap();
        for revocation in batch.revocations {
            assert!(read.insert(revocation.id.clone()), "{} twice", revocation.id);
        }
        assert!(batch.position >= position);
        position = batch.position;
        read.iter().filter(|id| id.starts_with("new")).count()
    };
    for _ in 0..3 {
        read_new();
    }
    recording.join().unwrap();
    assert_eq!(removing.join().unwrap(), 3);
    assert_eq!((read_new(), position), (4, 7));
}

fn a_removal_ends_and_removes_no_active_session() {
    let store = MemorySessions::new();
    for number in 0..3 {
        let mut session = session(&format!("expired {number}"));
        session.expires_at = at(60);
        block_on(store.open(session)).unwrap();
    }
    let removed = at_once(3, {
        let store = store.clone();
        move |number| {
            if number == 0 {
                return block_on(store.remove_expired(RemoveExpired::new(at(60), Duration::ZERO))).unwrap();
            }
            block_on(store.open(session(&format!("active {number}")))).unwrap();
            0
        }
    });
    assert!(removed.into_iter().sum::<u64>() <= 3);
    let left = block_on(store.remove_expired(RemoveExpired::new(at(60), Duration::ZERO))).unwrap();
    assert!(left <= 3);
    let mut active = list(&store);
    active.sort();
    assert_eq!(active, ["active 1", "active 2"]);
}
