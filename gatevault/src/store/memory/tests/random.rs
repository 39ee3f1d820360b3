//! Random operations, compared with those on a model.

use std::collections::BTreeMap;

use super::model::{Model, ModelOwner, ModelRow, name};
use super::*;
use crate::session::{RevocationBatch, SessionKind};

/// A generator of pseudorandom numbers (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn index(&mut self, length: usize) -> usize {
        self.below(length.try_into().unwrap()).try_into().unwrap()
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }
}

/// A run of random operations on a store and its model.
struct Run {
    random: Random,
    store: MemorySessions,
    model: Model,
    now: u64,
    ids: u64,
    last_rotated: String,
    outcomes: BTreeMap<String, u32>,
}

impl Run {
    fn owner(&mut self) -> ModelOwner {
        let pool = self.random.one_in(3).then(|| format!("pool {}", self.random.below(2)));
        (pool, UserId::from(self.random.below(6)))
    }

    fn new_id(&mut self) -> String {
        self.ids += 1;
        let uuid = format!("{:08x}-0000-4000-8000-{:012x}", self.random.below(1000), self.ids);
        if self.random.one_in(2) { uuid } else { uuid.replace("-0000-", "-") }
    }

    fn any_row(&mut self) -> Option<ModelRow> {
        let count = self.model.rows.len();
        (count > 0).then(|| self.model.rows[self.random.index(count)].clone())
    }

    fn stamp(&mut self) -> String {
        if self.random.one_in(12) { "another".to_owned() } else { "stamp".to_owned() }
    }

    fn open(&mut self) {
        let (owner, id, now) = (self.owner(), self.new_id(), self.now);
        let first = self.new_id();
        let lifetime = self.random.below(8 * HOUR);
        let ticket = RefreshTicket::new(first, at(now), at(now + self.random.below(lifetime + 1)));
        let mut details = SessionDetails::new(at(now.saturating_sub(self.random.below(100))));
        if self.random.one_in(4) {
            details.kind = SessionKind::Key;
        }
        details.refresh_lifetime =
            self.random.one_in(4).then(|| Duration::from_secs(self.random.below(HOUR * 9)));
        details.grace = self.random.one_in(4).then(|| Duration::from_secs(self.random.below(30)));
        let stamp = self.stamp();
        let mut session = NewSession::new(id, owner.1, at(now + lifetime), ticket, stamp, details);
        session.pool = owner.0;
        session.previous_security_stamp = self.random.one_in(5).then(|| "another".to_owned());
        session.limit = self.random.one_in(2).then(|| self.random.index(5));
        let ended = wait(self.store.open(session.clone()));
        let expected = self.model.open(&session, now);
        assert_eq!(ended, expected, "at the start of {}", session.id);
    }

    fn rotate(&mut self) {
        let Some(any) = self.any_row() else { return };
        let last = self.model.rows.iter().find(|row| row.session.id == self.last_rotated).cloned();
        let row = last.filter(|_| self.random.one_in(2)).unwrap_or(any);
        let back = [0, 0, 0, 1, 1, 2, 5][self.random.index(7)];
        let presented = row.tickets.iter().rev().nth(back).map(|ticket| ticket.id.clone());
        let successor = RefreshTicket::new(self.new_id(), at(self.now), at(self.now + HOUR));
        let mut rotation = Rotation::new(
            row.session.id.clone(),
            presented.unwrap_or_else(|| "foreign".to_owned()),
            successor,
            if self.random.one_in(8) { self.stamp() } else { row.stamp.clone() },
            Duration::from_secs(10),
            at(self.now),
        );
        rotation.pool = if self.random.one_in(20) { Some("other".to_owned()) } else { row.owner.0.clone() };
        let outcome = wait(self.store.rotate(rotation.clone()));
        assert_eq!(name(&outcome), self.model.rotate(&rotation, self.now));
        self.last_rotated.clone_from(&rotation.session);
        if let RotationOutcome::Rotated(active) | RotationOutcome::Current(active) = &outcome {
            let row = self.model.rows.iter().find(|row| row.session.id == rotation.session).unwrap();
            assert_eq!((&active.ticket, &active.details), (row.current(), &row.session.details));
        }
        *self.outcomes.entry(name(&outcome).to_owned()).or_default() += 1;
    }

