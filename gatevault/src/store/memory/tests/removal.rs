//! Removal in parts, beside other operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn a_round_of_the_sweep_removes_everything_that_has_expired() {
    let store = MemorySessions::new();
    for number in 0..3000_u64 {
        let id = format!("s{number}");
        wait(store.open(session(&id, number, 0)));
        if number % 2 == 0 {
            assert_eq!(revoke(&store, number, one(&id), 0), [id]);
        }
    }
    let now = HOUR * 24 * 3;
    store.table().sweep_at = 0;
    let mut opened = 0;
    loop {
        wait(store.open(lasting(&format!("later {opened}"), 100_000 + opened, now)));
        opened += 1;
        if store.table().sweep.is_none() {
            break;
        }
    }
    assert!(opened > 1);
    let left = usize::try_from(opened).unwrap();
    assert_eq!(sizes(&store), [left, left, 0]);
}

#[test]
fn a_removal_lets_waiting_threads_go_first_and_still_ends() {
    let store = MemorySessions::new();
    for number in 0..1000_u64 {
        wait(store.open(session(&format!("s{number}"), number, 0)));
    }
    let mut removing = store.remove_expired(RemoveExpired::new(at(HOUR), Duration::ZERO));
    store.shared.waiting.store(1, Ordering::Relaxed);
    assert!(poll_once(&mut removing).is_pending());
    let left = sizes(&store)[0];
    for _ in 0..100 {
        assert!(poll_once(&mut removing).is_pending());
        assert_eq!(sizes(&store)[0], left);
    }
    store.shared.waiting.store(0, Ordering::Relaxed);
    assert!(poll_once(&mut removing).is_pending());
    assert!(sizes(&store)[0] < left);
    store.shared.waiting.store(1, Ordering::Relaxed);
    assert_eq!(wait(removing), 1000);
    assert_eq!(sizes(&store), [0; 3]);
}

#[test]
fn a_dropped_removal_keeps_what_it_has_removed_and_the_next_one_removes_the_rest() {
    let store = MemorySessions::new();
    for number in 0..1000_u64 {
        wait(store.open(session(&format!("s{number}"), number, 0)));
    }
    wait(store.open(lasting("lasting", 1, 0)));
    let mut removing = store.remove_expired(RemoveExpired::new(at(HOUR), Duration::ZERO));
    assert!(poll_once(&mut removing).is_pending());
    drop(removing);
    let left = u64::try_from(store.table().sessions.len()).unwrap();
    assert!((2..1001).contains(&left), "{left}");
    assert_eq!(remove_expired(&store, HOUR, Duration::ZERO), left - 1);
    assert_eq!(remove_expired(&store, HOUR, Duration::ZERO), 0);
    assert!(matches!(rotate(&store, "lasting", 0, HOUR), RotationOutcome::Rotated(_)));
}

#[test]
fn a_removal_ends_though_others_keep_recording_revocations() {
    let store = MemorySessions::new();
    let mut removing = store.remove_expired(RemoveExpired::new(at(HOUR), Duration::ZERO));
    for number in 0..10 {
        let revocation = Revocation::of_session(number.to_string());
        wait(store.record_revocation(NewRevocation::new(revocation, at(HOUR + 1))));
        if poll_once(&mut removing).is_ready() {
            return;
        }
    }
    panic!("the removal follows the new revocations");
}

#[test]
fn sweeps_beside_rotations_and_logins_lose_no_session_and_no_revocation() {
    let store = MemorySessions::new();
    let is_done = Arc::new(AtomicBool::new(false));
    let sweeping = thread::spawn({
        let (store, is_done) = (store.clone(), Arc::clone(&is_done));
        move || {
            while !is_done.load(Ordering::Relaxed) {
                remove_expired(&store, 2 * HOUR, Duration::from_hours(24));
            }
        }
    });
    let working = (0..4_u64).map(|worker| {
        let store = store.clone();
        thread::spawn(move || {
            let kept = format!("kept {worker}");
            wait(store.open(lasting(&kept, worker, 2 * HOUR)));
            for number in 0..2000_u64 {
                wait(store.open(session(&format!("over {worker} {number}"), 1000 + number, 0)));
                let ended = format!("ended {worker} {number}");
                wait(store.open(lasting(&ended, 100 + worker, 2 * HOUR)));
                assert!(matches!(rotate(&store, &kept, number, 2 * HOUR), RotationOutcome::Rotated(_)));
                assert_eq!(revoke(&store, 100 + worker, RevokeTarget::All, 2 * HOUR), [ended.as_str()]);
                assert_eq!(rotate(&store, &ended, 0, 2 * HOUR), RotationOutcome::Revoked);
            }
        })
    });
    working.collect::<Vec<_>>().into_iter().for_each(|worker| worker.join().unwrap());
    is_done.store(true, Ordering::Relaxed);
    sweeping.join().unwrap();
    remove_expired(&store, 2 * HOUR, Duration::from_hours(24));
    assert_eq!(sizes(&store), [4 + 8000, 4, 8000]);
}

#[test]
fn a_removal_takes_spent_tokens_in_parts_and_a_login_does_too() {
    let count = u64::try_from(PART_LEN).unwrap() * 3;
    for is_login in [false, true] {
        let store = MemorySessions::new();
        for number in 0..count {
            assert!(spend(&store, &number.to_string(), 0, 0));
        }
        let over = 25 * HOUR;
        assert_eq!(remove_expired(&store, over - 1, Duration::ZERO), 0);
        assert_eq!(store.table().spent.len(), PART_LEN * 3);
        if is_login {
            store.table().sweep_at = 0;
            let mut logins = 0_u64;
            while store.table().spent.len() > 0 {
                let before = store.table().spent.len();
                wait(store.open(lasting(&format!("s{logins}"), logins, over)));
                assert!(before - store.table().spent.len() <= PART_LEN);
                logins += 1;
                assert!(logins < 100);
            }
        } else {
            let mut removing = store.remove_expired(RemoveExpired::new(at(over), Duration::ZERO));
            assert!(poll_once(&mut removing).is_pending(), "other operations can run in between");
            assert_eq!(wait(removing), count);
        }
    }
}

#[test]
fn tokens_that_are_spent_without_a_login_leave_no_more_than_those_of_a_day_behind() {
    let store = MemorySessions::new();
    let day = 25 * 60;
    for minute in 0..20_000_u64 {
        assert!(spend(&store, &minute.to_string(), minute * 60, minute * 60));
        assert!(store.table().spent.len() <= day + 1, "{}", store.table().spent.len());
    }
}

fn spend(store: &MemorySessions, id: &str, expires_at: u64, now: u64) -> bool {
    wait(store.spend(SpendToken::new(id.to_owned(), at(expires_at), at(now))))
}
