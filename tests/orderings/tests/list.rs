//! The list of revocations, and the futures that wait for one.

use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault_orderings::token::Invalidated;
use gatevault_orderings::{Clock, Payload, TokenManager, Verified};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::on_weak_memory;

/// A clock that does not move.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_hours(490_908)
    }
}

/// Creates a manager with an entry in its list, so that the next one needs no new segment: loom does not know `ArcSwap`, by which a new
/// one is published.
fn manager() -> TokenManager {
    let builder = TokenManager::builder().secret("a secret of at least thirty-two bytes").clock(Noon);
    let tokens = builder.clock_skew(Duration::ZERO).build().unwrap();
    tokens.revoke_user(None, &7.into(), Noon.now()).unwrap();
    tokens
}

/// Returns a token of the user 42, the same one in each run: loom repeats the steps of a run exactly.
fn verified(tokens: &TokenManager) -> Verified<Payload> {
    let token = TOKEN.get_or_init(|| tokens.create_access_token(&Payload::new(42)).unwrap());
    tokens.decode_access_token(token).unwrap()
}

/// Spawns a thread with room for the code of a manager: those of loom have little.
fn spawn<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::Builder::new().stack_size(STACK).spawn(run).unwrap()
}

/// Either the writer sees the waiter, or the waiter sees the entry.
#[test]
fn a_future_that_begins_beside_the_revocation_learns_of_it_on_weak_memory() {
    on_weak_memory(|| spawn(watch_beside_a_revocation).join().unwrap());
}

fn watch_beside_a_revocation() {
    let tokens = manager();
    let verified = verified(&tokens);
    let writer = spawn({
        let tokens = tokens.clone();
        move || tokens.revoke_user(None, &42.into(), Noon.now()).unwrap()
    });
    let mut invalidated = pin!(tokens.invalidated(&verified));
    writer.join().unwrap();
    let polled = invalidated.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(Invalidated::Revoked));
}

/// A guard that learns of a revocation sees all of it, and one that is called after the revocation refuses the token.
#[test]
fn a_guard_refuses_a_token_after_its_revocation_on_weak_memory() {
    on_weak_memory(|| spawn(verify_beside_a_revocation).join().unwrap());
}

fn verify_beside_a_revocation() {
    let tokens = manager();
    let verified = verified(&tokens);
    let is_revoked = Arc::new(AtomicBool::new(false));
    let writer = spawn({
        let (tokens, is_revoked) = (tokens.clone(), Arc::clone(&is_revoked));
        move || {
            let id = verified.token_id().unwrap();
            tokens.revoke_token(None, id, verified.expires_at()).unwrap();
            is_revoked.store(true, Ordering::Release);
        }
    });
    let must_be_refused = is_revoked.load(Ordering::Acquire);
    let token = TOKEN.get().unwrap();
    assert!(tokens.decode_access_token::<Payload>(token).is_err() || !must_be_refused);
    writer.join().unwrap();
    assert!(tokens.decode_access_token::<Payload>(token).is_err());
}

/// A token of the user 42.
static TOKEN: OnceLock<String> = OnceLock::new();

/// In words.
const STACK: usize = 1 << 17;
