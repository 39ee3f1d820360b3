//! A connection ends with its token: by the clock of the manager, which tests move forward and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::login::SessionRequest;
use gatevault::testing::ManualClock;
use gatevault::token::Invalidated;
use gatevault::{Clock, OAuthHandler, Payload, SystemClock, TokenManager, Verified};
use gatevault_tests::{Account, SECRET, Waiting, quick_hasher, timed};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

fn caller(tokens: &TokenManager) -> Verified<Payload> {
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    tokens.decode_access_token(&access).unwrap()
}

/// Waits for longer than the thread takes to look at the clock.
fn let_the_thread_look_at_the_clock() {
    std::thread::sleep(Duration::from_millis(700));
}

#[test]
fn a_connection_ends_when_its_token_expires_and_not_a_second_earlier() {
    for leeway in [0, 90].map(Duration::from_secs) {
        let (builder, clock) = timed();
        let tokens = builder.leeway(leeway).build().unwrap();
        let mut waiting = Waiting::new(tokens.invalidated(&caller(&tokens)));
        assert_eq!(waiting.poll(), None);
        clock.advance(tokens.access_expiry() + leeway - SECOND);
        let_the_thread_look_at_the_clock();
        assert_eq!((waiting.woken(), waiting.poll()), (0, None), "{leeway:?}");
        clock.advance(SECOND);
        assert_eq!(waiting.wait(), Invalidated::Expired, "{leeway:?}");
    }
}

#[test]
fn a_clock_that_moves_back_is_followed() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let start = clock.now();
    let mut early = Waiting::new(tokens.invalidated(&caller(&tokens)));
    assert_eq!(early.poll(), None);
    clock.set(start - Duration::from_hours(2));
    let mut earlier = Waiting::new(tokens.invalidated(&caller(&tokens)));
    assert_eq!(earlier.poll(), None);
    clock.set(start - Duration::from_hours(1));
    assert_eq!(earlier.wait(), Invalidated::Expired);
    let_the_thread_look_at_the_clock();
    assert_eq!((early.woken(), early.poll()), (0, None));
    clock.set(start + Duration::from_hours(1));
    while early.woken() == 0 {
        let_the_thread_look_at_the_clock();
    }
    clock.set(start);
    assert_eq!(early.poll(), None, "the clock moved back before the executor polled");
    clock.set(start + Duration::from_hours(1));
    assert_eq!(early.wait(), Invalidated::Expired);
}

#[test]
fn an_expired_token_ends_its_connection_at_the_first_poll() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let caller = caller(&tokens);
    let created = || Waiting::new(tokens.invalidated(&caller));
    let (mut early, mut waiting) = (created(), created());
    assert_eq!(waiting.poll(), None);
    clock.advance(tokens.access_expiry());
    assert_eq!([early.poll(), created().poll()], [Some(Invalidated::Expired); 2]);
    let mut ignoring = Waiting::new(tokens.invalidated(&caller).ignoring_expiry());
    assert_eq!(ignoring.poll(), Some(Invalidated::Expired), "its revocation may be forgotten");
    tokens.revoke_user(None, &42.into(), clock.now()).unwrap();
    assert_eq!(waiting.wait(), Invalidated::Revoked, "the revocation is the better reason");
}

/// A clock that can fail.
#[derive(Clone, Default)]
struct Unreliable {
    fails: Arc<AtomicBool>,
    panics: Arc<AtomicBool>,
}

impl Clock for Unreliable {
    fn now(&self) -> SystemTime {
        let panics = self.panics.load(Ordering::SeqCst)
            && std::thread::current().name() == Some("gatevault-connections");
        assert!(!panics, "a clock without a signal");
        if self.fails.load(Ordering::SeqCst) { UNIX_EPOCH - SECOND } else { SystemClock.now() }
    }
}

#[test]
fn a_clock_that_cannot_be_read_ends_connections() {
    let clock = Unreliable::default();
    let tokens = TokenManager::builder().secret(SECRET).clock(clock.clone()).build().unwrap();
    let caller = caller(&tokens);
    let mut waiting = Waiting::new(tokens.invalidated(&caller));
    assert_eq!(waiting.poll(), None);
    clock.panics.store(true, Ordering::SeqCst);
    while waiting.woken() == 0 {
        let_the_thread_look_at_the_clock();
    }
    assert_eq!(waiting.poll(), None, "it panicked on the thread only");
    clock.fails.store(true, Ordering::SeqCst);
    clock.panics.store(false, Ordering::SeqCst);
    assert_eq!(waiting.wait(), Invalidated::Expired);
    assert_eq!(Waiting::new(tokens.invalidated(&caller)).wait(), Invalidated::Expired, "from the start");
}

