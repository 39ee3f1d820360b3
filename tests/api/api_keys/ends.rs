//! What ends an API key, and what does not.

use std::sync::Arc;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::session::{RemoveExpired, RevocationCursor, Revoker};
use gatevault::{
    ApiKeys, Clock as _, GuardError, KeyRequest, MemorySessions, OAuthHandler, RevocationFeed, SessionStore,
    TokenError, TokenManager, UserId,
};
use gatevault_tests::{Account, SECRET, timed};

use super::{DAY, Fixture, fixture, handler, is_refused};

const YEAR: Duration = Duration::from_hours(365 * 24);

fn yearly(fixture: &Fixture) -> String {
    fixture.key(KeyRequest::new("ci").lifetime(YEAR))
}

fn is_valid(fixture: &Fixture, key: &str) -> bool {
    fixture.oauth.exchange_key(key).is_ok()
}

/// Removes every revocation from the store, as a cleaning after their time does, and returns a handler that knows none.
fn restarted(fixture: &Fixture) -> OAuthHandler<gatevault::login::SyncLookup<Account>> {
    let now = fixture.tokens_now();
    let later = RemoveExpired::new(now, Duration::ZERO);
    while pollster::block_on(fixture.store.remove_expired(later)).unwrap() > 0 {}
    let beginning = RevocationCursor::Position(0);
    let left = pollster::block_on(fixture.store.revocations_since(beginning)).unwrap();
    assert!(left.revocations.is_empty(), "{left:?}");
    let tokens = TokenManager::builder().secret(SECRET).clock(fixture.clock.clone()).build().unwrap();
    handler(&tokens, &fixture.user).session_store(fixture.store.clone())
}

impl Fixture {
    fn tokens_now(&self) -> gatevault::Timestamp {
        let now = self.clock.now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
        gatevault::Timestamp::from_seconds(now.as_secs()).unwrap()
    }
}

#[test]
fn a_revoked_key_opens_nothing_from_then_on_and_never_revives() {
    let fixture = fixture();
    let (created, other) =
        (fixture.oauth.create_key(1, KeyRequest::new("ci").lifetime(YEAR)).unwrap(), yearly(&fixture));
    let token = fixture.oauth.exchange_key(&created.key).unwrap();
    assert!(!fixture.oauth.revoke(2, &created.id).unwrap(), "it is the key of another user");
    assert!(fixture.verified(&token).is_ok());
    assert!(fixture.oauth.revoke(1, &created.id).unwrap());
    assert!(matches!(fixture.verified(&token), Err(TokenError::Invalid(InvalidReason::Revoked))));
    is_refused(fixture.oauth.exchange_key(&created.key));
    assert_eq!(fixture.oauth.api_keys(1).unwrap().len(), 1);
    fixture.clock.advance(30 * DAY);
    let restarted = restarted(&fixture);
    is_refused(restarted.exchange_key(&created.key));
    assert!(restarted.exchange_key(&other).is_ok());
}

#[test]
fn a_revoked_user_has_no_key_from_before_even_after_the_revocation_is_forgotten() {
    let fixture = fixture();
    let before = yearly(&fixture);
    let token = fixture.oauth.exchange_key(&before).unwrap();
    fixture.clock.advance(Duration::from_hours(1));
    fixture.oauth.revoke_user(None, &1.into(), fixture.clock.now()).unwrap();
    assert!(fixture.verified(&token).is_err());
    // Before an exchange, which would end the key too.
    assert!(fixture.oauth.api_keys(1).unwrap().is_empty());
    is_refused(fixture.oauth.exchange_key(&before));
    fixture.clock.advance(Duration::from_mins(1));
    let after = yearly(&fixture);
    assert!(is_valid(&fixture, &after));
    fixture.clock.advance(30 * DAY);
    let restarted = restarted(&fixture);
    is_refused(restarted.exchange_key(&before));
    assert!(restarted.exchange_key(&after).is_ok());
}

#[test]
fn a_revocation_up_to_a_time_spares_later_keys_and_those_of_other_users_and_pools() {
    let fixture = fixture();
    let first = yearly(&fixture);
    fixture.clock.advance(DAY);
    let up_to = fixture.clock.now();
    fixture.clock.advance(DAY);
    let second = yearly(&fixture);
    let in_pool =
        handler(&fixture.tokens, &fixture.user).session_store(fixture.store.clone()).user_pool("admins");
    let of_pool = in_pool.create_key(1, KeyRequest::new("ci").lifetime(YEAR)).unwrap().key;
    fixture.oauth.revoke_user(None, &1.into(), up_to).unwrap();
    fixture.oauth.revoke_user(None, &UserId::from("1"), fixture.clock.now()).unwrap();
    is_refused(fixture.oauth.exchange_key(&first));
    assert!(is_valid(&fixture, &second) && in_pool.exchange_key(&of_pool).is_ok());
    in_pool.revoke_user(None, &1.into(), fixture.clock.now()).unwrap();
    is_refused(in_pool.exchange_key(&of_pool));
    assert!(is_valid(&fixture, &second));
}

