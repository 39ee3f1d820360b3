//! The lock-free segment of the revocation list.

/// The source of the library.
#[allow(dead_code, unreachable_pub, reason = "the sources are checked where they are")]
mod source {
    include!(concat!(env!("OUT_DIR"), "/segment.rs"));

    /// Creates a segment with the slots of `LEAST`.
    pub(crate) fn empty() -> Segment {
        Segment::with_capacity(0)
    }

    /// Returns the entry of a hash.
    pub(crate) fn find(segment: &Segment, hash: u64) -> Option<u64> {
        segment.find(Fingerprint::new(hash)).map(|Entry(entry)| entry)
    }

    /// Adds an entry.
    pub(crate) fn add(segment: &Segment, hash: u64, entry: u64) {
        assert!(segment.add(Fingerprint::new(hash), Entry(entry)));
    }
}

use loom::sync::Arc;
use loom::thread;

use crate::on_weak_memory;

use source::{Segment, add, empty, find};

/// Adds entries beside a reader. The reader is the spawned thread: loom does not change the thread at a read of the first thread if
/// the other one reads the same atomic before it writes it.
fn beside_a_reader(
    prepare: impl Fn(&Segment) + Send + Sync + 'static,
    add_others: impl Fn(&Segment) + Send + Sync + 'static,
    read: impl Fn(&Segment) + Copy + Send + Sync + 'static,
) {
    on_weak_memory(move || {
        let segment = Arc::new(empty());
        prepare(&segment);
        let reader = thread::spawn({
            let segment = Arc::clone(&segment);
            move || read(&segment)
        });
        add_others(&segment);
        reader.join().unwrap();
        read(&segment);
    });
}

#[test]
fn a_reader_that_sees_a_fingerprint_sees_its_entry() {
    beside_a_reader(
        |_| {},
        |segment| add(segment, 1, 6),
        |segment| {
            let found = find(segment, 1);
            assert!(found.is_none_or(|entry| entry == 6), "{found:?}");
        },
    );
}

#[test]
fn an_entry_is_raised_and_never_lowered() {
    beside_a_reader(
        |segment| add(segment, 1, 6),
        |segment| [9, 7].into_iter().for_each(|entry| add(segment, 1, entry)),
        |segment| {
            let (first, second) = (find(segment, 1).unwrap(), find(segment, 1).unwrap());
            assert!([6, 9].contains(&first) && first <= second && second <= 9, "{first}, then {second}");
        },
    );
}

/// Two ids of one segment whose places collide: the second one is announced after the first one.
#[test]
fn an_entry_is_found_behind_another_one() {
    beside_a_reader(
        |_| {},
        |segment| [(1, 4), (3, 8)].into_iter().for_each(|(hash, entry)| add(segment, hash, entry)),
        |segment| {
            if let Some(second) = find(segment, 3) {
                assert_eq!((find(segment, 1), second), (Some(4), 8));
            }
        },
    );
}