#[test]
fn a_connection_outlives_the_manager_that_created_it_and_still_expires() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let mut waiting = Waiting::new(tokens.invalidated(&caller(&tokens)));
    assert_eq!(waiting.poll(), None);
    clock.advance(tokens.access_expiry());
    drop(tokens);
    assert_eq!(waiting.wait(), Invalidated::Expired);
}

/// Returns the caller of a session.
fn of_session(tokens: &TokenManager, request: SessionRequest<'_>) -> (Verified<Payload>, String) {
    let ada = Account::new(1, "correct horse");
    let by_id = ada.clone();
    let oauth = OAuthHandler::new(tokens.clone(), |_: &str| None::<Account>)
        .lookup_by_id(move |_| Some(by_id.clone()))
        .hasher(quick_hasher());
    let pair = oauth.begin_session(&ada, request).unwrap();
    (tokens.decode_access_token(&pair.access_token).unwrap(), pair.refresh_token)
}

#[test]
fn a_connection_that_ignores_expiry_lives_until_its_session_ends_by_time() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let start = clock.now();
    let lifetimes = [
        (SessionRequest::new(), tokens.refresh_expiry()),
        (SessionRequest::new().lifetime(30 * MINUTE), 30 * MINUTE),
    ];
    for (request, lifetime) in lifetimes {
        clock.set(start);
        let (caller, _) = of_session(&tokens, request);
        let mut waiting = Waiting::new(tokens.invalidated(&caller).ignoring_expiry());
        assert_eq!(waiting.poll(), None);
        clock.set(start + lifetime - SECOND);
        let_the_thread_look_at_the_clock();
        assert_eq!((waiting.woken(), waiting.poll()), (0, None), "{lifetime:?}");
        clock.set(start + lifetime);
        assert_eq!(waiting.wait(), Invalidated::SessionEnded, "{lifetime:?}");
    }
}

#[test]
fn a_connection_that_ignores_expiry_ends_by_revocations_long_after_its_token_expired() {
    for (number, expected) in
        [Invalidated::SessionEnded, Invalidated::Revoked, Invalidated::Revoked].iter().enumerate()
    {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let start = clock.now();
        let (caller, _) = of_session(&tokens, SessionRequest::new());
        let created = || Waiting::new(tokens.invalidated(&caller).ignoring_expiry());
        let (mut waiting, mut unpolled) = (created(), created());
        assert_eq!(waiting.poll(), None);
        clock.set(start + Duration::from_hours(3 * 24));
        match number {
            0 => tokens.revoke_session(None, caller.session_id().unwrap()).unwrap(),
            1 => tokens.revoke_token(None, caller.token_id().unwrap(), caller.expires_at()).unwrap(),
            _ => tokens.revoke_user(None, &1.into(), clock.now()).unwrap(),
        }
        // The list forgets the revocation before the executor polls.
        clock.set(start + Duration::from_hours(24 * 24));
        (0..10_000).for_each(|other: u32| tokens.revoke_session(None, &other.to_string()).unwrap());
        assert_eq!([waiting.wait(), unpolled.wait()], [*expected; 2], "{number}");
    }
}

#[test]
fn a_token_without_the_end_of_its_session_keeps_its_expiry() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let start = clock.now();
    let ada = Account::new(1, "correct horse");
    let stateless = {
        let oauth =
            OAuthHandler::new(tokens.clone(), move |_: &str| Some(ada.clone())).hasher(quick_hasher());
        oauth.stateless().login("ada", "correct horse").unwrap().access_token
    };
    let (_, refresh) = of_session(&tokens, SessionRequest::new());
    let callers = [
        (caller(&tokens), tokens.access_expiry()),
        (tokens.decode_access_token(&stateless).unwrap(), tokens.access_expiry()),
        (tokens.decode_refresh_token(&refresh).unwrap(), tokens.refresh_expiry()),
    ];
    for (caller, lifetime) in callers {
        clock.set(start);
        let mut waiting = Waiting::new(tokens.invalidated(&caller).ignoring_expiry());
        assert_eq!(waiting.poll(), None);
        clock.set(start + lifetime);
        assert_eq!(waiting.wait(), Invalidated::Expired);
    }
}

#[test]
fn the_future_works_under_any_executor() {
    fn is_sendable<T: Send + Sync + Unpin + 'static>(future: T) -> T {
        future
    }
    let clock = ManualClock::default();
    let tokens = TokenManager::builder().secret(SECRET).clock(clock.clone()).build().unwrap();
    let future = is_sendable(tokens.invalidated(&caller(&tokens)));
    clock.advance(tokens.access_expiry() - SECOND);
    let moving = std::thread::spawn(move || clock.advance(SECOND));
    assert_eq!(pollster::block_on(future), Invalidated::Expired);
    moving.join().unwrap();
    assert_eq!(Invalidated::Expired.to_string(), "the token has expired");
}
