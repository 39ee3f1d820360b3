//! Throttling by the account found, by networks, of newcomers and of concurrent logins, with counters in this process or in
//! Redis: both admit the same attempts.

use std::net::IpAddr;
use std::sync::{Arc, Barrier, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use gatevault::login::SyncLookup;
use gatevault::throttle::AttemptStore;
use gatevault::{AttemptLimit, LoginRequest, LoginThrottle, OAuthHandler, TokenManager};
use gatevault_tests::{Account, SECRET, quick_hasher};
use tokio::task::JoinSet;

fn throttle(store: impl AttemptStore) -> LoginThrottle {
    let minute = Duration::from_mins(1);
    LoginThrottle::new(store)
        .per_account(AttemptLimit::new(5, minute))
        .newcomers(AttemptLimit::new(10, minute))
        .per_address(AttemptLimit::new(4, minute))
}

/// Asserts that of a burst the free attempts were admitted, and at most one more for each pause that a busy machine has let
/// pass since: pauses double from one second.
fn assert_admitted(admitted: usize, free: usize, burst: Instant) {
    let passed = (0..6).filter(|doublings| burst.elapsed().as_secs() >= (1 << doublings)).count();
    assert!((free..=free + passed).contains(&admitted), "{admitted} attempts and not {free}");
}

/// Finds ada by a name with any number of dots, and an attacker by the lookalike name `Ada`.
fn find(name: &str) -> Option<Account> {
    static ACCOUNTS: LazyLock<[Account; 2]> =
        LazyLock::new(|| [Account::new(1, "correct horse"), Account::new(2, "the attacker's")]);
    match name.replace('.', "").as_str() {
        "ada" => Some(ACCOUNTS[0].clone()),
        "Ada" => Some(ACCOUNTS[1].clone()),
        _ => None,
    }
}

fn handler(throttle: LoginThrottle) -> OAuthHandler<SyncLookup<Account>> {
    OAuthHandler::new(TokenManager::new(SECRET).unwrap(), find).hasher(quick_hasher()).throttle(throttle)
}

fn attempt(oauth: &OAuthHandler<SyncLookup<Account>>, name: &str, password: &str, from: Option<&str>) -> u16 {
    let mut request = LoginRequest::new(name, password);
    if let Some(address) = from {
        request = request.from_address(address.parse::<IpAddr>().unwrap());
    }
    oauth.login_with(request).map_or_else(|denial| denial.status(), |_| 200)
}

macro_rules! in_memory_and_redis {
    ($($test:ident),+ $(,)?) => {
        mod memory { $(#[test] fn $test() { super::$test(gatevault::MemoryAttempts::new()); })+ }
        mod redis { $(#[test] fn $test() { super::$test(gatevault_store_tests::blocking_redis_attempts()); })+ }
    };
}

in_memory_and_redis!(
    a_lookalike_account_gives_no_guesses_at_another_one,
    each_spelling_that_the_lookup_folds_counts_for_its_account,
    a_site_is_limited_by_its_networks,
    a_newcomer_is_not_kept_out_by_an_attack_from_another_network,
    the_newcomers_of_an_account_are_limited_together,
    thirty_right_logins_at_once_are_all_logged_in,
);

fn a_lookalike_account_gives_no_guesses_at_another_one(store: impl AttemptStore) {
    let oauth = handler(throttle(store));
    let (burst, mut admitted) = (Instant::now(), 0);
    for _ in 0..10 {
        admitted += (0..4).filter(|_| attempt(&oauth, "ada", "wrong", None) == 401).count();
        attempt(&oauth, "Ada", "the attacker's", None);
    }
    assert_admitted(admitted, 5, burst);
}

fn each_spelling_that_the_lookup_folds_counts_for_its_account(store: impl AttemptStore) {
    let oauth = handler(throttle(store));
    let burst = Instant::now();
    let guess = |dots: usize| attempt(&oauth, &format!("ada{}", ".".repeat(dots)), "wrong", None);
    assert_admitted((0..50).filter(|dots| guess(*dots) == 401).count(), 5, burst);
}

fn a_site_is_limited_by_its_networks(store: impl AttemptStore) {
    let oauth = handler(throttle(store));
    let guess = |number: usize, network: usize| {
        attempt(&oauth, &format!("user {number}"), "wrong", Some(&format!("2001:db8:0:{network:x}::1")))
            == 401
    };
    let burst = Instant::now();
    assert_admitted((0..20).filter(|number| guess(*number, 0)).count(), 4, burst);
    assert_admitted((20..60).filter(|number| guess(*number, *number)).count(), 12, burst);
    assert_admitted((60..160).filter(|number| guess(*number, number * 256)).count(), 48, burst);
}

fn a_newcomer_is_not_kept_out_by_an_attack_from_another_network(store: impl AttemptStore) {
    let oauth = handler(throttle(store).per_address(AttemptLimit::new(100, Duration::from_mins(1))));
    let burst = Instant::now();
    let guess = |_: &i32| attempt(&oauth, "ada", "wrong", Some("10.9.0.1")) == 401;
    // Three as a newcomer, and five on the account.
    assert_admitted((0..20).filter(guess).count(), 8, burst);
    for number in 0..20 {
        assert_eq!(attempt(&oauth, "ada", "correct horse", Some(&format!("10.0.0.{number}"))), 200);
    }
}

fn the_newcomers_of_an_account_are_limited_together(store: impl AttemptStore) {
    let oauth = handler(throttle(store));
    let burst = Instant::now();
    let guess = |number: &usize| attempt(&oauth, "ada", "wrong", Some(&format!("10.9.{number}.1"))) == 401;
    let admitted = (0..40).filter(guess).count();
    // Both counters pause.
    let passed = (0..6).filter(|doublings| burst.elapsed().as_secs() >= (1 << doublings)).count();
    assert!((15..=15 + 2 * passed).contains(&admitted), "{admitted}");
}

fn thirty_right_logins_at_once_are_all_logged_in(store: impl AttemptStore) {
    let oauth = handler(throttle(store));
    for from in [None, Some("10.0.0.1")] {
        let start = Barrier::new(30);
        let log_in = || {
            start.wait();
            attempt(&oauth, "ada", "correct horse", from)
        };
        let answers: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..30).map(|_| scope.spawn(log_in)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(answers, [200; 30], "{from:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_async_form_thirty_right_logins_at_once_are_all_logged_in() {
    let redis = LoginThrottle::new(gatevault_store_tests::redis_attempts().await);
    for throttle in [redis, LoginThrottle::new(gatevault::MemoryAttempts::new())] {
        let oauth = OAuthHandler::new_async(TokenManager::new(SECRET).unwrap(), |name: &str| {
            let found = find(name);
            async move { found }
        });
        let oauth = Arc::new(oauth.hasher(quick_hasher()).throttle(throttle));
        let mut logins = JoinSet::new();
        for _ in 0..30 {
            let oauth = Arc::clone(&oauth);
            logins.spawn(async move { oauth.async_login("ada", "correct horse").await.is_ok() });
        }
        assert_eq!(logins.join_all().await, [true; 30]);
    }
}
