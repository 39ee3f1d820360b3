//! Sequences of session operations: `MemorySessions` against a model, outcome by outcome.
//!
//! Each line is an operation: a letter and digits, of which missing ones are zero. Sessions are counted from the newest one.
//!
//! | letter | operation | digits |
//! |---|---|---|
//! | `o` | open | user, kind, limit (0: none), stamp, previous stamp plus one (0: none), lifetime, own grace, own token lifetime |
//! | `r` | rotate | session, token (0: current, 1: previous, 2: an older one, 3: an unknown one), stamp, grace, pool |
//! | `s` | step up | session, stamp, 1: as another user, 1: repeated successor |
//! | `v` | revoke | target (0: one, 1: all, 2: logins, 3: others), session, user, stamp |
//! | `p` | spend | token |
//! | `t` | let time pass | step |
//! | `x` | remove expired | |

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatevault::session::{
    FindSession, ListSessions, NewSession, RefreshTicket, RemoveExpired, RevocationCursor, RevocationKind,
    RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SessionDetails, SessionKind, SpendToken, StepUp,
};
use gatevault::{MemorySessions, SessionStore, Timestamp, UserId};

use crate::model::{Model, Row, later};
use crate::ready::ready;

/// Runs the operations on a store and on the model.
pub fn run(input: &[u8]) {
    let mut state = State::new();
    for line in input.split(|byte| *byte == b'\n').take(MOST_OPERATIONS) {
        let (letter, digits) = line.split_first().map_or((&b' ', [].as_slice()), |split| split);
        let digit = |position: usize| {
            digits.get(position).map_or(0, |digit| usize::from(digit.wrapping_sub(b'0') % 10))
        };
        match letter {
            b'o' if state.model.rows.len() < MOST_SESSIONS => state.open(digit),
            b'r' => state.rotate(digit),
            b's' => state.step_up(digit),
            b'v' => state.revoke(digit),
            b'p' => state.spend(digit),
            b't' => state.now = later(state.now, Duration::from_secs(STEPS[digit(0)])),
            b'x' => state.remove_expired(),
            _ => continue,
        }
        state.compare();
    }
}

struct State {
    store: MemorySessions,
    model: Model,
    now: Timestamp,
    /// The number of ids that were given.
    ids: u64,
    /// The expiry of each token that was spent.
    spent: BTreeMap<usize, Timestamp>,
    /// Tokens that each session had, the current one too.
    history: BTreeMap<String, Vec<String>>,
}

impl State {
    fn new() -> Self {
        let now = Timestamp::from_seconds(1_767_225_600).expect("a year before 10000");
        let (store, model) = (MemorySessions::new(), Model::default());
        Self { store, model, now, ids: 0, spent: BTreeMap::new(), history: BTreeMap::new() }
    }

    /// Returns a new id: a UUID, or another string, which the store keeps differently.
    fn id(&mut self) -> String {
        self.ids += 1;
        let number = self.ids;
        if number % 4 == 3 {
            format!("id-{number:04}")
        } else {
            format!("00000000-0000-4000-8000-{number:012}")
        }
    }

    fn ticket(&mut self) -> RefreshTicket {
        RefreshTicket::new(self.id(), self.now, later(self.now, TOKEN_LIFETIME))
    }

    /// Returns the id of a session, counted from the newest one.
    fn session(&self, position: usize) -> String {
        let position = self.model.rows.len().checked_sub(position + 1);
        position.map_or_else(|| "unknown".to_owned(), |position| self.model.rows[position].id.clone())
    }

