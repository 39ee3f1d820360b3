//! The browser of `gatevault::testing` over an application of every framework that it can call without a socket.

mod browser;
mod gates;
mod pages;
mod scenario;

use std::time::Duration;

use gatevault::testing::{self, ManualClock, TestUser};
use gatevault::{Auth, MemorySessions, Payload, TokenManager};
use gatevault_web_tests::login_apps as apps;

/// The accounts of ada and eve.
type Users = testing::Users<Payload>;

fn ada() -> TestUser {
    TestUser::new(1, "ada")
}

fn eve() -> TestUser {
    TestUser::new(2, "eve")
}

/// Returns a login service, and the clock that it uses.
fn auth() -> (Auth<Users>, ManualClock) {
    let clock = ManualClock::default();
    let secret = "a secret of at least thirty-two bytes";
    let tokens = TokenManager::builder().secret(secret).clock(clock.clone()).build().unwrap();
    (
        Auth::with_tokens(Users::new([ada(), eve()]), tokens, MemorySessions::new())
            .unwrap()
            .hasher(testing::hasher()),
        clock,
    )
}

/// The lifetime of an access token.
const ACCESS: Duration = Duration::from_mins(15);
