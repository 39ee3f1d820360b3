//! The tokens whose invalidation is awaited, by the entries that revoke them and by the time at which they end.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::Invalidated;
use super::revocation::TokenAge;
use super::revocation_segment::Fingerprint;
use crate::clock::Timestamp;

/// A registry of waiting futures. A revocation finds those that it concerns by its key.
#[derive(Default)]
pub(super) struct Waiters {
    /// The number of waiters: a revocation reads nothing else while no future waits.
    waiting: AtomicUsize,
    registry: Mutex<Registry>,
}

#[derive(Default)]
struct Registry {
    last_number: u64,
    waiters: BTreeMap<u64, Waiter>,
    by_key: BTreeSet<(Fingerprint, u64)>,
    /// The waiters that were polled, by the time at which the thread wakes them.
    by_time: BTreeSet<(Timestamp, u64)>,
    /// Set while a thread follows the clock.
    is_followed: bool,
}

/// A token that is awaited.
pub(super) struct Waiter {
    keys: Box<[Fingerprint]>,
    pub(super) age: TokenAge,
    /// The time in `by_time`.
    due: Option<Timestamp>,
    /// The task that waits. `None` before the first poll, and after it was woken.
    waker: Option<Waker>,
    /// The reason, once the token was revoked. It is kept here because the list forgets entries.
    revoked: Option<Invalidated>,
}

/// The state of a waiter that was polled.
pub(super) enum Polled {
    /// It was revoked.
    Revoked(Invalidated),
    /// It waits, and a thread follows the clock.
    Waiting,
    /// It waits, and the caller must start the thread.
    Unfollowed,
}

impl Waiter {
    pub(super) fn new(keys: impl Iterator<Item = Fingerprint>, age: TokenAge) -> Self {
        Self { keys: keys.collect(), age, due: None, waker: None, revoked: None }
    }
}

impl Waiters {
    /// Adds a waiter and returns its number.
    pub(super) fn add(&self, waiter: Waiter) -> u64 {
        let mut registry = self.lock();
        let number = registry.last_number.wrapping_add(1);
        registry.last_number = number;
        registry.by_key.extend(waiter.keys.iter().map(|key| (*key, number)));
        registry.waiters.insert(number, waiter);
        self.waiting.store(registry.waiters.len(), Ordering::SeqCst);
        number
    }

    /// Removes a waiter. Returns the reason if it was revoked.
    pub(super) fn remove(&self, number: u64) -> Option<Invalidated> {
        let mut registry = self.lock();
        let removed = registry.waiters.remove(&number);
        if let Some(waiter) = &removed {
            for key in &waiter.keys {
                registry.by_key.remove(&(*key, number));
            }
            if let Some(due) = waiter.due {
                registry.by_time.remove(&(due, number));
            }
        }
        self.waiting.store(registry.waiters.len(), Ordering::SeqCst);
        // Without the lock: a waker that is dropped may run code of its executor.
        drop(registry);
        removed?.revoked
    }

    /// Records the task that waits, and the time at which the thread wakes it.
    pub(super) fn poll(&self, number: u64, due: Timestamp, waker: &Waker) -> Polled {
        let mut waker = Some(waker.clone());
        let mut registry = self.lock();
        let Registry { waiters, by_time, is_followed, .. } = &mut *registry;
        let Some(waiter) = waiters.get_mut(&number) else { return Polled::Waiting };
        if let Some(reason) = waiter.revoked {
            return Polled::Revoked(reason);
        }
        // The former waker is dropped after the lock.
        mem::swap(&mut waiter.waker, &mut waker);
        if let Some(former) = waiter.due.replace(due) {
            by_time.remove(&(former, number));
        }
        by_time.insert((due, number));
        if mem::replace(is_followed, true) { Polled::Waiting } else { Polled::Unfollowed }
    }

    /// Records the revocation of the waiters with this key that the entry concerns, and wakes them.
    pub(super) fn revoke(&self, key: Fingerprint, reason: Invalidated, concerns: impl Fn(&Waiter) -> bool) {
        if self.waiting.load(Ordering::SeqCst) == 0 {
            return;
        }
        let mut registry = self.lock();
        let Registry { waiters, by_key, .. } = &mut *registry;
        let mut wakers = Vec::new();
        for (_, number) in by_key.range((key, 0)..=(key, u64::MAX)) {
            if let Some(waiter) = waiters.get_mut(number).filter(|waiter| concerns(waiter)) {
                waiter.revoked.get_or_insert(reason);
                wakers.extend(waiter.waker.take());
            }
        }
        drop(registry);
        wake_tasks(wakers);
    }

    /// Wakes the waiters whose time has come. Returns `false` if none is left: the thread must end.
    pub(super) fn wake_due(&self, now: Timestamp) -> bool {
        let mut registry = self.lock();
        let Registry { waiters, by_time, .. } = &mut *registry;
        let mut wakers = Vec::new();
        while let Some((_, number)) = by_time.first().filter(|(due, _)| *due <= now).copied() {
            by_time.pop_first();
            if let Some(waiter) = waiters.get_mut(&number) {
                waiter.due = None;
                wakers.extend(waiter.waker.take());
            }
        }
        wake(registry, wakers)
    }

    /// Wakes all waiters, which evaluate their tokens again. Returns `false` if none is left: the thread must end.
    pub(super) fn wake_all(&self) -> bool {
        let mut registry = self.lock();
        let wakers = registry.waiters.values_mut().filter_map(|waiter| waiter.waker.take()).collect();
        wake(registry, wakers)
    }

    /// Wakes all waiters after no thread could be started.
    pub(super) fn unfollow(&self) {
        self.lock().is_followed = false;
        self.wake_all();
    }

    /// Returns the number of waiters, and of their places in both indexes.
    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize, usize) {
        let registry = self.lock();
        (registry.waiters.len(), registry.by_key.len(), registry.by_time.len())
    }

    /// Locks the registry. Poisoning is ignored: no code of the application runs while it is locked.
    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes tasks after the lock: an executor may poll the future at once. Returns whether a thread must follow the clock.
fn wake(mut registry: MutexGuard<'_, Registry>, wakers: Vec<Waker>) -> bool {
    registry.is_followed &= !registry.waiters.is_empty();
    let is_followed = registry.is_followed;
    drop(registry);
    wake_tasks(wakers);
    is_followed
}

/// Sends the tasks to their executors, also those after one whose executor panics.
fn wake_tasks(wakers: Vec<Waker>) {
    for waker in wakers {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}
