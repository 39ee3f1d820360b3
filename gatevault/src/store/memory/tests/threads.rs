//! Operations in parts beside threads that never pause.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use super::*;

/// Threads that repeat an operation until they are stopped.
struct Busy {
    is_done: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    fn start(count: u64, operation: impl Fn(u64) + Clone + Send + 'static) -> Self {
        let (is_done, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let threads = (0..count).map(|_| {
            let (is_done, next, operation) = (Arc::clone(&is_done), Arc::clone(&next), operation.clone());
            thread::spawn(move || {
                while !is_done.load(Ordering::Relaxed) {
                    operation(next.fetch_add(1, Ordering::Relaxed));
                }
            })
        });
        Self { threads: threads.collect(), is_done }
    }

    fn stop(self) {
        self.is_done.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

#[test]
fn reads_and_removals_end_while_other_threads_record_and_log_in() {
    let store = MemorySessions::new();
    for number in 0..20_000_u64 {
        wait(store.record_revocation(NewRevocation::new(Revocation::of_session(number.to_string()), at(0))));
        wait(store.open(lasting(&format!("before {number}"), number, 0)));
    }
    let busy = Busy::start(3, {
        let store = store.clone();
        move |number| {
            let revocation = Revocation::of_session(format!("busy {number}"));
            wait(store.record_revocation(NewRevocation::new(revocation, at(0))));
            wait(store.open(lasting(&format!("busy {number}"), 1_000_000 + number, 0)));
        }
    });
    for _ in 0..3 {
        let batch = wait(store.revocations_since(RevocationCursor::Position(0)));
        assert!(batch.revocations.len() >= 20_000);
        assert_eq!(remove_expired(&store, 1, Duration::from_hours(1)), 0);
    }
    busy.stop();
}

#[test]
fn a_reader_misses_no_revocation_while_old_ones_are_removed() {
    let store = MemorySessions::new();
    let recording = Busy::start(2, {
        let store = store.clone();
        move |number| {
            let (id, now) = if number % 2 == 0 { ("old", 0) } else { ("new", 2 * HOUR) };
            let revocation = Revocation::of_session(format!("{id} {number}"));
            wait(store.record_revocation(NewRevocation::new(revocation, at(now))));
        }
    });
    let removing = Busy::start(1, {
        let store = store.clone();
        move |_| {
            remove_expired(&store, 2 * HOUR, Duration::from_hours(1));
        }
    });
    let (mut position, mut read) = (0, HashSet::new());
    let mut read_new = |store: &MemorySessions| {
        let batch = wait(store.revocations_since(RevocationCursor::Position(position)));
        for revocation in batch.revocations {
            assert!(read.insert(revocation.id.clone()), "{} twice", revocation.id);
        }
        position = batch.position;
    };
    while store.table().revocations.keys().next_back().is_none_or(|last| *last < 50_000) {
        read_new(&store);
    }
    recording.stop();
    removing.stop();
    read_new(&store);
    while remove_expired(&store, 2 * HOUR, Duration::from_hours(1)) > 0 {}
    let left: Vec<_> = store.table().revocations.values().map(|one| one.revocation.id.clone()).collect();
    assert!(left.len() > 20_000, "{}", left.len());
    assert!(left.iter().all(|id| id.starts_with("new") && read.contains(id)));
}
