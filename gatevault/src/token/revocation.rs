//! The revocation list: every verification consults it, in memory, without I/O and without a lock.

#[cfg(test)]
mod tests;
mod trust;
mod users;
mod watched;

use std::hash::{BuildHasher as _, Hash};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use foldhash::quality::RandomState;

use super::invalidation_waiters::Waiters;
use super::revocation_segment::{Entry, Fingerprint};
use super::revocation_table::RevocationTable;
use crate::claims::{RawRegistered, TokenKind, UserId};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::json::JsonStr;
use crate::user_id::Subject;

use trust::Trust;
pub(crate) use trust::TrustLimit;
pub(crate) use users::LONGEST_ISSUE;
pub(super) use users::TokenAge;
pub(super) use watched::Watched;

pub(super) struct Revocations {
    /// The kinds of entries in the table, as bits: other kinds need no lookup.
    kinds: AtomicU8,
    trust: Trust,
    table: ArcSwap<RevocationTable>,
    /// The progress of the removal of old entries. Serializes writers; readers never take it.
    writing: Mutex<Sweep>,
    /// Seeded per process, so that an attacker cannot choose ids that collide.
    hasher: RandomState,
    /// The longest lifetime of an accepted token, and so the time for which an entry is kept.
    longest: Duration,
    /// The tokens whose invalidation is awaited.
    pub(super) waiters: Waiters,
}

/// The progress of a round through the segments of the table, which removes the entries that are no longer needed.
#[derive(Default)]
struct Sweep {
    /// The number of the next segment.
    next: usize,
    /// The second in which the last round ended.
    ended_at: u64,
}

