//! `run`: a script over a store and the model.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{RefreshTicket, RevocationCursor};
use gatevault::{SessionStore, Timestamp};

use crate::later;
use crate::mismatch::{Checked, Mismatch};
use crate::model::Model;
use crate::request::{Outcome, Request};
use crate::script::{STEPS, TOKEN_LIFETIME, owner};
use crate::world::World;

/// The number of requests by the names of their outcomes.
pub type Tally = BTreeMap<&'static str, usize>;

/// Runs the script, and compares the store with the model after each line.
///
/// # Errors
///
/// Returns the first difference, with its line.
pub async fn run(world: &mut impl World, script: &[u8]) -> Checked<Tally> {
    let mut run = Run::new(world);
    for line in script.split(|byte| *byte == b'\n').take(MOST_LINES) {
        let outcome = run.line(line).await;
        outcome.map_err(|mismatch| mismatch.at(&line.escape_ascii().to_string()))?;
    }
    Ok(run.tally)
}

/// The state of a script.
pub(crate) struct Run<'w, W> {
    pub(crate) world: &'w mut W,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) model: Model,
    pub(crate) now: Timestamp,
    /// The number of ids that were given.
    ids: u64,
    /// The position of a reader, and the number of revocations that it has read.
    pub(crate) cursor: (RevocationCursor, usize),
    tally: Tally,
}

impl<'w, W: World> Run<'w, W> {
    fn new(world: &'w mut W) -> Self {
        let (store, now) = (world.store(), world.start());
        let model = Model { drift: world.drift(), ..Model::default() };
        Self {
            world,
            store,
            model,
            now,
            ids: 0,
            cursor: (RevocationCursor::Position(0), 0),
            tally: Tally::new(),
        }
    }

    /// Runs one line.
    async fn line(&mut self, line: &[u8]) -> Checked {
        let requests: Vec<_> = line.split(|byte| *byte == b'|').take(2).collect();
        match requests.as_slice() {
            [one, other] => self.both(one, other).await,
            [one] if self.one(one).await? => self.compare().await,
            _ => Ok(()),
        }
    }

    /// Runs one operation. Returns whether there is one.
    async fn one(&mut self, operation: &[u8]) -> Checked<bool> {
        let Some((letter, digits)) = operation.split_first() else { return Ok(false) };
        match letter {
            b't' => {
                let by = Duration::from_secs(STEPS[digit(digits, 0)]);
                self.world.advance(by).await?;
                self.now = later(self.now, by);
            }
            b'g' => self.world.compare_guards(&self.model, self.now).await?,
            _ => {
                let Some(request) = self.request(*letter, digits) else { return Ok(false) };
                self.send(request).await?;
            }
        }
        Ok(true)
    }

    async fn send(&mut self, request: Request) -> Checked {
        let outcome = request.clone().send(&*self.store).await?;
        self.count(&request, &outcome);
        self.model.apply(&request, &outcome)?;
        if let Some(row) = self.model.rows.last_mut().filter(|_| matches!(request, Request::Open(_))) {
            row.token_id = self.world.opened(row);
        }
        Ok(())
    }

    /// Sends two requests at once. Their outcomes, and what can be read afterwards, must be those of one order or of the other.
    async fn both(&mut self, one: &[u8], other: &[u8]) -> Checked {
        let mut parse = |operation: &[u8]| {
            let (letter, digits) = operation.split_first()?;
            self.request(*letter, digits).filter(|request| !matches!(request, Request::Open(_)))
        };
        let (Some(one), Some(other)) = (parse(one), parse(other)) else { return Ok(()) };
        let (first, second) = self.world.send_both(one.clone(), other.clone()).await?;
        self.count(&one, &first);
        self.count(&other, &second);
        let before = self.model.clone();
        let orders = [[(&one, &first), (&other, &second)], [(&other, &second), (&one, &first)]];
        let mut mismatches = Vec::new();
        for order in orders {
            self.model = before.clone();
            let applied = order.iter().try_for_each(|(request, outcome)| self.model.apply(request, outcome));
            let compared = match applied {
                Ok(()) => self.compare().await,
                Err(mismatch) => Err(mismatch),
            };
            match compared {
                Ok(()) => return Ok(()),
                Err(mismatch) => mismatches.push(mismatch.to_string()),
            }
        }
        Err(Mismatch::new(format!("neither order: {}", mismatches.join("; or "))))
    }

    fn count(&mut self, request: &Request, outcome: &Outcome) {
        *self.tally.entry(outcome.name(request)).or_default() += 1;
    }

    /// Returns a new id: a UUID, or another string, which some stores keep differently.
    pub(crate) fn id(&mut self) -> String {
        self.ids += 1;
        let number = self.ids;
        if number % 4 == 3 {
            format!("id-{number:04}")
        } else {
            format!("00000000-0000-4000-8000-{number:012}")
        }
    }

    pub(crate) fn ticket(&mut self) -> RefreshTicket {
        RefreshTicket::new(self.id(), self.now, later(self.now, TOKEN_LIFETIME))
    }

    /// Returns the number of a session, counted from the newest one.
    pub(crate) fn position(&self, number: usize) -> Option<usize> {
        self.model.rows.len().checked_sub(number + 1)
    }

    /// Returns an owner of sessions by its number, or the owner of the session if the number is 3 or more.
    pub(crate) fn owner(&self, number: usize, session: usize) -> (Option<String>, gatevault::UserId) {
        let row = self.position(session).map(|position| &self.model.rows[position]);
        match row {
            Some(row) if number >= 3 => (row.pool.clone(), row.user.clone()),
            _ => owner(number),
        }
    }
}

/// Returns the digit of an operation, or zero if it is missing.
pub(crate) fn digit(digits: &[u8], position: usize) -> usize {
    digits.get(position).map_or(0, |digit| usize::from(digit.wrapping_sub(b'0') % 10))
}

const MOST_LINES: usize = 200;
