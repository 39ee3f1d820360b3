//! Caches above `#[protected]`: the guard decides about each call, and the body runs once.

use std::future::ready;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cached::macros::{cached, once};
use gatevault::testing::ManualClock;
use gatevault::{Claims, TokenManager, protected};
use gatevault_tests::timed;

use crate::{Denied, FORBIDDEN, UNAUTHENTICATED};

#[derive(Debug, Clone, Claims)]
struct Staff {
    user_id: u64,
    #[claims(role)]
    role: String,
}

/// A function under test: it returns the id of the admin for whom its body ran.
type Report<'f> = &'f dyn Fn(&TokenManager, &str) -> Result<u64, Denied>;

/// Asserts that only admins get the report, from the body or from the cache, and that `runs` counts one run.
fn assert_guarded((tokens, clock): &(TokenManager, ManualClock), runs: &AtomicU32, report: Report<'_>) {
    let access = |user_id, role: &str| {
        tokens.create_access_token(&Staff { user_id, role: role.to_owned() }).expect("valid claims")
    };
    let (admin, member) = (access(1, "admin"), access(2, "member"));

    assert_eq!(report(tokens, ""), Err(UNAUTHENTICATED), "there is no report yet");
    assert_eq!(report(tokens, &admin), Ok(1));
    assert_eq!(report(tokens, ""), Err(UNAUTHENTICATED), "an anonymous caller");
    assert_eq!(report(tokens, "junk"), Err(UNAUTHENTICATED));
    assert_eq!(report(tokens, &member), Err(FORBIDDEN), "a member");
    assert_eq!(report(tokens, &admin), Ok(1), "from the cache");
    assert_eq!(runs.load(Ordering::Relaxed), 1);

    let verified = tokens.decode_access_token::<Staff>(&admin).expect("a valid token");
    tokens.revoke_token(None, verified.token_id().expect("a `jti`"), verified.expires_at()).expect("an id");
    assert_eq!(report(tokens, &admin), Err(UNAUTHENTICATED), "a revoked token");
    let admin = access(1, "admin");
    assert_eq!(report(tokens, &admin), Ok(1));
    clock.advance(Duration::from_hours(2));
    assert_eq!(report(tokens, &admin), Err(UNAUTHENTICATED), "an expired token");
}

/// Returns a manager of its own for one function.
fn own_tokens() -> (TokenManager, ManualClock) {
    let (builder, clock) = timed();
    (builder.build().expect("valid settings"), clock)
}

static KEYED_RUNS: AtomicU32 = AtomicU32::new(0);

#[cached(key = "u64", convert = "{ day }")]
#[protected(gate = tokens, payload = who: Staff, role = "admin")]
fn keyed(tokens: &TokenManager, token: &str, day: u64) -> Result<u64, Denied> {
    KEYED_RUNS.fetch_add(1, Ordering::Relaxed);
    Ok(who.user_id.wrapping_mul(day))
}

struct Office {
    tokens: TokenManager,
}

static OFFICE_RUNS: AtomicU32 = AtomicU32::new(0);

impl Office {
    #[cached(in_impl = true, key = "u64", convert = "{ day }")]
    #[protected(gate = self.tokens, payload = who: Staff, require = who.role == "admin")]
    fn keyed(&self, token: &str, day: u64) -> Result<u64, Denied> {
        OFFICE_RUNS.fetch_add(1, Ordering::Relaxed);
        Ok(who.user_id.wrapping_mul(day))
    }
}

static ONCE_RUNS: AtomicU32 = AtomicU32::new(0);

/// One result for all admins, so only the policy reads the payload.
#[once]
#[protected(gate = tokens, payload = _: Staff, role = "admin")]
async fn only_one(tokens: &TokenManager, token: &str) -> Result<u64, Denied> {
    ready((tokens, token)).await;
    ONCE_RUNS.fetch_add(1, Ordering::Relaxed);
    Ok(1)
}

static PLAIN_RUNS: AtomicU32 = AtomicU32::new(0);
static PLAIN_TOKENS: OnceLock<(TokenManager, ManualClock)> = OnceLock::new();

/// The token is in the key, so each token has a report of its own.
#[cached]
#[protected(gate = PLAIN_TOKENS.get_or_init(own_tokens).0, payload = who: Staff, role = "admin")]
fn plain(token: String) -> Result<u64, Denied> {
    PLAIN_RUNS.fetch_add(1, Ordering::Relaxed);
    Ok(who.user_id)
}

#[test]
fn a_cache_with_a_key_is_behind_the_guard() {
    assert_guarded(&own_tokens(), &KEYED_RUNS, &|tokens, token| keyed(tokens, token, 1));
}

#[test]
fn a_cached_method_is_behind_the_guard() {
    let own = own_tokens();
    let office = Office { tokens: own.0.clone() };
    assert_guarded(&own, &OFFICE_RUNS, &|_, token| office.keyed(token, 1));
}

#[test]
fn a_cache_of_one_result_is_behind_the_guard() {
    assert_guarded(&own_tokens(), &ONCE_RUNS, &|tokens, token| pollster::block_on(only_one(tokens, token)));
}

#[test]
fn a_cache_with_the_token_in_its_key_is_behind_the_guard() {
    let own = PLAIN_TOKENS.get_or_init(own_tokens);
    assert_guarded(own, &PLAIN_RUNS, &|_, token| plain(token.to_owned()));
}
