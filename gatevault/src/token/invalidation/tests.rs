//! The same revocations end a connection as close a guard; what remains after a future is dropped; no thread.

#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

use std::io;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Invalidated, Invalidation};
use crate::claims::{IssuedClaims, Payload, TokenKind, UserId, Verified};
use crate::clock::{Clock, Timestamp};
use crate::error::{InvalidReason, TokenError};
use crate::key::{KeyRing, VerifyingKey};
use crate::token::invalidation_clock;
use crate::token::{Issuer, PoolMembership, Revoked, TokenManager, TokenManagerBuilder};

const START: u64 = 1_800_000_000;
const SECRETS: [[u8; 32]; 2] = [[7; 32], [8; 32]];
const SERVICE: &str = "https://service.example";
const FOREIGN: &str = "https://foreign.example";

/// A clock that shows one time.
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(START)
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

fn builder(secret: [u8; 32]) -> TokenManagerBuilder {
    TokenManager::builder().secret(secret).clock(Fixed)
}

/// Creates a manager without a name, which accepts another issuer whose clock is nearly right.
fn manager() -> TokenManager {
    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRETS[1]).unwrap()]).unwrap();
    let issuer = Issuer::new(FOREIGN, keys).audience("shop").subject_claim("user_id");
    builder(SECRETS[0]).accept(issuer.clock_skew(Duration::from_secs(10))).build().unwrap()
}

/// Creates the pools of a manager's handlers: none, and two others.
fn pools(tokens: &TokenManager) -> [PoolMembership; 3] {
    let mut pools = [(); 3].map(|()| PoolMembership::new(tokens.clone()));
    pools[1].move_to("one");
    pools[2].move_to("two");
    pools
}

const IDS: [&str; 2] = ["first", "second"];
const POOLS: [Option<&str>; 3] = [None, Some("one"), Some("two")];
const ISSUERS: [Option<&str>; 3] = [None, Some(SERVICE), Some(FOREIGN)];

fn users() -> [UserId; 2] {
    [UserId::from(1), UserId::from("1")]
}

/// Returns tokens that differ in the issuer, the id, the session, the pool, the user or the time of creation.
fn tokens() -> Vec<String> {
    let own = builder(SECRETS[0]);
    let service = builder(SECRETS[0]).issuer(SERVICE);
    let foreign = builder(SECRETS[1]).issuer(FOREIGN).audience("shop");
    let managers = [own, service, foreign].map(|builder| builder.build().unwrap());
    let mut tokens = Vec::new();
    for (manager, session, pool) in product(&managers, &[None, Some(IDS[0])], &POOLS) {
        for (user, age, token_id) in product(&users(), &[0, 80, 100], &IDS) {
            let issued_at = at(START - age);
            let issued = IssuedClaims::new(TokenKind::Access, token_id, issued_at, at(START + 600));
            let issued = IssuedClaims { session: *session, pool: *pool, ..issued };
            tokens.push(manager.create_issued(&Payload::new(user.clone()), issued).unwrap());
        }
    }
    tokens
}

fn product<'a, A, B, C>(
    first: &'a [A],
    second: &'a [B],
    third: &'a [C],
) -> impl Iterator<Item = (&'a A, &'a B, &'a C)> {
    let pairs = first.iter().flat_map(move |one| second.iter().map(move |two| (one, two)));
    pairs.flat_map(move |(one, two)| third.iter().map(move |three| (one, two, three)))
}

