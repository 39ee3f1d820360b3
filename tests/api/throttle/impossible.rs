//! Logins that can succeed for no user: they fail before the lookup and are not counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatevault::{GuardError, LoginRequest, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher};
use gatevault_tests::{Account, Recorder, quick_hasher, tokens};
use tracing::Level;

/// Names and passwords that can belong to no account: a NUL in the name, and a password that no hash can have.
fn impossible() -> [(&'static str, String); 5] {
    [
        ("ad\0a", "correct horse".to_owned()),
        ("\0", "correct horse".to_owned()),
        ("ada\0", "x".repeat(5000)),
        ("ada", "x".repeat(4097)),
        ("unknown", "x".repeat(4097)),
    ]
}

/// A store and a lookup that count their calls.
fn counted()
-> (MemoryAttempts, Arc<AtomicUsize>, impl Fn(&str) -> Option<Account> + Clone + Send + Sync + 'static) {
    let (attempts, lookups) = (MemoryAttempts::new(), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&lookups);
    let find = move |name: &str| {
        seen.fetch_add(1, Ordering::SeqCst);
        assert!(!name.contains('\0'), "as a database that fails on a NUL");
        (name == "ada").then(super::ada)
    };
    (attempts, lookups, find)
}

fn assert_wrong(denial: &GuardError, recorder: &Recorder, event: &str) {
    assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    let lines = recorder.lines();
    let events: Vec<_> = lines.iter().filter(|(_, line)| !line.contains("session")).collect();
    assert_eq!(events, [&(Level::INFO, event.to_owned())]);
}

#[test]
fn an_impossible_login_fails_at_once_in_the_blocking_form() {
    let (attempts, lookups, find) = counted();
    let throttled = OAuthHandler::new(tokens(), find.clone()).throttle(LoginThrottle::new(attempts.clone()));
    for oauth in [throttled, OAuthHandler::new(tokens(), find)] {
        let oauth = oauth.hasher(quick_hasher());
        for (name, password) in impossible() {
            let recorder = Recorder::default();
            let request = LoginRequest::new(name, &password).from_address(super::ip("192.0.2.1"));
            let login = || oauth.login_with(request).unwrap_err();
            let denial = tracing::subscriber::with_default(recorder.clone(), login);
            assert_wrong(&denial, &recorder, "message=login failed address=192.0.2.1");
        }
    }
    assert_eq!((lookups.load(Ordering::SeqCst), attempts.counters()), (0, 0));
}

#[tokio::test]
async fn an_impossible_login_fails_at_once_in_the_async_form() {
    let (attempts, lookups, find) = counted();
    let find = move |name: &str| std::future::ready(find(name));
    let throttled =
        OAuthHandler::new_async(tokens(), find.clone()).throttle(LoginThrottle::new(attempts.clone()));
    for oauth in [throttled, OAuthHandler::new_async(tokens(), find)] {
        let oauth = oauth.hasher(quick_hasher());
        for (name, password) in impossible() {
            let recorder = Recorder::default();
            let guard = tracing::subscriber::set_default(recorder.clone());
            let denial = oauth.async_login(name, &password).await.unwrap_err();
            drop(guard);
            assert_wrong(&denial, &recorder, "message=login failed");
        }
    }
    assert_eq!((lookups.load(Ordering::SeqCst), attempts.counters()), (0, 0));
}

#[test]
fn a_long_password_that_a_stored_hash_can_have_is_looked_up_and_counted() {
    let long = "x".repeat(80);
    let expected = long.clone();
    let hasher = PasswordHasher::builder()
        .cost(4)
        .legacy(move |plain, stored| (stored == "old").then(|| plain == expected))
        .build()
        .unwrap();
    let find = |name: &str| (name == "ada").then(|| Account { id: 1.into(), hash: "old".to_owned() });
    let oauth = super::fixture_with(super::in_memory(), find).oauth.hasher(hasher);
    let status = |password: &str| oauth.login("ada", password).map_or_else(|denial| denial.status(), |_| 200);
    assert_eq!([(); 5].map(|()| status(&"y".repeat(4096))), [401; 5]);
    assert_eq!((status(&long), status(&"y".repeat(4097))), (429, 401));
}
