//! Throttling with counters in this process or in Redis: both admit the same attempts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use gatevault::throttle::{AttemptStore, OutagePolicy};
use gatevault::{
    AttemptLimit, GuardError, LoginRequest, LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager,
};
use gatevault_servers::{FaultProxy, RedisServer};
use gatevault_store_tests::redis_attempts;
use gatevault_tests::{Account, SECRET, quick_hasher};
use tokio::task::JoinSet;
use tokio::time::sleep;

type Handler = Arc<OAuthHandler<gatevault::login::AsyncLookup<Account>>>;

/// Creates a handler that knows `ada`, with 3 free attempts per account and 6 per address.
fn handler(throttle: LoginThrottle) -> Handler {
    let ada = Account::new(1, "correct horse");
    let oauth = OAuthHandler::new_async(TokenManager::new(SECRET).unwrap(), move |name: &str| {
        let found = (name == "ada").then(|| ada.clone());
        async move { found }
    });
    let throttle = throttle
        .per_account(AttemptLimit::new(3, Duration::from_secs(30)))
        .per_address(AttemptLimit::new(6, Duration::from_mins(1)));
    Arc::new(oauth.hasher(quick_hasher()).throttle(throttle))
}

async fn attempt(oauth: &Handler, name: &str, password: &str, from: &str) -> u16 {
    let address: IpAddr = from.parse().unwrap();
    let request = LoginRequest::new(name, password).from_address(address);
    oauth.async_login_with(request).await.map_or_else(|denial| denial.status(), |_| 200)
}

/// Makes an attempt whose address is unknown, so that only the account counts it.
async fn attempt_from_anywhere(oauth: &Handler, name: &str, password: &str) -> u16 {
    oauth.async_login(name, password).await.map_or_else(|denial| denial.status(), |_| 200)
}

macro_rules! in_memory_and_redis {
    ($($test:ident),+ $(,)?) => {
        mod memory { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(gatevault::MemoryAttempts::new()).await; })+ }
        mod redis { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(gatevault_store_tests::redis_attempts().await).await; })+ }
    };
}

in_memory_and_redis!(
    of_a_parallel_burst_exactly_the_free_attempts_are_admitted,
    known_and_unknown_accounts_get_the_same_answers,
    a_login_deletes_the_counter_of_its_account,
    an_address_that_guesses_at_many_accounts_has_to_wait,
    an_attacker_elsewhere_does_not_slow_the_owner_down_at_home,
    a_pause_is_over_after_its_time,
);

async fn of_a_parallel_burst_exactly_the_free_attempts_are_admitted(store: impl AttemptStore) {
    let oauth = handler(LoginThrottle::new(store));
    let mut burst = JoinSet::new();
    for number in 0..64 {
        let oauth = Arc::clone(&oauth);
        burst.spawn(async move { attempt_from_anywhere(&oauth, "ada", &format!("wrong {number}")).await });
    }
    let answers = burst.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 3, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 61, "{answers:?}");
}

async fn known_and_unknown_accounts_get_the_same_answers(store: impl AttemptStore) {
    let oauth = handler(LoginThrottle::new(store));
    let mut answers = Vec::new();
    for name in ["ada", "unknown"] {
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(attempt_from_anywhere(&oauth, name, "wrong").await);
        }
        answers.push(statuses);
    }
    assert_eq!(answers, [[401, 401, 401, 429, 429], [401, 401, 401, 429, 429]]);
}

async fn a_login_deletes_the_counter_of_its_account(store: impl AttemptStore) {
    let oauth = handler(LoginThrottle::new(store));
    for _ in 0..4 {
        assert_eq!(attempt_from_anywhere(&oauth, "ada", "wrong").await, 401);
        assert_eq!(attempt_from_anywhere(&oauth, "ada", "wrong").await, 401);
        assert_eq!(attempt_from_anywhere(&oauth, "ada", "correct horse").await, 200);
    }
}

async fn an_address_that_guesses_at_many_accounts_has_to_wait(store: impl AttemptStore) {
    let oauth = handler(LoginThrottle::new(store));
    for number in 0..6 {
        assert_eq!(attempt(&oauth, &format!("user {number}"), "wrong", "2001:db8::1").await, 401);
    }
    assert_eq!(attempt(&oauth, "user 7", "wrong", "2001:db8::2").await, 429, "of the same network");
    assert_eq!(attempt(&oauth, "user 7", "wrong", "2001:db8:0:1::2").await, 401);
}

