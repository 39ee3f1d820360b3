//! Settings of sessions: the limit, the grace, and logins without a store.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatevault::error::ConfigError;
use gatevault::login::SyncLookup;
use gatevault::session::{
    ActiveSession, ListSessions, NewSession, RefreshTicket, RemoveExpired, RevocationBatch, RevocationCursor,
    RevokeSessions, Rotation, RotationOutcome, StoreFuture,
};
use gatevault::{
    ApiKeys, GuardError, MemorySessions, OAuthHandler, Payload, RefreshGrace, Session, SessionStore,
    TokenManager, protected,
};
use gatevault_tests::{Account, quick_hasher, timed, tokens};

type Handler = OAuthHandler<SyncLookup<Account>>;

fn handler(tokens: &TokenManager) -> Handler {
    let account = Account::new(1, "correct horse");
    let found = account.clone();
    OAuthHandler::new(tokens.clone(), move |_: &str| Some(found.clone()))
        .lookup_by_id(move |_| Some(account.clone()))
        .hasher(quick_hasher())
}

#[test]
fn a_grace_within_its_bounds_is_used_as_given() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let day = Duration::from_hours(24);
    for (grace, length) in [
        (RefreshGrace::Window(Duration::ZERO), 0),
        (RefreshGrace::Window(Duration::from_mins(1)), 60),
        (RefreshGrace::UntilSuccessorUsed { at_most: Duration::from_secs(1) }, 1),
        (RefreshGrace::UntilSuccessorUsed { at_most: day }, day.as_secs()),
    ] {
        for (late, is_accepted) in [(length.saturating_sub(1), length > 0), (length, false)] {
            let oauth = handler(&tokens).refresh_grace(grace);
            let first = oauth.login("ada", "correct horse").unwrap();
            let next = oauth.refresh(&first.refresh_token).unwrap();
            clock.advance(Duration::from_secs(late));
            let again = oauth.refresh(&first.refresh_token);
            assert_eq!(again.is_ok(), is_accepted, "{grace:?} after {late} s");
            assert_eq!(oauth.refresh(&next.refresh_token).is_ok(), is_accepted, "a reuse ends the session");
        }
    }
}

#[test]
fn a_client_that_lost_the_answer_gets_the_successor_an_hour_later_until_the_successor_is_used() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let at_most = Duration::from_hours(24);
    let oauth = handler(&tokens).refresh_grace(RefreshGrace::UntilSuccessorUsed { at_most });
    let lost = oauth.login("ada", "correct horse").unwrap();
    let unseen = oauth.refresh(&lost.refresh_token).unwrap();
    clock.advance(Duration::from_hours(1));
    let retried = oauth.refresh(&lost.refresh_token).unwrap();
    assert_eq!(retried.refresh_token, unseen.refresh_token);
    let next = oauth.refresh(&retried.refresh_token).unwrap();
    assert_eq!(oauth.refresh(&lost.refresh_token).unwrap_err().status(), 401, "two tokens behind");
    assert_eq!(oauth.refresh(&next.refresh_token).unwrap_err().status(), 401, "the session has ended");
}

#[test]
fn a_grace_out_of_its_bounds_is_an_error_of_every_operation() {
    let tokens = tokens();
    for grace in [
        RefreshGrace::Window(Duration::from_millis(60_001)),
        RefreshGrace::Window(Duration::MAX),
        RefreshGrace::UntilSuccessorUsed { at_most: Duration::ZERO },
        RefreshGrace::UntilSuccessorUsed { at_most: Duration::from_secs(86_401) },
    ] {
        let oauth = handler(&tokens).refresh_grace(grace);
        let error = oauth.validate().unwrap_err();
        assert!(matches!(error, ConfigError::DurationOutOfBounds { .. }), "{error:?}");
        let refused = oauth.login("ada", "correct horse");
        assert!(matches!(&refused, Err(GuardError::Config(same)) if *same == error), "{refused:?}");
    }
}

#[test]
fn the_oldest_sessions_above_the_limit_end_and_their_access_tokens_with_them() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let oauth = handler(&tokens).session_limit(2);
    let pairs = [(); 4].map(|()| {
        clock.advance(Duration::from_secs(1));
        oauth.login("ada", "correct horse").unwrap()
    });
    let opens = |access: &str| tokens.decode_access_token::<Payload>(access).is_ok();
    assert_eq!(pairs.each_ref().map(|pair| opens(&pair.access_token)), [false, false, true, true]);
    assert_eq!(oauth.sessions(1).unwrap().len(), 2);
    for (number, pair) in pairs.iter().enumerate() {
        assert_eq!(oauth.refresh(&pair.refresh_token).is_ok(), number >= 2);
    }
}

#[test]
fn a_handler_keeps_a_hundred_sessions_of_a_user_unless_it_is_set_otherwise() {
    let tokens = tokens();
    let logins = |oauth: &Handler| {
        for _ in 0..103 {
            oauth.login("ada", "correct horse").unwrap();
        }
        oauth.sessions(1).unwrap().len()
    };
    assert_eq!(logins(&handler(&tokens)), 100);
    assert_eq!(logins(&handler(&tokens).without_session_limit()), 103);
}

