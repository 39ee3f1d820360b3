//! Logins behind a throttle: attempts that are counted, and attempts that are refused during a pause.

use std::time::{Duration, SystemTime};

use gatevault::password::Argon2Params;
use gatevault::{
    AttemptLimit, Clock, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher, TokenManager, UserId,
};
use gatevault_benches::Answer;
use gatevault_benches::timing::{Expected, Pair};

use crate::accounts::{Accounts, UNKNOWN, names};
use crate::costs::PASSWORD;
use crate::wrong::INPUTS;

/// Returns pairs of counted attempts and one of refused attempts.
pub(crate) fn pairs() -> Answer<Vec<Pair>> {
    let counted = AttemptLimit::new(u32::MAX, PAUSE);
    // The check of the pair makes the only attempt that is free.
    let refused = AttemptLimit::new(1, PAUSE);
    let of_number: fn(u64) -> UserId = UserId::from;
    let of_text: fn(u64) -> UserId = |number| format!("a3bb189e-8bf9-4888-9912-{number:012}").into();
    let short = |letter| names(letter, INPUTS);
    let long = |letter| short(letter).into_iter().map(|name| format!("{name:x<400}")).collect();
    Ok(vec![
        pair("counted: unknown user, known", counted, of_number, [short(UNKNOWN), short('k')])?,
        pair("counted: unknown user, known, long names", counted, of_number, [long(UNKNOWN), long('k')])?,
        pair("counted: unknown user, known by a UUID", counted, of_text, [short(UNKNOWN), short('k')])?
            .expecting(Expected::Inherent("inherent: copies of the id")),
        pair("refused in a pause: unknown user, known", refused, of_number, [short(UNKNOWN), short('k')])?,
    ])
}

/// Returns logins of unknown and of known users with hashes at the lowest cost, so that little hides the throttle.
fn pair(
    name: &str,
    limit: AttemptLimit,
    id_of: fn(u64) -> UserId,
    classes: [Vec<String>; 2],
) -> Answer<Pair> {
    let params = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };
    let hasher = PasswordHasher::builder().argon2id_with(params).build()?;
    let stored = hasher.hash(PASSWORD)?;
    let accounts = Accounts::new(&stored).with('k', Some(&stored)).identified_by(id_of);
    // Without `newcomers` the account's own limit would not be the only one.
    let throttle = LoginThrottle::new(MemoryAttempts::new()).per_account(limit).newcomers(limit);
    let tokens = TokenManager::builder().secret([7; 32]).clock(Stopped(SystemTime::now())).build()?;
    let oauth =
        OAuthHandler::new(tokens, move |name: &str| accounts.find(name)).hasher(hasher).throttle(throttle);
    let call = move |name: &str| oauth.login(name, "wrong").is_ok();
    Ok(Pair::new(name, classes, call)?.measured(50_000))
}

/// A clock that does not move, so that no pause ends.
struct Stopped(SystemTime);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        self.0
    }
}

const PAUSE: Duration = Duration::from_secs(30);
