//! What was revoked before its time: a list in memory that every verification looks into, without I/O and without a lock.

use std::hash::{BuildHasher as _, Hash};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use foldhash::quality::RandomState;

use super::marks::{Mark, Marks, Note};
use crate::claims::{Captured, Subject, UserId};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::json::Text;

pub(super) struct Revocations {
    /// Which kinds there are: what is not there is not looked for.
    kinds: AtomicU8,
    /// The last second in which the list is believed; without a feed that must be heard, it always is.
    believed_until: AtomicU64,
    marks: ArcSwap<Marks>,
    /// Held by whoever revokes; nobody who verifies waits for it.
    changing: Mutex<()>,
    /// Seeded per process, so that nobody outside can choose ids that collide.
    hasher: RandomState,
    /// For how long the tokens of a user are refused, which is how long any token lives.
    longest: Duration,
}

/// Something that can be revoked, and until when that is worth knowing.
pub(super) enum Revoked<'r> {
    /// The token with this `jti`.
    Token { id: &'r str, until: Timestamp },
    /// The tokens with this `sid`.
    Session { id: &'r str, until: Timestamp },
    /// The tokens of a user that were made up to this second.
    User { id: &'r UserId, made_until: Timestamp },
}

impl Revocations {
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            kinds: AtomicU8::new(0),
            believed_until: AtomicU64::new(u64::MAX),
            marks: ArcSwap::default(),
            changing: Mutex::new(()),
            hasher: RandomState::default(),
            longest,
        }
    }

    /// Refuses a token that was revoked.
    #[inline]
    pub(super) fn judge(&self, claims: &Captured<'_>, now: Timestamp) -> Result<(), TokenError> {
        if now.seconds() > self.believed_until.load(Ordering::Relaxed) {
            return Err(InvalidReason::RevocationsUnknown.into());
        }
        let kinds = self.kinds.load(Ordering::Acquire);
        if kinds != 0 && self.holds(kinds, claims) {
            return Err(InvalidReason::Revoked.into());
        }
        Ok(())
    }

    /// Adds an entry, and forgets what is worth nothing any more when there is no place for it.
    pub(super) fn add(&self, revoked: &Revoked<'_>, now: Timestamp) {
        let (kind, mark, note) = match revoked {
            Revoked::Token { id, until } => (TOKEN, self.mark(TOKEN, *id), note_of(*until, KEPT_UNTIL)),
            Revoked::Session { id, until } => (SESSION, self.mark(SESSION, *id), note_of(*until, KEPT_UNTIL)),
            Revoked::User { id, made_until } => {
                (USER, self.mark(USER, *id), note_of(*made_until, MADE_UNTIL))
            }
        };
        // Whoever panicked in here has left entries that are whole.
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.marks.load().add(mark, note) {
            let more = self.without_expired(now);
            more.add(mark, note);
            self.marks.store(Arc::new(more));
        }
        self.kinds.fetch_or(kind, Ordering::Release);
    }

    pub(super) fn len(&self) -> usize {
        self.marks.load().len()
    }

    /// Until when the list may be believed without more being heard.
    pub(super) fn believe_until(&self, last: Option<Timestamp>) {
        self.believed_until.store(last.map_or(u64::MAX, Timestamp::seconds), Ordering::Relaxed);
    }

    fn holds(&self, kinds: u8, claims: &Captured<'_>) -> bool {
        let marks = self.marks.load();
        let holds = |kind, id: &Option<Text<'_>>| {
            let id = id.as_ref().filter(|_| kinds & kind != 0);
            id.is_some_and(|Text(id)| marks.find(self.mark(kind, &**id)).is_some())
        };
        if holds(SESSION, &claims.sid) || holds(TOKEN, &claims.jti) {
            return true;
        }
        let user = claims.subject.as_ref().filter(|_| kinds & USER != 0).map(Subject::to_user_id);
        let note = user.and_then(|user| marks.find(self.mark(USER, &user)));
        // A token that does not say when it was made was made before.
        note.is_some_and(|note| claims.iat.is_none_or(|issued_at| issued_at.0 <= moment_of(note)))
    }

    fn without_expired(&self, now: Timestamp) -> Marks {
        let marks = self.marks.load();
        let is_needed = |note: Note| match note.0 & 1 {
            MADE_UNTIL => now <= moment_of(note).after(self.longest),
            _ => now <= moment_of(note),
        };
        let needed: Vec<_> = marks.iter().filter(|(_, note)| is_needed(*note)).collect();
        let kept = Marks::with_place_for(needed.len());
        for (mark, note) in needed {
            kept.add(mark, note);
        }
        kept
    }

    fn mark<K: Hash + ?Sized>(&self, kind: u8, id: &K) -> Mark {
        Mark::new(self.hasher.hash_one((kind, id)))
    }
}

/// The kinds of entries, a bit for each.
const TOKEN: u8 = 1;
const SESSION: u8 = 2;
const USER: u8 = 4;

/// What the moment of a note is, in its lowest bit.
const KEPT_UNTIL: u64 = 0;
const MADE_UNTIL: u64 = 1;

fn note_of(moment: Timestamp, meaning: u64) -> Note {
    Note(moment.seconds() << 1 | meaning)
}

fn moment_of(note: Note) -> Timestamp {
    Timestamp::from_seconds(note.0 >> 1).unwrap_or(Timestamp::LAST_SECOND)
}