#[test]
fn a_limit_of_no_sessions_is_an_error() {
    let refused = handler(&tokens()).session_limit(0).validate();
    assert!(matches!(refused, Err(ConfigError::NumberOutOfBounds { setting: "session_limit", .. })));
}

#[protected(max_age = "5m")]
fn wire_money(payload: Payload) -> Result<(), GuardError> {
    let _ = payload;
    Ok(())
}

/// With sessions this is a test of the fresh login; without them it must be no different.
#[test]
fn a_refresh_is_not_a_login_for_max_age_with_and_without_sessions() {
    for is_stateless in [false, true] {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let oauth = handler(&tokens);
        let oauth = if is_stateless { oauth.stateless() } else { oauth };
        let gate = gatevault::GateVault::new(tokens.clone());
        let pair = oauth.login("ada", "correct horse").unwrap();
        let began = gate.verify::<Payload>(&pair.access_token).unwrap();
        assert_eq!(began.authenticated_at(), began.issued_at());
        clock.advance(Duration::from_hours(72));
        let next = oauth.refresh(&pair.refresh_token).unwrap();
        let later = gate.verify::<Payload>(&next.access_token).unwrap();
        assert_eq!(later.authenticated_at(), began.authenticated_at());
        assert_ne!(later.issued_at(), began.issued_at());
        let last = oauth.refresh(&next.refresh_token).unwrap();
        let later = gate.verify::<Payload>(&last.access_token).unwrap();
        assert_eq!(later.authenticated_at(), began.authenticated_at());
    }
    assert!(wire_money("").is_err());
}

type LogOut = fn(&Handler, &str) -> Result<(), GuardError>;

/// The lookup of the refresh is slow, and the logout is done before it returns.
#[test]
fn without_sessions_a_refresh_in_flight_does_not_survive_a_logout_everywhere() {
    let logouts: [LogOut; 2] = [
        |oauth, _| oauth.logout_everywhere(1, ApiKeys::End).map(drop),
        |oauth, refresh| oauth.logout(refresh),
    ];
    for log_out in logouts {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let (reached, is_reached) = mpsc::channel();
        let (proceed, may_proceed) = mpsc::channel::<()>();
        let gate = Mutex::new((reached, may_proceed));
        let oauth = OAuthHandler::new(tokens.clone(), |_: &str| Some(Account::new(1, "correct horse")))
            .lookup_by_id(move |_| {
                let gate = gate.lock().unwrap();
                gate.0.send(()).unwrap();
                gate.1.recv().unwrap();
                Some(Account::new(1, "correct horse"))
            })
            .hasher(quick_hasher())
            .stateless();
        let pair = oauth.login("ada", "correct horse").unwrap();
        clock.advance(Duration::from_mins(5));
        std::thread::scope(|scope| {
            let refreshing = scope.spawn(|| oauth.refresh(&pair.refresh_token));
            is_reached.recv().unwrap();
            log_out(&oauth, &pair.refresh_token).unwrap();
            // Longer than the clock skew: the time of creation of the new tokens would not give them away.
            clock.advance(Duration::from_mins(5));
            proceed.send(()).unwrap();
            let refreshed = refreshing.join().unwrap();
            assert_eq!(refreshed.unwrap_err().status(), 401);
        });
    }
}

/// A store whose rotations return another ticket than they were given.
struct Forging {
    sessions: MemorySessions,
    ticket: &'static str,
}

impl SessionStore for Forging {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.sessions.open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        Box::pin(async move {
            let outcome = self.sessions.rotate(rotation).await?;
            let RotationOutcome::Rotated(active) = outcome else { return Ok(outcome) };
            let RefreshTicket { issued_at, expires_at, .. } = active.ticket;
            let ticket = RefreshTicket::new(self.ticket.to_owned(), issued_at, expires_at);
            Ok(RotationOutcome::Rotated(ActiveSession::new(ticket, active.details)))
        })
    }
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.sessions.revoke(request)
    }
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.sessions.list(request)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.sessions.revocations_since(cursor)
    }
    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        self.sessions.remove_expired(request)
    }
    fn is_shared(&self) -> bool {
        false
    }
}

#[test]
fn what_a_store_returns_adds_no_claim_to_a_token() {
    for ticket in [r#"x","role":"admin","scope":"everything","y":""#, "x\\", "x\u{0}\n", "\u{2028}\""] {
        let tokens = tokens();
        let store = Arc::new(Forging { sessions: MemorySessions::new(), ticket });
        let oauth = handler(&tokens).session_store(store);
        let pair = oauth.login("ada", "correct horse").unwrap();
        let next = oauth.refresh(&pair.refresh_token).unwrap();
        let verified = tokens.decode_refresh_token::<Payload>(&next.refresh_token).unwrap();
        assert_eq!(verified.token_id(), Some(ticket));
        for claim in ["role", "scope", "y"] {
            assert!(verified.get::<serde_json::Value>(claim).is_none(), "{claim}");
        }
    }
}