    fn open(&mut self, digit: impl Fn(usize) -> usize) {
        let mut details = SessionDetails::new(self.now);
        details.kind = if digit(1) == 1 { SessionKind::Key } else { SessionKind::Login };
        details.grace = (digit(6) > 0).then(|| Duration::from_secs(STEPS[digit(6)]));
        details.refresh_lifetime = (digit(7) > 0).then(|| Duration::from_secs(STEPS[digit(7)]));
        let (pool, user) = owner(digit(0));
        let (id, ticket) = (self.id(), self.ticket());
        let lifetime = Duration::from_secs(if digit(5) > 0 { STEPS[digit(5)] } else { 30 * 24 * 60 * 60 });
        let mut session =
            NewSession::new(id.clone(), user, later(self.now, lifetime), ticket, stamp(digit(3)), details);
        session.pool = pool;
        session.limit = (digit(2) > 0).then(|| digit(2));
        session.previous_security_stamp = digit(4).checked_sub(1).map(stamp);
        self.history.insert(id, vec![session.ticket.id.clone()]);
        let ended: BTreeSet<String> = ready(self.store.open(session.clone())).into_iter().collect();
        assert_eq!(ended, self.model.open(session).into_iter().collect(), "the sessions that the limit ends");
    }

    fn rotate(&mut self, digit: impl Fn(usize) -> usize) {
        let (session, successor) = (self.session(digit(0)), self.ticket());
        let row = self.model.rows.iter().find(|row| row.id == session);
        let presented = match (row, digit(1)) {
            (Some(row), 0) => row.ticket.id.clone(),
            (Some(row), 1) => row.previous.clone(),
            (Some(_), 2) => self.history[&session][0].clone(),
            _ => "never issued".to_owned(),
        };
        let grace = Duration::from_secs(STEPS[digit(3)]);
        let mut request =
            Rotation::new(session.clone(), presented, successor, stamp(digit(2)), grace, self.now);
        request.pool = if digit(4) == 1 { None } else { pool_of(&self.model, &session) };
        let outcome = ready(self.store.rotate(request.clone()));
        self.check(&session, outcome, |model| model.rotate(&request));
    }

    fn step_up(&mut self, digit: impl Fn(usize) -> usize) {
        let (session, mut successor) = (self.session(digit(0)), self.ticket());
        let (pool, user) = owner_of(&self.model, &session);
        if let Some(row) = self.model.rows.iter().find(|row| row.id == session && digit(3) == 1) {
            successor = row.ticket.clone();
        }
        let user = if digit(2) == 1 { UserId::from(7) } else { user };
        let mut request = StepUp::new(session.clone(), user, successor, stamp(digit(1)), self.now);
        (request.pool, request.acr) = (pool, Some(format!("level {}", digit(1))));
        request.amr = vec!["otp".to_owned(); digit(1) % 3];
        let outcome = ready(self.store.step_up(request.clone()));
        self.check(&session, outcome, |model| model.step_up(&request));
    }

    /// Compares the outcome of an operation on a session. A session that may have been removed may be unknown, and then stays so.
    fn check(
        &mut self,
        session: &str,
        outcome: RotationOutcome,
        expected: impl Fn(&mut Model) -> RotationOutcome,
    ) {
        let mut after = self.model.clone();
        let expected = expected(&mut after);
        let row = self.model.rows.iter_mut().find(|row| row.id == session && row.may_be_removed(self.now));
        let may_be_removed = outcome == RotationOutcome::Unknown && expected != outcome;
        if let Some(row) = row.filter(|_| may_be_removed) {
            row.is_removed = true;
        } else {
            assert_eq!(outcome, expected, "{session} at {:?}", self.now);
            self.model = after;
        }
        if let RotationOutcome::Rotated(active) = outcome {
            self.history.entry(session.to_owned()).or_default().push(active.ticket.id);
        }
    }

    fn revoke(&mut self, digit: impl Fn(usize) -> usize) {
        let (pool, user) = owner(digit(2));
        let session = self.session(digit(1));
        let target = match digit(0) {
            0 => RevokeTarget::One(session),
            1 => RevokeTarget::All,
            2 => RevokeTarget::Logins,
            _ => RevokeTarget::Others { kept: session, security_stamp: stamp(digit(3)) },
        };
        let mut request = RevokeSessions::new(user, target, self.now);
        request.pool = pool;
        let revoked = ready(self.store.revoke(request.clone()));
        self.model.revoke(&request, &revoked);
    }

