//! The operations of a script as requests.

use std::time::Duration;

use gatevault::UserId;
use gatevault::session::{
    NewRevocation, NewSession, RemoveExpired, Revocation, RevokeSessions, RevokeTarget, Rotation,
    SessionDetails, SessionKind, SpendToken, StepUp,
};

use crate::later;
use crate::request::Request;
use crate::revocations::KEPT_FOR;
use crate::run::{Run, digit};
use crate::world::World;

impl<W: World> Run<'_, W> {
    /// Returns the request of an operation, if it is one.
    pub(crate) fn request(&mut self, letter: u8, digits: &[u8]) -> Option<Request> {
        let digit = |position| digit(digits, position);
        Some(match letter {
            b'o' if self.model.rows.len() < MOST_SESSIONS => Request::Open(self.opening(digit)),
            b'r' => Request::Rotate(self.rotation(digit)),
            b's' => Request::StepUp(self.step_up(digit)),
            b'v' => Request::Revoke(self.revoking(digit)),
            b'n' => Request::Record(NewRevocation::new(self.revocation(digit), self.now)),
            b'p' => {
                let id = format!("00000000-0000-4000-8000-9999{:08}", digit(0));
                Request::Spend(SpendToken::new(id, later(self.now, Duration::from_mins(10)), self.now))
            }
            b'x' => Request::RemoveExpired(RemoveExpired::new(self.now, KEPT_FOR)),
            _ => return None,
        })
    }

    fn opening(&mut self, digit: impl Fn(usize) -> usize) -> NewSession {
        let step = |position| Some(digit(position)).filter(|step| *step > 0);
        let step = |position| step(position).map(|step| Duration::from_secs(STEPS[step]));
        let mut details = SessionDetails::new(self.now);
        details.kind = if digit(1) == 1 { SessionKind::Key } else { SessionKind::Login };
        (details.grace, details.refresh_lifetime) = (step(6), step(7));
        details.is_persistent = digit(8) & 1 == 0;
        if digit(8) & 2 != 0 {
            details.scopes = ["notes:read", "notes:write"].map(str::to_owned).to_vec();
        }
        details.acr = (digit(8) & 4 != 0).then(|| "gold".to_owned());
        let (pool, user) = owner(digit(0));
        let (id, ticket) = (self.id(), self.ticket());
        let lifetime = step(5).unwrap_or(SESSION_LIFETIME);
        let mut session =
            NewSession::new(id, user, later(self.now, lifetime), ticket, stamp(digit(3)), details);
        session.pool = pool;
        session.label = (digit(8) > 0).then(|| format!("device \"{}\"\n\u{e9}", digit(8)));
        session.limit = (digit(2) > 0).then(|| digit(2));
        session.previous_security_stamp = digit(4).checked_sub(1).map(stamp);
        session
    }

    /// Returns the id of a session, which may be unknown.
    fn session(&self, number: usize) -> String {
        let position = self.position(number);
        position.map_or_else(|| "unknown".to_owned(), |position| self.model.rows[position].id.clone())
    }

    fn rotation(&mut self, digit: impl Fn(usize) -> usize) -> Rotation {
        let (session, successor) = (self.session(digit(0)), self.ticket());
        let row = self.position(digit(0)).map(|position| &self.model.rows[position]);
        let presented = match (row, digit(1)) {
            (Some(row), 0) => &row.ticket.id,
            (Some(row), 1) => row.earlier.last().unwrap_or(&row.ticket.id),
            (Some(row), 2) => row.earlier.first().unwrap_or(&row.ticket.id),
            _ => "never issued",
        };
        let pool = row.and_then(|row| row.pool.clone());
        let grace = Duration::from_secs(STEPS[digit(3)]);
        let (presented, stamp) = (presented.to_owned(), stamp(digit(2)));
        let mut request = Rotation::new(session, presented, successor, stamp, grace, self.now);
        request.pool = if digit(4) == 1 { other_pool(pool.as_ref()) } else { pool };
        request
    }

    fn step_up(&mut self, digit: impl Fn(usize) -> usize) -> StepUp {
        let (session, mut successor) = (self.session(digit(0)), self.ticket());
        let (pool, user) = self.owner(3, digit(0));
        if let Some(position) = self.position(digit(0)).filter(|_| digit(3) == 1) {
            successor = self.model.rows[position].ticket.clone();
        }
        let user = if digit(2) == 1 { UserId::from(7) } else { user };
        let mut request = StepUp::new(session, user, successor, stamp(digit(1)), self.now);
        (request.pool, request.acr) = (pool, Some(format!("level {}", digit(1))));
        request.amr = vec!["otp".to_owned(); digit(1) % 3];
        request
    }

    fn revoking(&self, digit: impl Fn(usize) -> usize) -> RevokeSessions {
        let (pool, user) = self.owner(digit(2), digit(1));
        let session = self.session(digit(1));
        let target = match digit(0) {
            0 => RevokeTarget::One(session),
            1 => RevokeTarget::All,
            2 => RevokeTarget::Logins,
            _ => RevokeTarget::Others { kept: session, security_stamp: stamp(digit(3)) },
        };
        let mut request = RevokeSessions::new(user, target, self.now);
        request.pool = pool;
        request
    }

    fn revocation(&self, digit: impl Fn(usize) -> usize) -> Revocation {
        let (pool, user) = owner(digit(1));
        let row = self.position(digit(2)).map(|position| &self.model.rows[position]);
        match digit(0) {
            0 => Revocation::of_user(&user, self.now).with_pool(pool),
            1 => Revocation::of_access_tokens(&user, self.now).with_pool(pool),
            2 => {
                let token = row.map_or_else(|| "never issued".to_owned(), |row| row.token_id.clone());
                let lifetime = if digit(3) == 1 { SESSION_LIFETIME } else { Duration::from_hours(24) };
                Revocation::of_token(token, later(self.now, lifetime))
            }
            // An issuer that no node accepts may use the ids of sessions of this store.
            _ => Revocation::of_session(self.session(digit(2))).with_issuer(Some("elsewhere".to_owned())),
        }
    }
}

/// Returns one of three owners, of whom two have the same id in different pools, and two have ids that differ only in their type.
pub(crate) fn owner(number: usize) -> (Option<String>, UserId) {
    match number % 3 {
        0 => (None, UserId::from(42)),
        1 => (Some("staff".to_owned()), UserId::from(42)),
        _ => (None, UserId::from("42")),
    }
}

fn other_pool(pool: Option<&String>) -> Option<String> {
    pool.is_none().then(|| "staff".to_owned())
}

fn stamp(number: usize) -> String {
    // `MemorySessions` keeps short strings and long ones differently.
    if number == 2 {
        "a stamp of more than the forty-six bytes that are kept inline".to_owned()
    } else {
        format!("stamp {number}")
    }
}

/// The seconds that pass, and those of a grace and of a lifetime: just below a grace, at its end, and so on.
///
/// Multiples of half a minute: the clock of a server is ahead of the script's by as much as the script takes.
pub(crate) const STEPS: [u64; 10] = [0, 30, 570, 600, 1800, 3570, 3600, 86_400, 604_800, 2_592_000];

pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_hours(7 * 24);
const SESSION_LIFETIME: Duration = Duration::from_hours(30 * 24);
const MOST_SESSIONS: usize = 40;