#[test]
fn the_revoker_of_a_service_without_logins_ends_keys_and_not_those_of_a_user_elsewhere() {
    let fixture = fixture();
    let (first, elsewhere) = (yearly(&fixture), TokenManager::new(SECRET).unwrap());
    let feed = RevocationFeed::of(fixture.store.clone()).follow(&elsewhere).unwrap();
    let revoker: &Revoker = &feed.revoker();
    // The clock of the revoker is that of the machine, later than that of the keys.
    revoker.revoke_user(None, &1.into(), std::time::SystemTime::now()).unwrap();
    is_refused(fixture.oauth.exchange_key(&first));

    let keys = gatevault::KeyRing::verifying([gatevault::VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = gatevault::Issuer::new("https://id.example", keys).audience("shop");
    let (builder, clock) = timed();
    let tokens = builder.accept(issuer).build().unwrap();
    let oauth = handler(&tokens, &fixture.user).session_store(MemorySessions::new());
    let kept = oauth.create_key(1, KeyRequest::new("ci").lifetime(YEAR)).unwrap().key;
    oauth.revoke_user(Some("https://id.example"), &1.into(), clock.now()).unwrap();
    assert!(oauth.exchange_key(&kept).is_ok(), "the user of another issuer has the same id");
}

/// The other process of a race: it revokes the user in the store, after the list of this process was read.
#[test]
fn a_key_that_is_created_while_its_user_is_revoked_does_not_survive() {
    let fixture = fixture();
    // Another process, whose revocation this one has not received: its list of revocations is empty.
    let elsewhere = TokenManager::builder().secret(SECRET).clock(fixture.clock.clone()).build().unwrap();
    let other = handler(&elsewhere, &fixture.user).session_store(fixture.store.clone());
    other.revoke_user(None, &1.into(), fixture.clock.now()).unwrap();
    assert_eq!(fixture.tokens.revoked(), 0);
    let denial = fixture.oauth.create_key(1, KeyRequest::new("ci").lifetime(YEAR)).unwrap_err();
    assert!(matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))), "{denial:?}");
    assert!(fixture.oauth.api_keys(1).unwrap().is_empty());
    fixture.clock.advance(Duration::from_mins(2));
    let after = yearly(&fixture);
    assert!(is_valid(&fixture, &after));
}

#[test]
fn of_creations_and_revocations_at_once_no_key_from_before_survives() {
    for _ in 0..50 {
        let fixture = Arc::new(fixture());
        let creators: Vec<_> = (0..3)
            .map(|_| {
                let fixture = Arc::clone(&fixture);
                std::thread::spawn(move || {
                    fixture.oauth.create_key(1, KeyRequest::new("ci").lifetime(YEAR)).ok()
                })
            })
            .collect();
        fixture.oauth.revoke_user(None, &1.into(), fixture.clock.now()).unwrap();
        let created: Vec<_> = creators.into_iter().filter_map(|creator| creator.join().unwrap()).collect();
        fixture.clock.advance(30 * DAY);
        let restarted = restarted(&fixture);
        for created in created {
            is_refused(restarted.exchange_key(&created.key));
        }
        assert!(restarted.api_keys(1).unwrap().is_empty());
    }
}

#[test]
fn a_key_of_a_revoked_user_that_the_revoker_did_not_end_ends_at_its_next_exchange() {
    let fixture = fixture();
    let key = yearly(&fixture);
    fixture.clock.advance(Duration::from_hours(1));
    // A revoker that was killed between its two steps.
    fixture.tokens.revoke_user(None, &1.into(), fixture.clock.now()).unwrap();
    is_refused(fixture.oauth.exchange_key(&key));
    fixture.clock.advance(30 * DAY);
    is_refused(restarted(&fixture).exchange_key(&key));
}

#[test]
fn a_key_survives_a_new_password_and_the_logouts_that_spare_it() {
    let fixture = fixture();
    let key = yearly(&fixture);
    let pair = fixture.oauth.login("ada", "correct horse").unwrap();
    *fixture.user.lock().unwrap() = Some(Account::new(1, "battery staple"));
    assert!(fixture.oauth.refresh(&pair.refresh_token).is_err());
    assert!(is_valid(&fixture, &key));
    let kept = fixture.oauth.login("ada", "battery staple").unwrap();
    fixture.oauth.login("ada", "battery staple").unwrap();
    let here = fixture.tokens.decode_access_token::<gatevault::Payload>(&kept.access_token).unwrap();
    assert_eq!(fixture.oauth.logout_others(1, here.session_id().unwrap()).unwrap(), 1);
    assert!(is_valid(&fixture, &key));
    fixture.oauth.logout(&kept.refresh_token).unwrap();
    fixture.oauth.login("ada", "battery staple").unwrap();
    assert_eq!(fixture.oauth.logout_everywhere(1, ApiKeys::Keep).unwrap(), 1);
    assert!(is_valid(&fixture, &key) && fixture.oauth.sessions(1).unwrap().is_empty());
    assert_eq!(fixture.oauth.logout_everywhere(1, ApiKeys::End).unwrap(), 1);
    is_refused(fixture.oauth.exchange_key(&key));
}

