//! `KeyExchange`, in front of guards. The contract of every framework is in `tests/web`.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gatevault::error::{ConfigError, InvalidReason};
use gatevault::login::{AsyncLookup, SyncLookup};
use gatevault::web::KeyExchange;
use gatevault::{
    GuardError, KeyRequest, MemorySessions, OAuthHandler, Payload, TokenError, TokenSource as _,
};
use gatevault_tests::{Account, tokens};

use super::{Counted, DAY, Fixture, fixture, handler};

struct Front {
    fixture: Fixture,
    keys: KeyExchange<SyncLookup<Account>>,
    found: Arc<std::sync::atomic::AtomicUsize>,
    oauth: Arc<OAuthHandler<SyncLookup<Account>>>,
}

fn front() -> Front {
    let fixture = fixture();
    let found = Arc::default();
    let store = Counted { found: Arc::clone(&found), inner: fixture.store.clone() };
    let oauth = Arc::new(handler(&fixture.tokens, &fixture.user).user_pool("front").session_store(store));
    Front { keys: KeyExchange::new(Arc::clone(&oauth)), fixture, found, oauth }
}

impl Front {
    fn key(&self) -> String {
        self.oauth.create_key(1, KeyRequest::new("ci").lifetime(DAY)).unwrap().key
    }

    fn exchanged(&self, key: &str) -> Result<String, GuardError> {
        self.keys.exchange(key).map(|bearer| bearer.token().unwrap().into_owned())
    }

    fn found(&self) -> usize {
        self.found.load(Ordering::Relaxed)
    }
}

#[test]
fn a_token_is_served_from_the_cache_until_shortly_before_it_expires() {
    let front = front();
    let key = front.key();
    let first = front.exchanged(&key).unwrap();
    let lifetime = front.fixture.tokens.access_expiry();
    front.fixture.clock.advance(lifetime - Duration::from_secs(31));
    assert_eq!(front.keys.clone().exchange(&key).unwrap().token().unwrap(), first);
    assert_eq!(front.found(), 1);
    front.fixture.clock.advance(Duration::from_secs(1));
    let second = front.exchanged(&key).unwrap();
    assert!(second != first && front.found() == 2);
    assert!(front.fixture.tokens.decode_access_token::<Payload>(&second).is_ok());
}

#[test]
fn a_cached_token_with_the_former_role_of_its_user_is_replaced_once() {
    let front = front();
    let key = front.key();
    let first = front.exchanged(&key).unwrap();
    front.oauth.revoke_access_tokens(1).unwrap();
    let second = front.exchanged(&key).unwrap();
    assert!(front.fixture.tokens.decode_access_token::<Payload>(&first).is_err());
    assert!(front.fixture.tokens.decode_access_token::<Payload>(&second).is_ok());
    assert_eq!((front.exchanged(&key).unwrap(), front.found()), (second, 2));
    *front.fixture.user.lock().unwrap() = None;
    front.oauth.revoke_access_tokens(1).unwrap();
    assert_eq!(front.exchanged(&key).unwrap_err().status(), 401, "the user is gone");
}

#[test]
fn a_cached_token_that_the_manager_refuses_is_replaced_once() {
    let front = front();
    let key = front.key();
    let first = front.exchanged(&key).unwrap();
    let verified = front.fixture.tokens.decode_access_token::<Payload>(&first).unwrap();
    front.fixture.tokens.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
    let second = front.exchanged(&key).unwrap();
    assert_ne!(second, first);
    assert_eq!((front.exchanged(&key).unwrap(), front.found()), (second, 2));
}

#[test]
fn a_key_that_ends_is_refused_though_its_token_is_cached_and_a_refusal_is_not_cached() {
    let front = front();
    let created = front.oauth.create_key(1, KeyRequest::new("ci")).unwrap();
    front.exchanged(&created.key).unwrap();
    let user = front.fixture.user.lock().unwrap().take();
    front.fixture.clock.advance(front.fixture.tokens.access_expiry());
    for _ in 0..2 {
        let denial = front.exchanged(&created.key).unwrap_err();
        assert!(
            matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::ApiKey))),
            "{denial:?}"
        );
    }
    *front.fixture.user.lock().unwrap() = user;
    assert!(front.exchanged(&created.key).is_ok(), "the lookup of a user may fail for a while");
    front.oauth.revoke(1, &created.id).unwrap();
    assert_eq!(front.exchanged(&created.key).unwrap_err().status(), 401);
}

