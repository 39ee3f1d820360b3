//! A storm of logins: a bounded number of them is hashed or waits, and the rest is refused at once. In a program of its own,
//! for there is one pool of hashing threads in a process.
#![cfg(test)]

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use gatevault::{OAuthHandler, PasswordHasher, Payload};
use gatevault_tests::{Account, tokens};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_storm_of_logins_a_bounded_number_waits_and_the_rest_may_come_again() {
    let hasher = PasswordHasher::builder().cost(8).build().unwrap();
    let ada = Account { id: 1.into(), hash: hasher.hash("correct horse").unwrap() };
    let oauth = OAuthHandler::new_async(tokens(), move |_: &str| std::future::ready(Some(ada.clone())));
    let oauth = Arc::new(oauth.hasher(hasher).stateless());
    let mut storm = JoinSet::new();
    for _ in 0..1000 {
        let oauth = Arc::clone(&oauth);
        storm.spawn(async move {
            oauth.async_login("ada", "a guess").await.map_or_else(|denial| denial.status(), |_| 200)
        });
    }
    // A guard does not notice.
    let (gate, access) = (tokens(), tokens().create_access_token(&Payload::new(1)).unwrap());
    let start = Instant::now();
    let mut calls = 0_u32;
    while start.elapsed() < Duration::from_millis(200) {
        assert!(gate.decode_access_token::<Payload>(&access).is_ok());
        calls = calls.saturating_add(1);
        tokio::task::yield_now().await;
    }
    assert!(calls > 100, "{calls} guarded calls beside a storm");
    let answers = storm.join_all().await;
    let verified = answers.iter().filter(|status| **status == 401).count();
    let refused = answers.iter().filter(|status| **status == 503).count();
    assert_eq!(verified.saturating_add(refused), 1000, "{answers:?}");
    let room = available_parallelism().map_or(1, usize::from).saturating_mul(33);
    assert!(verified >= room, "{verified} of at least {room} were verified");
    assert!(refused > 0, "no login was refused");
    assert!(oauth.async_login("ada", "correct horse").await.is_ok(), "and then it is over");
}