#[test]
fn keys_neither_count_towards_the_limit_of_sessions_nor_end_by_it() {
    let fixture = fixture();
    let oauth = handler(&fixture.tokens, &fixture.user).user_pool("limited").session_limit(2);
    let keys: Vec<_> = (0..3).map(|_| oauth.create_key(1, KeyRequest::new("ci")).unwrap().key).collect();
    fixture.clock.advance(Duration::from_mins(1));
    let first = oauth.login("ada", "correct horse").unwrap();
    let after = oauth.create_key(1, KeyRequest::new("ci")).unwrap().key;
    fixture.clock.advance(Duration::from_mins(1));
    oauth.login("ada", "correct horse").unwrap();
    let next = oauth.refresh(&first.refresh_token).unwrap();
    fixture.clock.advance(Duration::from_mins(1));
    oauth.login("ada", "correct horse").unwrap();
    assert!(oauth.refresh(&next.refresh_token).is_err(), "the third login ended the first");
    assert!(keys.iter().chain([&after]).all(|key| oauth.exchange_key(key).is_ok()));
}

#[test]
fn the_key_of_a_user_who_is_gone_is_refused() {
    let fixture = fixture();
    let key = yearly(&fixture);
    let user = fixture.user.lock().unwrap().take();
    is_refused(fixture.oauth.exchange_key(&key));
    let denial = fixture.oauth.create_key(1, KeyRequest::new("ci")).unwrap_err();
    assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    *fixture.user.lock().unwrap() = user.map(|user| Account { id: 2.into(), ..user });
    is_refused(fixture.oauth.exchange_key(&key));
}

#[test]
fn neither_a_login_nor_a_refresh_token_is_a_key_and_a_key_is_no_refresh_token() {
    let fixture = fixture();
    let created = fixture.oauth.create_key(1, KeyRequest::new("ci")).unwrap();
    let token = fixture.oauth.exchange_key(&created.key).unwrap();
    for text in [&created.key, &token.access_token] {
        assert!(fixture.oauth.refresh(text).is_err() && fixture.oauth.logout(text).is_err());
    }
    let user = fixture.user.lock().unwrap().clone().unwrap();
    let step =
        fixture.oauth.step_up(&user, &token.access_token, gatevault::login::StepUpRequest::new().acr("phr"));
    assert!(step.is_err());
    assert!(is_valid(&fixture, &created.key));
}

/// Returns a handler that creates keys, and during each logs the user out everywhere, and another one over the same store.
fn interrupted(fixture: Fixture) -> [Arc<OAuthHandler<gatevault::login::SyncLookup<Account>>>; 2] {
    let Fixture { oauth, tokens, user, store, .. } = fixture;
    let ending = Arc::new(oauth.user_pool("customers"));
    let end = Arc::clone(&ending);
    let creating =
        handler(&tokens, &user).user_pool("customers").session_store(store).lookup_by_id(move |_| {
            end.logout_everywhere(1, ApiKeys::End).unwrap();
            Some(Account::new(1, "correct horse"))
        });
    [Arc::new(creating), ending]
}

#[test]
fn no_key_of_a_login_that_ends_while_the_key_is_created_stays() {
    let [creating, ending] = interrupted(fixture());
    ending.login("ada", "correct horse").unwrap();
    let session = ending.sessions(1).unwrap().remove(0).id;
    let create =
        |oauth: &OAuthHandler<_>, session| oauth.create_key(1, KeyRequest::new("ci").of_login(session));
    assert!(create(&ending, Some(&*session)).is_ok());
    assert_eq!(create(&creating, Some(&*session)).unwrap_err().status(), 401);
    assert!(ending.api_keys(1).unwrap().is_empty());
}

#[test]
fn a_key_of_a_login_needs_an_active_login_of_its_user() {
    let fixture = fixture();
    let create = |user: u64, session: Option<&str>| {
        let request = KeyRequest::new("ci").of_login(session);
        fixture.oauth.create_key(user, request).map_err(|denial| denial.status())
    };
    fixture.oauth.login("ada", "correct horse").unwrap();
    let session = fixture.oauth.sessions(1).unwrap().remove(0).id;
    let key = create(1, Some(&session)).unwrap();
    for other in [None, Some(""), Some("unknown"), Some(&*key.id)] {
        assert_eq!(create(1, other).unwrap_err(), 401, "{other:?}");
    }
    *fixture.user.lock().unwrap() = Some(Account::new(2, "correct horse"));
    assert_eq!(create(2, Some(&session)).unwrap_err(), 401);
    *fixture.user.lock().unwrap() = Some(Account::new(1, "correct horse"));
    fixture.oauth.revoke(1, &session).unwrap();
    assert_eq!(create(1, Some(&session)).unwrap_err(), 401);
    assert_eq!(fixture.oauth.api_keys(1).unwrap().len(), 1);
    assert!(fixture.oauth.api_keys(2).unwrap().is_empty());
}