async fn an_attacker_elsewhere_does_not_slow_the_owner_down_at_home(store: impl AttemptStore) {
    let oauth = handler(LoginThrottle::new(store));
    assert_eq!(attempt(&oauth, "ada", "correct horse", "10.0.0.1").await, 200);
    for number in 0..40 {
        attempt(&oauth, "ada", "wrong", &format!("10.9.{number}.1")).await;
    }
    assert_eq!(attempt(&oauth, "ada", "wrong", "10.9.99.9").await, 429);
    assert_eq!(attempt(&oauth, "ada", "correct horse", "10.0.0.1").await, 200);
}

/// Waits in real time, because the store has a clock of its own.
async fn a_pause_is_over_after_its_time(store: impl AttemptStore) {
    let oauth = handler(LoginThrottle::new(store));
    for _ in 0..3 {
        assert_eq!(attempt_from_anywhere(&oauth, "ada", "wrong").await, 401);
    }
    let denial = oauth.async_login("ada", "correct horse").await.unwrap_err();
    let second = Duration::from_secs(1);
    assert!(
        matches!(denial, GuardError::TooManyAttempts { retry_after } if retry_after == second),
        "{denial:?}"
    );
    sleep(second + Duration::from_millis(100)).await;
    assert_eq!(attempt(&oauth, "ada", "correct horse", "10.0.0.1").await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_count_together_in_redis() {
    let store = redis_attempts().await;
    let nodes = [handler(LoginThrottle::new(store.clone())), handler(LoginThrottle::new(store))];
    for (number, expected) in [401, 401, 401, 429].into_iter().enumerate() {
        assert_eq!(attempt_from_anywhere(&nodes[number % 2], "ada", "wrong").await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_down_the_policy_decides() {
    let server = RedisServer::start();
    let proxy = FaultProxy::to(server.address());
    let attempts = gatevault::RedisAttempts::connect(server.url_at(proxy.address())).await.unwrap();
    let attempts = attempts.time_limit(Duration::from_secs(1));
    let denying = handler(LoginThrottle::new(attempts.clone()));
    let allowing = handler(LoginThrottle::new(attempts).when_unavailable(OutagePolicy::Allow));
    assert_eq!(attempt(&denying, "ada", "correct horse", "10.0.0.1").await, 200);
    for fault in [FaultProxy::refuse, FaultProxy::stall] {
        fault(&proxy);
        assert_eq!(attempt(&denying, "ada", "correct horse", "10.0.0.1").await, 503);
        assert_eq!(attempt(&allowing, "ada", "correct horse", "10.0.0.1").await, 200);
        proxy.pass();
        sleep(Duration::from_millis(300)).await;
    }
    // Delayed requests have arrived. A handler with counters in memory is not affected.
    let memory = handler(LoginThrottle::new(MemoryAttempts::new()));
    assert_eq!(attempt(&memory, "ada", "correct horse", "10.0.0.1").await, 200);
}

/// The lookup is between the two counts of an attempt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_fails_between_the_counts_of_name_and_account_is_answered_by_the_policy() {
    let server = RedisServer::start();
    for (policy, right, wrong) in [(OutagePolicy::Deny, 503, 503), (OutagePolicy::Allow, 200, 401)] {
        let proxy = Arc::new(FaultProxy::to(server.address()));
        let attempts = gatevault::RedisAttempts::connect(server.url_at(proxy.address())).await.unwrap();
        let throttle = LoginThrottle::new(attempts.time_limit(Duration::from_secs(1)));
        let (ada, broken) = (Account::new(1, "correct horse"), Arc::clone(&proxy));
        let oauth = OAuthHandler::new_async(TokenManager::new(SECRET).unwrap(), move |name: &str| {
            if name == "ada" {
                broken.refuse();
            }
            let found = name.eq_ignore_ascii_case("ada").then(|| ada.clone());
            async move { found }
        });
        let oauth = Arc::new(oauth.hasher(quick_hasher()).throttle(throttle.when_unavailable(policy)));
        for (password, expected) in [("correct horse", right), ("wrong", wrong)] {
            assert_eq!(attempt(&oauth, "ada", password, "10.0.0.1").await, expected, "{policy:?}");
            proxy.pass();
            sleep(Duration::from_millis(300)).await;
        }
        assert_eq!(attempt(&oauth, "Ada", "correct horse", "10.0.0.1").await, 200, "{policy:?}");
        // The lost refunds do not slow the user down.
        for (password, expected) in [("wrong", 401), ("wrong", 401), ("wrong", 401), ("correct horse", 200)] {
            assert_eq!(attempt(&oauth, "Ada", password, "10.0.0.1").await, expected, "{policy:?}");
        }
    }
}