/// Something to revoke. Ids belong to an issuer; `None` is ourselves.
pub(crate) enum Revoked<'r> {
    /// The token with this `jti`. It expires at `until`.
    Token { issuer: Option<&'r str>, id: &'r str, until: Timestamp },
    /// The tokens with this `sid`.
    Session { issuer: Option<&'r str>, id: &'r str },
    /// The tokens of every issuer with this `sid`, which a session store created.
    SharedSession { id: &'r str },
    /// The tokens of a user that were created up to this second.
    User { issuer: Option<&'r str>, pool: Option<&'r str>, id: &'r UserId, made_until: Timestamp },
    /// The access tokens of a user whose claims were read before this second.
    AccessTokens { issuer: Option<&'r str>, pool: Option<&'r str>, id: &'r UserId, made_until: Timestamp },
}

impl Revocations {
    /// Creates an empty list for tokens that live at most `longest`.
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            kinds: AtomicU8::new(0),
            trust: Trust::default(),
            table: ArcSwap::default(),
            writing: Mutex::default(),
            hasher: RandomState::default(),
            longest,
            waiters: Waiters::default(),
        }
    }

    /// Returns an error for a revoked token, or if the list is too old to be trusted. `skew` is how far the clock of the issuer
    /// may be ahead of the one that revoked a user.
    #[inline]
    pub(super) fn check(
        &self,
        claims: &RawRegistered<'_>,
        issuer: Option<&str>,
        kind: TokenKind,
        skew: Duration,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        self.validate_trust(now)?;
        let kinds = self.kinds.load(Ordering::Acquire);
        if kinds != 0 && self.contains(kinds, claims, issuer, kind, skew) {
            return Err(InvalidReason::Revoked.into());
        }
        Ok(())
    }

    /// Returns an error if the list is too old to be trusted.
    #[inline]
    pub(super) fn validate_trust(&self, now: Timestamp) -> Result<(), TokenError> {
        if now.seconds() > self.trust.last() {
            return Err(InvalidReason::RevocationsUnknown.into());
        }
        Ok(())
    }

    /// Returns an error for a token of our own key that was revoked under the name of the service that created it.
    pub(super) fn check_named(
        &self,
        claims: &RawRegistered<'_>,
        issuer: &str,
        kind: TokenKind,
        skew: Duration,
    ) -> Result<(), TokenError> {
        let kinds = self.kinds.load(Ordering::Acquire);
        let is_revoked = kinds != 0
            && (self.contains_id(kinds, claims, Some(issuer))
                || revocable_user(kinds, claims).is_some_and(|user| {
                    let pool = claims.pool.as_ref().map(|pool| &*pool.0);
                    let age = TokenAge::of(claims, None, kind, skew);
                    self.contains_pool_user(Some(issuer), pool, &user, age)
                }));
        if is_revoked { Err(InvalidReason::Revoked.into()) } else { Ok(()) }
    }

    /// Returns how long an entry is kept.
    pub(super) fn longest(&self) -> Duration {
        self.longest
    }

    /// Adds an entry, and removes a bounded number of those that are no longer needed.
    pub(super) fn add(&self, revoked: &Revoked<'_>, now: Option<Timestamp>) {
        // Without a valid clock the entry is kept forever, and no other is evicted.
        let until = now.map_or(Timestamp::LAST_SECOND, |now| now.after(self.longest).after(NODE_SKEW));
        let (kind, fingerprint, entry) = match *revoked {
            Revoked::Token { issuer, id, until } => {
                (TOKEN, self.fingerprint(TOKEN, issuer, id), pack(until, KEEP_UNTIL))
            }
            Revoked::Session { issuer, id } => {
                (SESSION, self.fingerprint(SESSION, issuer, id), pack(until, KEEP_UNTIL))
            }
            Revoked::SharedSession { id } => {
                (SHARED_SESSION, self.fingerprint(SHARED_SESSION, None, id), pack(until, KEEP_UNTIL))
            }
            Revoked::User { issuer, pool, id, made_until } => {
                (USER, self.fingerprint(USER, issuer, &(pool, id)), pack(made_until, MADE_UNTIL))
            }
            Revoked::AccessTokens { issuer, pool, id, made_until } => {
                (ACCESS, self.fingerprint(ACCESS, issuer, &(pool, id)), pack(made_until, MADE_UNTIL))
            }
        };
        let is_needed = |entry| now.is_none_or(|now| self.is_needed(entry, now));
        let mut sweep = self.lock();
        if !self.table.load().add(fingerprint, entry) {
            self.table.store(Arc::new(self.table.load().with(fingerprint, entry, is_needed)));
        }
        self.kinds.fetch_or(kind, Ordering::Release);
        self.sweep(&mut sweep, now);
        drop(sweep);
        self.wake(kind, fingerprint, entry);
    }

    /// Removes the entries that are no longer needed, if the last round is old enough. Writers wait for a part of that.
    pub(super) fn remove_expired(&self, now: Timestamp) {
        while self.sweep(&mut self.lock(), Some(now)) {}
    }

    /// Removes a bounded number of entries that are no longer needed. Returns whether the round continues.
    fn sweep(&self, sweep: &mut Sweep, now: Option<Timestamp>) -> bool {
        let pause = self.longest.checked_div(ROUNDS_PER_LIFETIME).unwrap_or_default().max(SHORTEST_PAUSE);
        let Some(now) = now.filter(|now| now.seconds().abs_diff(sweep.ended_at) >= pause.as_secs()) else {
            return false;
        };
        let is_needed = |entry| self.is_needed(entry, now);
        let (swept, next) = self.table.load().sweep(sweep.next, SWEPT_AT_ONCE, is_needed);
        if let Some(swept) = swept {
            self.table.store(Arc::new(swept));
        }
        sweep.next = next;
        if next == 0 {
            sweep.ended_at = now.seconds();
        }
        next != 0
    }

    /// Returns whether a token that is accepted may match the entry.
    fn is_needed(&self, entry: Entry, now: Timestamp) -> bool {
        match entry.0 & 1 {
            MADE_UNTIL => now <= time_of(entry).after(self.longest).after(NODE_SKEW),
            _ => now <= time_of(entry),
        }
    }

    /// Locks the list for a writer. Poisoning is ignored: entries are complete even if a writer panicked.
    fn lock(&self) -> MutexGuard<'_, Sweep> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.table.load().len()
    }

    /// Returns whether the token, its session or its user was revoked.
    fn contains(
        &self,
        kinds: u8,
        claims: &RawRegistered<'_>,
        issuer: Option<&str>,
        kind: TokenKind,
        skew: Duration,
    ) -> bool {
        if self.contains_id(kinds, claims, issuer) {
            return true;
        }
        let Some(user) = revocable_user(kinds, claims) else { return false };
        let pool = claims.pool.as_ref().map(|pool| &*pool.0);
        self.contains_user(issuer, pool, &user, TokenAge::of(claims, issuer, kind, skew))
    }

    /// Returns whether the token or its session was revoked.
    fn contains_id(&self, kinds: u8, claims: &RawRegistered<'_>, issuer: Option<&str>) -> bool {
        let table = self.table.load();
        let contains = |kind, issuer, id: &Option<JsonStr<'_>>| {
            let id = id.as_ref().filter(|_| kinds & kind != 0);
            id.is_some_and(|JsonStr(id)| table.find(self.fingerprint(kind, issuer, &**id)).is_some())
        };
        contains(SHARED_SESSION, None, &claims.sid)
            || contains(SESSION, issuer, &claims.sid)
            || contains(TOKEN, issuer, &claims.jti)
    }

    /// Returns whether a token of our own was revoked by its id.
    pub(super) fn contains_token(&self, id: &str) -> bool {
        self.table.load().find(self.fingerprint(TOKEN, None, id)).is_some()
    }

    /// Returns whether a session store has ended the session.
    pub(super) fn contains_shared_session(&self, id: &str) -> bool {
        self.table.load().find(self.fingerprint(SHARED_SESSION, None, id)).is_some()
    }

    fn fingerprint<K: Hash + ?Sized>(&self, kind: u8, issuer: Option<&str>, id: &K) -> Fingerprint {
        Fingerprint::new(match issuer {
            Some(issuer) => self.hasher.hash_one((kind, issuer, id)),
            None => self.hasher.hash_one((kind, id)),
        })
    }
}

/// Returns the user of a token, if users were revoked.
fn revocable_user(kinds: u8, claims: &RawRegistered<'_>) -> Option<UserId> {
    claims.subject.as_ref().filter(|_| kinds & (USER | ACCESS) != 0).map(Subject::to_user_id)
}

/// The kinds of entries, one bit each.
const TOKEN: u8 = 1;
const SESSION: u8 = 2;
const USER: u8 = 4;
const SHARED_SESSION: u8 = 8;
const ACCESS: u8 = 16;

/// The clock difference between two nodes up to which no entry is dropped too early.
const NODE_SKEW: Duration = Duration::from_mins(1);

/// The number of rounds in the time for which most entries are kept. An entry stays about one round longer.
const ROUNDS_PER_LIFETIME: u32 = 8;
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The number of slots, of 16 bytes, that a writer visits at once.
const SWEPT_AT_ONCE: usize = 4096;

/// The meaning of an entry's time, in its lowest bit.
const KEEP_UNTIL: u64 = 0;
const MADE_UNTIL: u64 = 1;

fn pack(time: Timestamp, meaning: u64) -> Entry {
    Entry(time.seconds() << 1 | meaning)
}

fn time_of(entry: Entry) -> Timestamp {
    Timestamp::from_seconds(entry.0 >> 1).unwrap_or(Timestamp::LAST_SECOND)
}
