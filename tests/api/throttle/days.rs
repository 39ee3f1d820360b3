//! Guesses at ever new accounts from one network, over a day.

use gatevault::PasswordHasher;
use gatevault::password::Argon2Params;

use super::{Fixture, WRONG, fixture, in_memory};

const DAY: u64 = 24 * 60 * 60;

/// The quiet time after which all attempts are forgotten.
const FORGET_AFTER: u64 = 15 * 60;

/// A guesser who never tries an account twice, at the time since the first guess.
struct Guesser<A> {
    fixture: Fixture,
    address: A,
    guesses: usize,
    time: u64,
}

impl<A: Fn(usize) -> String> Guesser<A> {
    /// Creates a guesser with an address for the number of each guess.
    fn new(address: A) -> Self {
        // Cheap, because a day has tens of thousands of guesses.
        let hasher = PasswordHasher::builder()
            .argon2id_with(Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 })
            .build()
            .unwrap();
        let fixture = fixture(in_memory());
        let oauth = fixture.oauth.hasher(hasher);
        Self { fixture: Fixture { oauth, ..fixture }, address, guesses: 0, time: 0 }
    }

    /// Tries the next account. Returns the pause before its guess, in seconds.
    fn pause(&self) -> Option<u64> {
        let name = format!("user {}", self.guesses);
        match self.fixture.guess_from(&name, &(self.address)(self.guesses)) {
            WRONG => None,
            (429, seconds) => Some(seconds),
            answer => panic!("{answer:?}"),
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.fixture.advance(seconds);
        self.time += seconds;
    }

    /// Makes one guess, as early as allowed.
    fn guess(&mut self) {
        if let Some(seconds) = self.pause() {
            self.wait(seconds);
            assert_eq!(self.pause(), None, "a guess after its pause");
        }
        self.guesses += 1;
    }
}

/// Returns the number of guesses in a day: `burst` guesses, each as early as allowed, then none until the network has no
/// attempts any more, and again.
fn guesses_in_bursts(burst: usize, address: impl Fn(usize) -> String) -> usize {
    let mut guesser = Guesser::new(address);
    loop {
        for _ in 0..burst {
            guesser.guess();
            if guesser.time >= DAY {
                return guesser.guesses - 1;
            }
        }
        let pause = guesser.pause().unwrap();
        guesser.wait(pause + FORGET_AFTER);
    }
}

fn ipv4(_: usize) -> String {
    "192.0.2.1".to_owned()
}

/// Returns an address in a /56, each time in another /64.
fn in_a_56(guess: usize) -> String {
    format!("2001:db8:0:{:x}::1", guess % 256)
}

/// Returns an address in a /48, each time in another /56.
fn in_a_48(guess: usize) -> String {
    format!("2001:db8:0:{:x}::1", u16::try_from(guess % 65536).unwrap().swap_bytes())
}

/// Twenty are free. The first pauses are short, so the best burst has a few guesses more.
#[test]
fn a_day_of_guesses_from_one_ipv4_address_is_bounded_over_all_accounts() {
    let guesses = [20, 24, 25, 26].map(|burst| guesses_in_bursts(burst, ipv4));
    assert_eq!(guesses, [1920, 2232, 2250, 2210]);
}

/// The best burst has three guesses more than are free.
#[test]
fn a_day_of_guesses_from_an_ipv6_56_is_bounded_over_all_accounts() {
    assert_eq!(guesses_in_bursts(80 + 3, in_a_56), 7885);
}

/// The best burst has two guesses more than are free.
#[test]
fn a_day_of_guesses_from_an_ipv6_48_is_bounded_over_all_accounts() {
    assert_eq!(guesses_in_bursts(320 + 2, in_a_48), 30912);
}

#[test]
fn a_network_that_guesses_as_early_as_allowed_has_one_guess_for_each_longest_pause() {
    let never_quiet =
        [ipv4, in_a_56, in_a_48].map(|address: fn(usize) -> String| guesses_in_bursts(usize::MAX, address));
    assert_eq!(never_quiet, [315, 375, 615]);
}
