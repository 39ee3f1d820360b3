//! The revocation list: every verification consults it, in memory, without I/O and without a lock.

use std::hash::{BuildHasher as _, Hash};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use foldhash::quality::RandomState;

use super::revocation_table::{Entry, Fingerprint, RevocationTable};
use crate::claims::{RawRegistered, Subject, UserId};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::json::JsonStr;

pub(super) struct Revocations {
    /// The kinds of entries in the table, as bits: other kinds need no lookup.
    kinds: AtomicU8,
    /// The last second in which the list may be trusted; `u64::MAX` unless a revocation feed limits it.
    trusted_until: AtomicU64,
    table: ArcSwap<RevocationTable>,
    /// Serializes writers. Readers never take it.
    writing: Mutex<()>,
    /// Seeded per process, so that an attacker cannot choose ids that collide.
    hasher: RandomState,
    /// The longest lifetime of a token: how long the entry of a user is kept.
    longest: Duration,
}

/// Something to revoke, and until when the entry is needed.
pub(super) enum Revoked<'r> {
    /// The token with this `jti`.
    Token { id: &'r str, until: Timestamp },
    /// The tokens with this `sid`.
    Session { id: &'r str, until: Timestamp },
    /// The tokens of a user that were created up to this second.
    User { id: &'r UserId, made_until: Timestamp },
}

impl Revocations {
    /// Creates an empty list for tokens that live at most `longest`.
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            kinds: AtomicU8::new(0),
            trusted_until: AtomicU64::new(u64::MAX),
            table: ArcSwap::default(),
            writing: Mutex::new(()),
            hasher: RandomState::default(),
            longest,
        }
    }

    /// Returns an error for a revoked token, or if the list is too old to be trusted.
    #[inline]
    pub(super) fn check(&self, claims: &RawRegistered<'_>, now: Timestamp) -> Result<(), TokenError> {
        if now.seconds() > self.trusted_until.load(Ordering::Relaxed) {
            return Err(InvalidReason::RevocationsUnknown.into());
        }
        let kinds = self.kinds.load(Ordering::Acquire);
        if kinds != 0 && self.contains(kinds, claims) {
            return Err(InvalidReason::Revoked.into());
        }
        Ok(())
    }

    /// Adds an entry, evicting expired ones if the table is full.
    pub(super) fn add(&self, revoked: &Revoked<'_>, now: Timestamp) {
        let (kind, fingerprint, entry) = match revoked {
            Revoked::Token { id, until } => (TOKEN, self.fingerprint(TOKEN, *id), pack(*until, KEEP_UNTIL)),
            Revoked::Session { id, until } => {
                (SESSION, self.fingerprint(SESSION, *id), pack(*until, KEEP_UNTIL))
            }
            Revoked::User { id, made_until } => {
                (USER, self.fingerprint(USER, *id), pack(*made_until, MADE_UNTIL))
            }
        };
        // Entries are complete even if a writer panicked.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.table.load().add(fingerprint, entry) {
            let larger = self.without_expired(now);
            larger.add(fingerprint, entry);
            self.table.store(Arc::new(larger));
        }
        self.kinds.fetch_or(kind, Ordering::Release);
    }

    pub(super) fn len(&self) -> usize {
        self.table.load().len()
    }

    /// Sets the last second in which the list may be trusted; `None` removes the limit.
    pub(super) fn trust_until(&self, last: Option<Timestamp>) {
        self.trusted_until.store(last.map_or(u64::MAX, Timestamp::seconds), Ordering::Relaxed);
    }

    /// Returns whether the token, its session or its user was revoked.
    fn contains(&self, kinds: u8, claims: &RawRegistered<'_>) -> bool {
        let table = self.table.load();
        let contains = |kind, id: &Option<JsonStr<'_>>| {
            let id = id.as_ref().filter(|_| kinds & kind != 0);
            id.is_some_and(|JsonStr(id)| table.find(self.fingerprint(kind, &**id)).is_some())
        };
        if contains(SESSION, &claims.sid) || contains(TOKEN, &claims.jti) {
            return true;
        }
        let user = claims.subject.as_ref().filter(|_| kinds & USER != 0).map(Subject::to_user_id);
        let entry = user.and_then(|user| table.find(self.fingerprint(USER, &user)));
        // A token without `iat` counts as created before the revocation.
        entry.is_some_and(|entry| claims.iat.is_none_or(|issued_at| issued_at.0 <= time_of(entry)))
    }

    /// Copies the entries that are still needed into a table with room for more.
    fn without_expired(&self, now: Timestamp) -> RevocationTable {
        let table = self.table.load();
        let is_needed = |entry: Entry| match entry.0 & 1 {
            MADE_UNTIL => now <= time_of(entry).after(self.longest),
            _ => now <= time_of(entry),
        };
        let needed: Vec<_> = table.iter().filter(|(_, entry)| is_needed(*entry)).collect();
        let copy = RevocationTable::with_capacity(needed.len());
        for (fingerprint, entry) in needed {
            copy.add(fingerprint, entry);
        }
        copy
    }

    fn fingerprint<K: Hash + ?Sized>(&self, kind: u8, id: &K) -> Fingerprint {
        Fingerprint::new(self.hasher.hash_one((kind, id)))
    }
}

/// The kinds of entries, one bit each.
const TOKEN: u8 = 1;
const SESSION: u8 = 2;
const USER: u8 = 4;

/// The meaning of an entry's time, in its lowest bit.
const KEEP_UNTIL: u64 = 0;
const MADE_UNTIL: u64 = 1;

fn pack(time: Timestamp, meaning: u64) -> Entry {
    Entry(time.seconds() << 1 | meaning)
}

fn time_of(entry: Entry) -> Timestamp {
    Timestamp::from_seconds(entry.0 >> 1).unwrap_or(Timestamp::LAST_SECOND)
}