    fn step_up(&mut self) {
        let Some(row) = self.any_row() else { return };
        let (owner, now) = (if self.random.one_in(10) { self.owner() } else { row.owner.clone() }, self.now);
        // Sometimes the current token, as in a repeated request.
        let id = if self.random.one_in(10) { row.current().id.clone() } else { self.new_id() };
        let successor = RefreshTicket::new(id, at(now), at(now + HOUR));
        let stamp = if self.random.one_in(8) { self.stamp() } else { row.stamp.clone() };
        let mut request = StepUp::new(row.session.id.clone(), owner.1, successor, stamp, at(now));
        request.pool = owner.0;
        request.acr = self.random.one_in(2).then(|| format!("class {now}"));
        request.amr = vec![format!("method {now}")];
        let outcome = wait(self.store.step_up(request.clone()));
        assert_eq!(name(&outcome), self.model.step_up(&request, now));
        self.last_rotated.clone_from(&request.session);
        if let RotationOutcome::Rotated(active) = &outcome {
            let row = self.model.rows.iter().find(|row| row.session.id == request.session).unwrap();
            assert_eq!((&active.ticket, &active.details), (row.current(), &row.session.details));
        }
        let name = format!("step-up {}", name(&outcome));
        *self.outcomes.entry(name).or_default() += 1;
    }

    fn find(&mut self) {
        let Some(row) = self.any_row() else { return };
        let mut request = FindSession::new(row.session.id.clone(), at(self.now));
        request.pool = if self.random.one_in(10) { Some("other".to_owned()) } else { row.owner.0.clone() };
        let is_found = row.is_active(self.now) && request.pool == row.owner.0;
        let expected = is_found.then(|| StoredSession {
            user: row.owner.1.clone(),
            label: row.session.label.clone(),
            expires_at: row.session.expires_at,
            ticket: row.current().clone(),
            details: row.session.details.clone(),
        });
        assert_eq!(wait(self.store.find(request)), expected);
    }

    fn spend(&mut self) {
        let spent: Vec<_> = self.model.spent.keys().cloned().collect();
        let again = (!spent.is_empty() && self.random.one_in(2)).then(|| self.random.index(spent.len()));
        let id = again.map_or_else(|| self.new_id(), |number| spent[number].clone());
        let expires_at = at(self.now + self.random.below(HOUR));
        let kept_until = expires_at.after(SpendToken::KEPT_FOR);
        let outcome = wait(self.store.spend(SpendToken::new(id.clone(), expires_at, at(self.now))));
        // The store may have removed it at the beginning of the call.
        if outcome && self.model.spent.get(&id).is_some_and(|kept_until| at(self.now) >= *kept_until) {
            self.model.spent.remove(&id);
        }
        assert_eq!(outcome, self.model.spend(&id, kept_until));
    }

    fn revoke(&mut self) {
        let owner = self.owner();
        let row = self.any_row();
        let (id, owner) = match row {
            Some(row) if !self.random.one_in(10) => (row.session.id, row.owner),
            _ => ("foreign".to_owned(), owner),
        };
        let target = match self.random.below(8) {
            0 => RevokeTarget::All,
            2 => RevokeTarget::Logins,
            1 => RevokeTarget::Others { kept: id, security_stamp: self.stamp() },
            _ => RevokeTarget::One(id),
        };
        let mut request = RevokeSessions::new(owner.1, target, at(self.now));
        request.pool = owner.0;
        let mut ended = wait(self.store.revoke(request.clone()));
        // Sessions that end at once may have their positions in any order.
        let mut expected = self.model.revoke(&request, self.now);
        let count = expected.len();
        let first = self.model.revocations.len() - count;
        for (recorded, id) in self.model.revocations[first..].iter_mut().zip(&ended) {
            recorded.1.clone_from(id);
        }
        for index in first..self.model.revocations.len() {
            let id = self.model.revocations[index].1.clone();
            let row = self.model.rows.iter().find(|row| row.session.id == id).unwrap();
            self.model.revocations[index].3 = row.session.expires_at.after(Revocation::LONGEST_LEEWAY);
        }
        ended.sort();
        expected.sort();
        assert_eq!(ended, expected);
    }

    fn list(&mut self) {
        let owner = self.owner();
        let mut request = ListSessions::new(owner.1.clone(), at(self.now));
        request.pool.clone_from(&owner.0);
        let listed =
            wait(self.store.list(request)).into_iter().map(|session| (session.id, session.expires_at));
        let expected = self.model.list(&owner, self.now).into_iter();
        assert!(listed.eq(expected.map(|(id, ticket)| (id, ticket.expires_at))));
    }

