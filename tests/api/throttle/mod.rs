//! Logins behind a throttle, in both forms of the handler.

mod addresses;
mod clocks;
mod concurrent;
mod days;
mod flood;
mod impossible;
mod names;
mod networks;
mod newcomers;
mod outage;
mod own_store;
mod passwords;
mod policy;
mod sharing;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use gatevault::login::SyncLookup;
use gatevault::testing::ManualClock;
use gatevault::{AttemptLimit, GuardError, LoginRequest, LoginThrottle, MemoryAttempts, OAuthHandler};
use gatevault_tests::{Account, quick_hasher, timed};

/// A handler that knows the user ada, or whose lookup fails, with the clock of its throttle.
struct Fixture {
    oauth: OAuthHandler<SyncLookup<Account>>,
    clock: ManualClock,
    is_down: Arc<AtomicBool>,
}

/// The answer to an attempt: its status, and the seconds to wait.
type Answer = (u16, u64);

const WRONG: Answer = (401, 0);
const LOGGED_IN: Answer = (200, 0);
const DOWN: Answer = (503, 0);

fn wait(seconds: u64) -> Answer {
    (429, seconds)
}

fn ada() -> Account {
    static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(1, "correct horse"));
    ADA.clone()
}

fn fixture(throttle: LoginThrottle) -> Fixture {
    fixture_with(throttle, |name| name.trim().eq_ignore_ascii_case("ada").then(ada))
}

fn fixture_with(
    throttle: LoginThrottle,
    find: impl Fn(&str) -> Option<Account> + Send + Sync + 'static,
) -> Fixture {
    let (builder, clock) = timed();
    let is_down = Arc::new(AtomicBool::new(false));
    let fails = Arc::clone(&is_down);
    let lookup = move |name: &str| {
        if fails.load(Ordering::SeqCst) {
            return Err(std::io::Error::other("the database is down"));
        }
        Ok(find(name))
    };
    let oauth = OAuthHandler::new(builder.build().unwrap(), lookup).hasher(quick_hasher()).throttle(throttle);
    Fixture { oauth, clock, is_down }
}

fn in_memory() -> LoginThrottle {
    LoginThrottle::new(MemoryAttempts::new())
}

impl Fixture {
    fn attempt(&self, request: LoginRequest<'_>) -> Answer {
        answer(self.oauth.login_with(request).map(drop))
    }

    fn guess(&self, name: &str) -> Answer {
        self.attempt(LoginRequest::new(name, "wrong"))
    }

    fn guess_from(&self, name: &str, address: &str) -> Answer {
        self.attempt(LoginRequest::new(name, "wrong").from_address(ip(address)))
    }

    fn log_in_from(&self, address: &str) -> Answer {
        self.attempt(LoginRequest::new("ada", "correct horse").from_address(ip(address)))
    }

    fn log_in(&self) -> Answer {
        self.attempt(LoginRequest::new("ada", "correct horse"))
    }

    /// Makes guesses until each counter of the account pauses that attempts from new addresses or from none count in.
    fn exhaust(&self, name: &str) {
        for number in 0..20 {
            assert_eq!(self.guess_from(name, &format!("203.0.113.{number}")), WRONG);
        }
        assert_eq!(self.pauses(name, 5), [0; 5]);
    }

    /// Makes guesses, each as early as allowed, and returns the pauses in seconds before them.
    fn pauses(&self, name: &str, guesses: usize) -> Vec<u64> {
        let guess = |_| match self.guess(name) {
            (429, seconds) => {
                self.advance(seconds);
                assert_eq!(self.guess(name), WRONG, "an attempt after its pause");
                seconds
            }
            answer => {
                assert_eq!(answer, WRONG);
                0
            }
        };
        (0..guesses).map(guess).collect()
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn answer(login: Result<(), GuardError>) -> Answer {
    match login {
        Ok(()) => LOGGED_IN,
        Err(GuardError::TooManyAttempts { retry_after }) => {
            assert_eq!(retry_after.subsec_nanos(), 0, "`Retry-After` is in seconds");
            (429, retry_after.as_secs())
        }
        Err(denial) => (denial.status(), 0),
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn limit(free: u32, longest_pause: u64) -> AttemptLimit {
    AttemptLimit::new(free, Duration::from_secs(longest_pause))
}