#[test]
fn every_other_token_and_its_absence_pass_unchanged_and_ask_no_store() {
    let front = front();
    let (key, access) = (front.key(), front.fixture.tokens.create_access_token(&Payload::new(1)).unwrap());
    for text in [&*access, "junk", "gv_", key.get(1..).unwrap(), &format!("{key}0"), &key.to_uppercase()] {
        assert_eq!(front.exchanged(text).unwrap(), text);
    }
    assert!(front.keys.exchange(&None::<&str>).unwrap().token().is_none());
    assert_eq!(front.found(), 0);
    assert!(
        front.exchanged(&format!("Bearer {key}")).unwrap().contains('.'),
        "a string is a token with or without its scheme"
    );
}

#[test]
fn more_keys_than_the_capacity_are_exchanged_again_and_never_mixed_up() {
    let front = front();
    let keys = front.keys.clone().capacity(2).unwrap();
    let created: Vec<_> = (0..3).map(|_| front.oauth.create_key(1, KeyRequest::new("ci")).unwrap()).collect();
    for _ in 0..2 {
        for created in &created {
            let token = keys.exchange(&created.key).unwrap();
            let verified =
                front.fixture.tokens.decode_access_token::<Payload>(&token.token().unwrap()).unwrap();
            assert_eq!(verified.session_id(), Some(&*created.id));
        }
    }
    assert_eq!(front.found(), 6);
    for wrong in [0, 1_000_001] {
        let error = front.keys.clone().capacity(wrong).unwrap_err();
        assert!(matches!(error, ConfigError::NumberOutOfBounds { .. }), "{error:?}");
    }
}

#[test]
fn threads_with_one_key_wait_for_one_exchange() {
    let front = front();
    let key = front.key();
    let tokens: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| front.exchanged(&key).unwrap())).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(front.found(), 1);
}

/// An async handler whose lookups of users wait until the test lets them end.
fn waiting() -> (KeyExchange<AsyncLookup<Account>>, String, Arc<tokio::sync::Semaphore>) {
    let open = Arc::new(tokio::sync::Semaphore::new(1));
    let permits = Arc::clone(&open);
    let account = Account::new(1, "correct horse");
    let by_id = move |_: &gatevault::UserId| {
        let (account, permits) = (account.clone(), Arc::clone(&permits));
        async move {
            permits.acquire().await.unwrap().forget();
            Some(account)
        }
    };
    let oauth = OAuthHandler::new_async(tokens(), |_: &str| async { None::<Account> })
        .lookup_by_id(by_id)
        .session_store(MemorySessions::new());
    let oauth = Arc::new(oauth);
    let key = pollster::block_on(oauth.async_create_key(1, KeyRequest::new("ci"))).unwrap().key;
    (KeyExchange::new(oauth), key, open)
}

fn ready<T>(poll: Poll<Result<T, GuardError>>) -> Option<T> {
    match poll {
        Poll::Ready(outcome) => outcome.ok(),
        Poll::Pending => None,
    }
}

#[test]
fn of_requests_that_wait_one_continues_after_the_first_is_dropped() {
    let (keys, key, open) = waiting();
    let mut context = Context::from_waker(Waker::noop());
    let mut first = Box::pin(keys.async_exchange(&*key));
    let mut second = pin!(keys.async_exchange(&*key));
    let mut third = pin!(keys.async_exchange(&*key));
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(
        second.as_mut().poll(&mut context).is_pending() && third.as_mut().poll(&mut context).is_pending()
    );
    drop(first);
    open.add_permits(1);
    let token = ready(second.poll(&mut context)).unwrap();
    let same = ready(third.poll(&mut context)).unwrap();
    assert_eq!(token.token(), same.token());
    assert!(token.token().unwrap().contains('.'));
    assert_eq!(open.available_permits(), 0, "one lookup for both");
}

#[test]
fn after_all_requests_are_dropped_a_later_one_exchanges() {
    let (keys, key, open) = waiting();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        let mut dropped = Box::pin(keys.async_exchange(&*key));
        assert!(dropped.as_mut().poll(&mut context).is_pending());
    }
    open.add_permits(1);
    assert!(pollster::block_on(keys.async_exchange(&*key)).unwrap().token().unwrap().contains('.'));
}