    fn record(&mut self) {
        let (mut id, until) = (self.new_id(), at(self.now + self.random.below(HOUR)));
        let (revocation, needed_until) = if self.random.one_in(2) {
            (Revocation::of_session(id.clone()), Timestamp::LAST_SECOND)
        } else {
            id.insert_str(0, "token ");
            (Revocation::of_token(id.clone(), until), until.after(Revocation::LONGEST_LEEWAY))
        };
        wait(self.store.record_revocation(NewRevocation::new(revocation, at(self.now))));
        self.model.record(id, self.now, needed_until);
    }

    fn read(&mut self) {
        let ids = |batch: RevocationBatch| {
            (batch.revocations.into_iter().map(|one| one.id).collect::<Vec<_>>(), batch.position)
        };
        let (after, since) = (self.random.below(self.model.position + 1), self.random.below(self.now + 1));
        let model = &self.model;
        let expected = |is_new: &dyn Fn(u64, u64) -> bool| {
            let new = model.revocations.iter().filter(|(position, _, at, _)| is_new(*position, *at));
            (new.map(|(_, id, ..)| id.clone()).collect::<Vec<_>>(), model.position)
        };
        let from = RevocationCursor::Position(after);
        assert_eq!(ids(wait(self.store.revocations_since(from))), expected(&|position, _| position > after));
        let from = RevocationCursor::Time(at(since));
        assert_eq!(ids(wait(self.store.revocations_since(from))), expected(&|_, at| at >= since));
    }

    fn remove(&mut self) {
        let keep = Duration::from_secs(self.random.below(24 * HOUR));
        let before = self.model.rows.len() + self.model.revocations.len() + self.model.spent.len();
        let removed = remove_expired(&self.store, self.now, keep);
        let now = at(self.now);
        for (_, id, recorded, needed_until) in &mut self.model.revocations {
            if now >= at(*recorded).after(keep) && !id.starts_with("token") {
                *needed_until = (*needed_until).min(now);
            }
        }
        self.model.sync(&self.store, self.now);
        let after = self.model.rows.len() + self.model.revocations.len() + self.model.spent.len();
        assert!(!self.model.spent.values().any(|kept_until| now >= *kept_until), "a spent token stayed");
        assert_eq!(usize::try_from(removed).unwrap(), before - after);
        assert!(!self.model.rows.iter().any(|row| now >= row.removable_at()), "an expired session stayed");
    }

    fn step(&mut self) {
        self.now = match self.random.below(60) {
            0 => self.now + self.random.below(3 * HOUR),
            1 => self.now.saturating_sub(self.random.below(2 * HOUR)),
            _ => self.now + self.random.below(40),
        };
        match self.random.below(45) {
            0 => self.remove(),
            1..=3 => self.record(),
            4..=5 => self.read(),
            6..=8 => self.list(),
            9..=13 => self.revoke(),
            14..=22 => self.rotate(),
            23..=25 => self.step_up(),
            26 => self.find(),
            27..=28 => self.spend(),
            _ => self.open(),
        }
        self.model.sync(&self.store, self.now);
    }
}

#[test]
fn random_operations_have_the_results_of_a_store_without_indexes_and_sweeps() {
    let mut outcomes = BTreeMap::new();
    for seed in 1..=60_u64 {
        let mut run = Run {
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            store: MemorySessions::new(),
            model: Model::default(),
            now: 3 * HOUR,
            ids: 0,
            last_rotated: String::new(),
            outcomes,
        };
        for _ in 0..1500 {
            // Sweeps of logins, although there are few sessions.
            if run.random.one_in(10) {
                run.store.table().sweep_at = 0;
            }
            run.step();
        }
        outcomes = run.outcomes;
    }
    let names = ["rotated", "current", "reused", "outdated", "unknown", "expired", "revoked"];
    let of_step_ups = ["rotated", "outdated", "unknown", "expired", "revoked"];
    let of_step_ups = of_step_ups.map(|name| format!("step-up {name}"));
    for outcome in names.into_iter().chain(of_step_ups.iter().map(String::as_str)) {
        assert!(outcomes.get(outcome).is_some_and(|count| *count > 20), "{outcome}: {outcomes:?}");
    }
}
