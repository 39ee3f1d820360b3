//! Logins, sessions, API keys, purpose tokens, revocations and keys.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use gatevault::event::{Decision, Event, KeyRingChange};
use gatevault::login::SessionRequest;
use gatevault::testing::{self, ManualClock, PASSWORD, TestUser, Users, record_events};
use gatevault::token::Purpose;
use gatevault::{
    ApiKeys, AttemptLimit, KeyRequest, KeyRing, LoginRequest, LoginThrottle, MemoryAttempts, OAuthHandler,
    Payload, SigningKey, TokenManager, UserId,
};
use gatevault_tests::timed;

use crate::names;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const RESET: Purpose = Purpose::new("reset", Duration::from_mins(10)).once();

struct Fixture {
    oauth: OAuthHandler<Users>,
    tokens: TokenManager,
    clock: ManualClock,
}

fn fixture() -> Fixture {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let ada = TestUser::new(1, "ada").with_scopes(["posts:read"]);
    let users = Users::new([ada, TestUser::new(2, "eve").with_hash(None)]);
    let oauth = OAuthHandler::with_sync_users(tokens.clone(), users).hasher(testing::hasher());
    Fixture { oauth, tokens, clock }
}

fn session_of(tokens: &TokenManager, access: &str) -> String {
    tokens.decode_access_token::<Payload>(access).unwrap().session_id().unwrap().to_owned()
}

/// Returns the only event, and asserts the name of its decision.
fn the_only(events: Vec<Event>, name: &str) -> Event {
    assert_eq!(names(&events), [name]);
    events.into_iter().next().unwrap()
}

#[test]
fn a_session_is_one_event_a_step_and_each_names_the_user_and_the_session() {
    let Fixture { oauth, tokens, clock } = fixture();
    let events = record_events();
    let request = LoginRequest::new("ada", PASSWORD).from_address(ADDRESS);
    let first = oauth.login_with(request).unwrap();
    let session = session_of(&tokens, &first.access_token);
    let logged_in = the_only(events.take(), "logged_in");
    assert_eq!((logged_in.user, logged_in.address), (Some(1.into()), Some(ADDRESS)));
    assert_eq!(logged_in.session_id.as_deref(), Some(&*session));

    let second = oauth.refresh(&first.refresh_token).unwrap();
    let refreshed = the_only(events.take(), "refreshed");
    assert_eq!((refreshed.user, refreshed.session_id.as_deref()), (Some(1.into()), Some(&*session)));

    oauth.refresh(&second.refresh_token).unwrap();
    clock.advance(Duration::from_mins(1));
    drop(events.take());
    assert!(oauth.refresh(&first.refresh_token).is_err());
    let reused = the_only(events.take(), "refresh_token_reused");
    assert_eq!((reused.user, reused.session_id.as_deref()), (Some(1.into()), Some(&*session)));

    assert!(oauth.refresh("forged").is_err());
    assert_eq!(the_only(events.take(), "refresh_refused").user, None);
}

#[test]
fn a_failed_login_names_the_account_and_never_what_was_typed() {
    let Fixture { oauth, .. } = fixture();
    let events = record_events();
    for (name, user) in
        [("ada", Some(1.into())), ("eve", Some(2.into())), ("hunter2 in the wrong field", None)]
    {
        assert!(oauth.login(name, "my other password").is_err());
        let failed = the_only(events.take(), "login_failed");
        assert_eq!(failed.user, user, "{name}");
        assert!(!format!("{failed:?}").contains("hunter2"), "{failed:?}");
    }
}

#[test]
fn a_throttled_login_has_the_rest_of_the_pause_and_the_address() {
    let Fixture { oauth, .. } = fixture();
    let limit = AttemptLimit::new(1, Duration::from_mins(1));
    let oauth = oauth.throttle(LoginThrottle::new(MemoryAttempts::new()).per_account(limit));
    let request = LoginRequest::new("ada", "wrong").from_address(ADDRESS);
    while !matches!(oauth.login_with(request), Err(gatevault::GuardError::TooManyAttempts { .. })) {}
    let events = record_events();
    assert!(oauth.login_with(request).is_err());
    let throttled = the_only(events.take(), "throttled");
    assert_eq!(throttled.address, Some(ADDRESS));
    let Decision::Throttled { retry_after, .. } = throttled.decision else { panic!() };
    assert!(retry_after >= Duration::from_secs(1));
}

