//! Logins behind a throttle: attempts that are counted, and attempts that are refused during a pause.

use std::time::{Duration, SystemTime};

use gatevault::password::Argon2Params;
use gatevault::{
    AttemptLimit, Clock, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher, TokenManager,
};
use gatevault_benches::Answer;
use gatevault_benches::timing::Pair;

use crate::accounts::{Accounts, UNKNOWN, names};
use crate::costs::PASSWORD;
use crate::wrong::INPUTS;

/// Returns a pair of counted attempts and one of refused attempts.
pub(crate) fn pairs() -> Answer<Vec<Pair>> {
    let counted = pair("counted: unknown user, known", AttemptLimit::new(u32::MAX, PAUSE))?;
    // The check of the pair makes the only attempt that is free.
    let refused = pair("refused in a pause: unknown user, known", AttemptLimit::new(1, PAUSE))?;
    Ok(vec![counted, refused])
}

/// Returns logins of unknown and of known users with hashes at the lowest cost, so that little hides the throttle.
fn pair(name: &str, limit: AttemptLimit) -> Answer<Pair> {
    let params = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };
    let hasher = PasswordHasher::builder().argon2id_with(params).build()?;
    let stored = hasher.hash(PASSWORD)?;
    let accounts = Accounts::new(&stored).with('k', Some(&stored));
    // Without `newcomers` the account's own limit would not be the only one.
    let throttle = LoginThrottle::new(MemoryAttempts::new()).per_account(limit).newcomers(limit);
    let tokens = TokenManager::builder().secret([7; 32]).clock(Stopped(SystemTime::now())).build()?;
    let oauth =
        OAuthHandler::new(tokens, move |name: &str| accounts.find(name)).hasher(hasher).throttle(throttle);
    let call = move |name: &str| oauth.login(name, "wrong").is_ok();
    Ok(Pair::new(name, [names(UNKNOWN, INPUTS), names('k', INPUTS)], call)?.measured(50_000))
}

/// A clock that does not move, so that no pause ends.
struct Stopped(SystemTime);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        self.0
    }
}

const PAUSE: Duration = Duration::from_secs(30);
