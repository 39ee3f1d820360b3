//! Revocations that are known for as long as an access token can live, also to a process that starts later.

use std::time::{Duration, Instant, SystemTime};

use gatevault::error::InvalidReason;
use gatevault::session::{RemoveExpired, RevocationCursor, StalePolicy};
use gatevault::testing::ManualClock;
use gatevault::{
    Issuer, KeyRing, Payload, RevocationFeed, Timestamp, TokenError, TokenManager, TokenPair, VerifyingKey,
};
use gatevault_store_tests::{Backend, Fixture, ids};
use gatevault_tests::SECRET;
use tokio::time::sleep;

over_every_store!(
    a_logout_is_remembered_as_long_as_the_tokens_of_another_issuer_live,
    a_logout_is_remembered_as_long_as_our_own_tokens_of_another_process_live,
    a_revocation_outlives_a_session_that_a_shorter_refresh_expiry_has_shortened,
);

const ISSUER: &str = "https://auth.shop.example";
const AUDIENCE: &str = "shop";
const HOUR: Duration = Duration::from_hours(1);

/// A process that only guards, with default settings, and its feed.
struct Guarding {
    tokens: TokenManager,
    _feed: RevocationFeed,
}

impl Guarding {
    fn start(backend: &Backend, tokens: TokenManager, policy: StalePolicy) -> Self {
        let feed = RevocationFeed::of(backend.store.clone()).when_stale(policy);
        Self { _feed: feed.follow(&tokens).unwrap(), tokens }
    }

    fn decode(&self, pair: &TokenPair) -> Result<(), TokenError> {
        self.tokens.decode_access_token::<Payload>(&pair.access_token).map(drop)
    }

    /// Waits until the token gets the answer, within a poll and a margin for a busy machine.
    async fn answers(&self, pair: &TokenPair, expected: &Result<(), TokenError>) {
        let start = Instant::now();
        loop {
            let answer = self.decode(pair);
            if answer == *expected {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{answer:?}, not {expected:?}");
            sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Creates the manager of a service that accepts the login service as an issuer.
fn accepting(clock: &ManualClock) -> TokenManager {
    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = Issuer::new(ISSUER, keys).audience(AUDIENCE).subject_claim("user_id");
    TokenManager::builder().accept(issuer).clock(clock.clone()).build().unwrap()
}

/// Creates the manager of another process of the login service, which left `access_expiry` at its default.
fn sharing_the_secret(clock: &ManualClock) -> TokenManager {
    let builder = TokenManager::builder().secret(SECRET).issuer(ISSUER).audience(AUDIENCE);
    builder.clock(clock.clone()).build().unwrap()
}

async fn a_logout_is_remembered_as_long_as_the_tokens_of_another_issuer_live(backend: &Backend) {
    for policy in [StalePolicy::Allow, StalePolicy::Deny] {
        a_logout_is_remembered(backend, accepting, policy).await;
    }
}

async fn a_logout_is_remembered_as_long_as_our_own_tokens_of_another_process_live(backend: &Backend) {
    for policy in [StalePolicy::Allow, StalePolicy::Deny] {
        a_logout_is_remembered(backend, sharing_the_secret, policy).await;
    }
}

/// The login service creates access tokens of eight hours. The other process has defaults only.
async fn a_logout_is_remembered(
    backend: &Backend,
    manager: fn(&ManualClock) -> TokenManager,
    policy: StalePolicy,
) {
    let login = Fixture::with_tokens(&backend.store, ManualClock::default(), |tokens| {
        tokens.issuer(ISSUER).audience(AUDIENCE).access_expiry(HOUR * 8)
    });
    let user = login.add(1);
    let (gone, kept) = (login.login(&user).await, login.login(&user).await);
    let revoked = Err(InvalidReason::Revoked.into());

    let guarding = Guarding::start(backend, manager(&login.clock), policy);
    guarding.answers(&gone, &Ok(())).await;
    login.oauth.async_logout(gone.refresh_token.as_str()).await.unwrap();
    guarding.answers(&gone, &revoked).await;
    assert_eq!(guarding.decode(&kept), Ok(()));

    // More revocations than the table of a new manager holds: it drops those that it no longer needs.
    login.clock.advance(Duration::from_mins(20));
    for _ in 0..40 {
        let other = login.login(&user).await;
        login.oauth.async_logout(other.refresh_token.as_str()).await.unwrap();
    }
    let last = login.login(&user).await;
    login.oauth.async_logout(last.refresh_token.as_str()).await.unwrap();
    guarding.answers(&last, &revoked).await;
    assert_eq!(guarding.decode(&gone), revoked, "20 minutes later");
    drop(guarding);

    // The process starts again, with nothing but the store: 3 h and 7 h 30 min after the login.
    for pause in [Duration::from_mins(160), Duration::from_mins(270)] {
        login.clock.advance(pause);
        let restarted = Guarding::start(backend, manager(&login.clock), policy);
        restarted.answers(&gone, &revoked).await;
        restarted.answers(&kept, &Ok(())).await;
    }
}

/// Uses clocks that are two hours slow: servers have a clock of their own, and the session must have expired by both.
async fn a_revocation_outlives_a_session_that_a_shorter_refresh_expiry_has_shortened(backend: &Backend) {
    let clock = ManualClock::at(SystemTime::now() - HOUR * 2);
    let before = Fixture::with_tokens(&backend.store, clock.clone(), |tokens| tokens.access_expiry(HOUR * 8));
    let user = before.add(1);
    let pair = before.login(&user).await;
    let session = before.session_of(&pair);
    let brief = Duration::from_mins(30);
    let after =
        before.beside_with_tokens(&backend.store, |tokens| tokens.access_expiry(brief).refresh_expiry(brief));
    after.refresh(&pair).await.unwrap();
    assert!(after.oauth.async_revoke(user, &session).await.unwrap());

    clock.advance(HOUR * 2 + Duration::from_mins(1));
    backend.store.remove_expired(RemoveExpired::new(before.now(), HOUR * 8)).await.unwrap();
    let everything = RevocationCursor::Time(Timestamp::from_seconds(0).unwrap());
    assert_eq!(ids(backend.store.revocations_since(everything).await.unwrap()), [session]);
    let tokens = TokenManager::builder().secret(SECRET).clock(clock.clone()).build().unwrap();
    let restarted = Guarding::start(backend, tokens, StalePolicy::Allow);
    restarted.answers(&pair, &Err(InvalidReason::Revoked.into())).await;
    drop(restarted);

    backend.store.remove_expired(RemoveExpired::new(before.now(), Duration::ZERO)).await.unwrap();
    let listed = ids(backend.store.revocations_since(everything).await.unwrap());
    // Redis keeps the session itself for another hour, and lists the revocation until then.
    assert!(listed.is_empty() || backend.expires_by_itself(), "{listed:?}");
}