/// Calls a function with each revocation.
fn each_revocation(mut check: impl FnMut(&Revoked<'_>)) {
    for (issuer, id, ()) in product(&ISSUERS, &IDS, &[()]) {
        check(&Revoked::Token { issuer: *issuer, id, until: at(START + 600) });
        check(&Revoked::Session { issuer: *issuer, id });
        check(&Revoked::SharedSession { id });
    }
    for (issuer, pool, id) in product(&ISSUERS, &POOLS, &users()) {
        let made_until = at(START - 100);
        check(&Revoked::User { issuer: *issuer, pool: *pool, id, made_until });
        check(&Revoked::AccessTokens { issuer: *issuer, pool: *pool, id, made_until });
    }
}

fn poll(future: &mut Invalidation) -> Option<Invalidated> {
    match future.poll_with(Waker::noop(), |_| Ok(())) {
        Poll::Ready(reason) => Some(reason),
        Poll::Pending => None,
    }
}

#[test]
fn the_same_revocations_end_a_connection_as_close_a_guard() {
    let texts = tokens();
    let mut revoked = [0; 2];
    each_revocation(|revocation| {
        let manager = manager();
        let _pools = pools(&manager);
        let decode = |text: &String| manager.decode_access_token::<Payload>(text);
        let callers: Vec<Verified<Payload>> = texts.iter().map(|text| decode(text).unwrap()).collect();
        let mut early: Vec<_> = callers.iter().map(|caller| manager.invalidated(caller)).collect();
        assert!(early.iter_mut().all(|future| poll(future).is_none()));
        manager.revoke(revocation);
        for ((text, caller), early) in texts.iter().zip(&callers).zip(&mut early) {
            let expected = match decode(text) {
                Ok(_) => None,
                Err(TokenError::Invalid(InvalidReason::Revoked)) => Some(match revocation {
                    Revoked::Token { .. } | Revoked::User { .. } | Revoked::AccessTokens { .. } => {
                        Invalidated::Revoked
                    }
                    Revoked::Session { .. } | Revoked::SharedSession { .. } => Invalidated::SessionEnded,
                }),
                Err(error) => panic!("{error}"),
            };
            let both = [poll(early), poll(&mut manager.invalidated(caller))];
            assert_eq!(both, [expected; 2], "{caller:?}");
            revoked[usize::from(expected.is_some())] += 1;
        }
    });
    assert!(revoked.iter().all(|count| *count > 500), "{revoked:?} open and closed");
}

/// Returns an access token of the manager, verified.
fn caller(manager: &TokenManager) -> Verified<Payload> {
    let access = manager.create_access_token(&Payload::new(42)).unwrap();
    manager.decode_access_token(&access).unwrap()
}

#[test]
fn nothing_remains_of_a_future_that_was_dropped_or_is_ready() {
    let manager = manager();
    let waiters = &manager.revocations().waiters;
    let caller = caller(&manager);
    let mut futures: Vec<_> = (0..100).map(|_| manager.invalidated(&caller)).collect();
    futures.iter_mut().take(50).for_each(|future| assert_eq!(poll(future), None));
    assert_eq!(waiters.len(), (100, 300, 50));
    futures.truncate(60);
    assert_eq!(waiters.len(), (60, 180, 50));
    manager.revoke_user(None, &42.into(), Fixed.now()).unwrap();
    for future in &mut futures {
        assert_eq!(poll(future), Some(Invalidated::Revoked));
    }
    assert_eq!(waiters.len(), (0, 0, 0), "while the futures exist");
    drop(manager.invalidated(&caller));
    assert_eq!(waiters.len(), (0, 0, 0));
}

#[test]
fn a_thread_follows_the_clock_while_a_future_waits_and_the_next_future_starts_another() {
    let manager = manager();
    let caller = caller(&manager);
    let is_alone = || Arc::strong_count(&manager.settings) == 1;
    for round in 0..3 {
        let mut future = manager.invalidated(&caller);
        let started = future.poll_with(Waker::noop(), invalidation_clock::start);
        assert_eq!((started, is_alone()), (Poll::Pending, false), "{round}");
        let mut second = manager.invalidated(&caller);
        let unneeded = |_: &TokenManager| panic!("a second thread");
        assert_eq!(second.poll_with(Waker::noop(), unneeded), Poll::Pending);
        drop((future, second));
        // The thread keeps the settings.
        while !is_alone() {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn without_a_thread_every_future_is_ready_at_once() {
    let manager = manager();
    let caller = caller(&manager);
    let fail = |_: &TokenManager| Err(io::Error::from(io::ErrorKind::OutOfMemory));
    for _ in 0..2 {
        let mut future = manager.invalidated(&caller);
        assert_eq!(future.poll_with(Waker::noop(), fail), Poll::Ready(Invalidated::Expired));
    }
    assert_eq!(manager.revocations().waiters.len(), (0, 0, 0));
    let mut future = manager.invalidated(&caller);
    let started = future.poll_with(Waker::noop(), invalidation_clock::start);
    assert_eq!(started, Poll::Pending, "as soon as a thread can be started");
}