    fn spend(&mut self, digit: impl Fn(usize) -> usize) {
        let expires_at = later(self.now, Duration::from_mins(10));
        let id = format!("00000000-0000-4000-8000-9999{:08}", digit(0));
        let is_first = ready(self.store.spend(SpendToken::new(id, expires_at, self.now)));
        let earlier = self.spent.get(&digit(0)).copied();
        // An hour after the longest leeway, the id may be forgotten.
        let may_be_forgotten =
            earlier.is_none_or(|expiry| self.now >= later(expiry, Duration::from_hours(25)));
        assert!(if is_first { may_be_forgotten } else { earlier.is_some() }, "spent at {earlier:?}");
        if is_first {
            self.spent.insert(digit(0), expires_at);
        }
    }

    fn remove_expired(&mut self) {
        let request = RemoveExpired::new(self.now, Duration::from_hours(24 * 365));
        while ready(self.store.remove_expired(request)) > 0 {}
    }

    /// Compares what can be read from the store after each operation.
    fn compare(&self) {
        for (pool, user) in [0, 1, 2].map(owner) {
            let mut request = ListSessions::new(user.clone(), self.now);
            request.pool.clone_from(&pool);
            let listed: Vec<String> =
                ready(self.store.list(request)).into_iter().map(|session| session.id).collect();
            assert_eq!(listed, self.model.list(pool.as_deref(), &user, self.now), "the list of {user:?}");
        }
        for row in &self.model.rows {
            let mut request = FindSession::new(row.id.clone(), self.now);
            request.pool = pool_of(&self.model, &row.id);
            let found = ready(self.store.find(request));
            assert_eq!(found.is_some(), row.is_active(self.now) && !row.is_removed, "{}", row.id);
            assert!(
                found.is_none_or(|found| found.ticket == row.ticket && found.expires_at == row.expires_at)
            );
        }
        let batch = ready(self.store.revocations_since(RevocationCursor::Position(0)));
        let sessions =
            batch.revocations.iter().filter(|revocation| revocation.kind == RevocationKind::Session);
        let listed: BTreeSet<&str> = sessions.map(|revocation| revocation.id.as_str()).collect();
        let revoked = self.model.rows.iter().filter(|row| row.revoked_at.is_some());
        let revoked: BTreeSet<&str> = revoked.map(|row| row.id.as_str()).collect();
        assert_eq!(listed, revoked, "the revocations");
    }
}

/// Three owners, two of whom have the same id in different pools.
fn owner(number: usize) -> (Option<String>, UserId) {
    match number % 3 {
        0 => (None, UserId::from(42)),
        1 => (Some("staff".to_owned()), UserId::from(42)),
        _ => (None, UserId::from("ada")),
    }
}

fn owner_of(model: &Model, session: &str) -> (Option<String>, UserId) {
    model.rows.iter().find(|row| row.id == session).map_or_else(|| owner(0), Row::owner)
}

fn pool_of(model: &Model, session: &str) -> Option<String> {
    owner_of(model, session).0
}

fn stamp(number: usize) -> String {
    // The store keeps short strings and long ones differently.
    if number == 2 {
        "a stamp of more than the forty-six bytes that are kept inline".to_owned()
    } else {
        format!("stamp {number}")
    }
}

/// Seconds that pass: within a grace, at its end, and the limits of other times.
const STEPS: [u64; 10] = [0, 1, 9, 10, 60, 3599, 3600, 86_400, 604_800, 2_592_000];

const TOKEN_LIFETIME: Duration = Duration::from_hours(7 * 24);
const MOST_OPERATIONS: usize = 200;
const MOST_SESSIONS: usize = 40;