#[test]
fn begun_sessions_and_their_ends_are_events() {
    let Fixture { oauth, tokens, .. } = fixture();
    let events = record_events();
    let ada = TestUser::new(1, "ada");
    let pair = oauth.begin_session(&ada, SessionRequest::new().amr(["hwk"]).from_address(ADDRESS)).unwrap();
    let begun = the_only(events.take(), "session_begun");
    assert_eq!((begun.user.clone(), begun.address), (Some(1.into()), Some(ADDRESS)));
    assert!(matches!(&begun.decision, Decision::SessionBegun { amr, .. } if amr == &["hwk"]));
    let session = session_of(&tokens, &pair.access_token);
    assert_eq!(begun.session_id.as_deref(), Some(&*session));

    assert!(oauth.revoke(1, &session).unwrap());
    let ended = the_only(events.take(), "sessions_ended");
    assert!(matches!(ended.decision, Decision::SessionsEnded { sessions: 1, .. }));
    assert_eq!((ended.user, ended.session_id), (Some(1.into()), Some(session)));

    oauth.login("ada", PASSWORD).unwrap();
    drop(events.take());
    oauth.logout_everywhere(1, ApiKeys::End).unwrap();
    assert!(names(&events.take()).contains(&"sessions_ended"));
}

#[test]
fn api_keys_and_purpose_tokens_are_events_without_their_text() {
    let Fixture { oauth, tokens, .. } = fixture();
    let events = record_events();
    let key = oauth.create_key(1, KeyRequest::new("import").scopes(["posts:read"])).unwrap();
    oauth.exchange_key(&key.key).unwrap();
    assert!(oauth.exchange_key("gv_unknown").is_err());
    let link = tokens.create_purpose_token(&RESET, &UserId::from(1), "").unwrap();
    assert!(oauth.redeem_purpose_token(&RESET, &link, "").is_ok());
    assert!(oauth.redeem_purpose_token(&RESET, &link, "").is_err());
    let recorded = events.take();
    assert_eq!(
        names(&recorded),
        ["key_created", "key_exchanged", "key_refused", "purpose_redeemed", "purpose_refused"]
    );
    for event in &recorded[..2] {
        assert_eq!((event.user.clone(), event.session_id.as_deref()), (Some(1.into()), Some(&*key.id)));
    }
    let written = format!("{recorded:?}");
    assert!(!written.contains(&key.key) && !written.contains(&link));
}

#[test]
fn revocations_name_what_was_revoked() {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let events = record_events();
    let now = SystemTime::now();
    tokens.revoke_token(None, "t-1", now).unwrap();
    tokens.revoke_session(None, "s-1").unwrap();
    tokens.revoke_user(None, &1.into(), now).unwrap();
    tokens.revoke_access_tokens(None, &1.into(), now).unwrap();
    let recorded = events.take();
    let kinds: Vec<_> = recorded
        .iter()
        .map(|event| match &event.decision {
            Decision::Revoked { kind, is_stored: false, .. } => *kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["token", "session", "user", "access_tokens"]);
    assert_eq!(recorded[0].token_id.as_deref(), Some("t-1"));
    assert_eq!(recorded[1].session_id.as_deref(), Some("s-1"));
    assert_eq!((&recorded[2].user, &recorded[3].user), (&Some(1.into()), &Some(1.into())));

    let Fixture { oauth, .. } = fixture();
    oauth.revoke_user(None, &1.into(), now).unwrap();
    let stored = |event: &Event| matches!(event.decision, Decision::Revoked { is_stored: true, .. });
    assert_eq!(events.take().iter().filter(|event| stored(event)).count(), 1);
}

#[test]
fn each_change_of_a_key_ring_is_an_event_and_a_refused_one_is_none() {
    let key = |byte: u8, id: &str| SigningKey::hs256([byte; 32]).unwrap().with_id(id).unwrap();
    let ring = KeyRing::new(key(7, "a"));
    let events = record_events();
    ring.add(key(8, "b")).unwrap();
    ring.promote("b").unwrap();
    ring.retire("a", SystemTime::now() + Duration::from_hours(1)).unwrap();
    ring.remove("a").unwrap();
    assert!(ring.remove("b").is_err() && ring.promote("c").is_err());
    let changes: Vec<_> = events
        .take()
        .into_iter()
        .map(|event| match event.decision {
            Decision::KeyRingChanged { change, key, .. } => (change, key),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        (KeyRingChange::Added, "b"),
        (KeyRingChange::Promoted, "b"),
        (KeyRingChange::Retired, "a"),
        (KeyRingChange::Removed, "a"),
    ];
    assert_eq!(changes, expected.map(|(change, key)| (change, key.to_owned())));
}

#[test]
fn no_event_of_a_session_holds_a_token_or_a_password() {
    let Fixture { oauth, tokens, .. } = fixture();
    let events = record_events();
    let pair = oauth.login("ada", PASSWORD).unwrap();
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    assert!(oauth.login("ada", "a wrong password").is_err());
    assert!(oauth.refresh(&pair.access_token).is_err());
    oauth.logout(&next.refresh_token).unwrap();
    drop(tokens);
    let recorded = events.take();
    assert!(recorded.len() >= 5, "{recorded:?}");
    for event in &recorded {
        let forms = format!("{event} {event:?} {}", serde_json::to_string(event).unwrap());
        for secret in
            [&*pair.access_token, &pair.refresh_token, &next.refresh_token, PASSWORD, "a wrong password"]
        {
            assert!(!forms.contains(secret), "{event}");
            let signature = secret.rsplit('.').next().unwrap();
            assert!(!forms.contains(signature), "{event}");
        }
    }
}
