//! Sessions in the memory of the process. The contract of every store is in `tests/stores`.

mod outdated_hashes;

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::login::SyncLookup;
use gatevault::testing::ManualClock;
use gatevault::{
    ApiKeys, GuardError, LoginRequest, OAuthHandler, Payload, TokenError, TokenManager, TokenPair, UserId,
};
use gatevault_tests::{Account, Recorder, quick_hasher, timed};
use tracing::Level;

/// A handler over one user, which a test can change, and the clock of its tokens.
struct Fixture {
    oauth: OAuthHandler<SyncLookup<Account>>,
    tokens: TokenManager,
    clock: ManualClock,
    user: Arc<Mutex<Option<Account>>>,
}

fn fixture() -> Fixture {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let (by_name, by_id) = (Arc::clone(&user), Arc::clone(&user));
    let oauth = OAuthHandler::new(tokens.clone(), move |_| by_name.lock().unwrap().clone())
        .lookup_by_id(move |_| by_id.lock().unwrap().clone())
        .hasher(quick_hasher());
    Fixture { oauth, tokens, clock, user }
}

impl Fixture {
    fn login(&self) -> TokenPair {
        self.oauth.login("ada", "correct horse").unwrap()
    }

    fn id_of(&self, refresh_token: &str) -> String {
        self.tokens.decode_refresh_token::<Payload>(refresh_token).unwrap().token_id().unwrap().to_owned()
    }

    fn opens(&self, access_token: &str) -> bool {
        self.tokens.decode_access_token::<Payload>(access_token).is_ok()
    }
}

fn is_revoked(outcome: &Result<TokenPair, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))))
}

#[test]
fn the_tokens_of_a_session_name_it_and_the_time_of_the_login() {
    let fixture = fixture();
    let pair = fixture.login();
    let began = fixture.tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    fixture.clock.advance(Duration::from_mins(1));
    let next = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    let access = fixture.tokens.decode_access_token::<Payload>(&next.access_token).unwrap();
    let refresh = fixture.tokens.decode_refresh_token::<Payload>(&next.refresh_token).unwrap();
    assert!(began.session_id().is_some());
    for later in [&access, &refresh] {
        assert_eq!(later.session_id(), began.session_id());
        assert_eq!(later.authenticated_at(), began.issued_at());
        assert_ne!(later.issued_at(), began.issued_at());
    }
}

#[test]
fn within_the_grace_a_token_has_one_successor() {
    let fixture = fixture();
    let pair = fixture.login();
    let first = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    fixture.clock.advance(Duration::from_secs(9));
    let second = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    assert_eq!(first.refresh_token, second.refresh_token);
    assert_ne!(first.access_token, second.access_token);
}

#[test]
fn the_grace_begins_with_the_first_use_and_does_not_slide() {
    let fixture = fixture();
    let pair = fixture.login();
    let next = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    fixture.clock.advance(Duration::from_secs(9));
    fixture.oauth.refresh(&pair.refresh_token).unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    assert!(is_revoked(&fixture.oauth.refresh(&pair.refresh_token)));
    assert!(is_revoked(&fixture.oauth.refresh(&next.refresh_token)));
}

#[test]
fn a_reused_refresh_token_ends_its_session_with_one_warning() {
    let fixture = fixture();
    let stolen = fixture.login();
    let second = fixture.oauth.refresh(&stolen.refresh_token).unwrap();
    let third = fixture.oauth.refresh(&second.refresh_token).unwrap();
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        assert!(is_revoked(&fixture.oauth.refresh(&stolen.refresh_token)));
        assert!(is_revoked(&fixture.oauth.refresh(&stolen.refresh_token)));
        assert!(is_revoked(&fixture.oauth.refresh(&third.refresh_token)));
    });
    for pair in [&stolen, &second, &third] {
        assert!(!fixture.opens(&pair.access_token));
    }
    let lines = recorder.lines();
    let warnings: Vec<_> = lines.iter().filter(|(level, _)| *level == Level::WARN).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert!(warnings[0].1.contains("refresh token reused"), "{warnings:?}");
}

#[test]
fn another_session_of_the_user_stays_active() {
    let fixture = fixture();
    let (one, other) = (fixture.login(), fixture.login());
    fixture.oauth.logout(&one.refresh_token).unwrap();
    assert!(is_revoked(&fixture.oauth.refresh(&one.refresh_token)));
    assert!(!fixture.opens(&one.access_token));
    assert!(fixture.opens(&other.access_token));
    assert!(fixture.oauth.refresh(&other.refresh_token).is_ok());
}

#[test]
fn logging_out_everywhere_ends_every_session_and_a_new_one_begins_at_once() {
    let fixture = fixture();
    let pairs = [fixture.login(), fixture.login(), fixture.login()];
    assert_eq!(fixture.oauth.logout_everywhere(1, ApiKeys::End).unwrap(), 3);
    for pair in &pairs {
        assert!(is_revoked(&fixture.oauth.refresh(&pair.refresh_token)));
        assert!(!fixture.opens(&pair.access_token));
    }
    assert_eq!(fixture.oauth.logout_everywhere(1, ApiKeys::End).unwrap(), 0);
    // In the same second.
    let new = fixture.login();
    assert!(fixture.opens(&new.access_token));
    assert!(fixture.oauth.refresh(&new.refresh_token).is_ok());
}

#[test]
fn sessions_are_listed_with_their_labels_and_times() {
    let fixture = fixture();
    fixture.oauth.login_with(LoginRequest::new("ada", "correct horse").label("phone")).unwrap();
    fixture.clock.advance(Duration::from_mins(1));
    let laptop = LoginRequest::new("ada", "correct horse").label("laptop\r\n\u{1b}[2J");
    let pair = fixture.oauth.login_with(laptop).unwrap();
    fixture.clock.advance(Duration::from_mins(1));
    fixture.oauth.refresh(&pair.refresh_token).unwrap();

    let sessions = fixture.oauth.sessions(1).unwrap();
    let labels: Vec<_> = sessions.iter().map(|session| session.label.as_deref()).collect();
    assert_eq!(labels, [Some("laptop[2J"), Some("phone")]);
    let laptop = &sessions[0];
    assert_eq!(laptop.refreshed_at.seconds() - laptop.authenticated_at.seconds(), 60);
    assert_eq!(laptop.expires_at.seconds() - laptop.refreshed_at.seconds(), 7 * 86_400);
    assert!(fixture.oauth.sessions(2).unwrap().is_empty());
}

#[test]
fn a_user_cannot_revoke_the_session_of_another_user() {
    let fixture = fixture();
    let pair = fixture.login();
    let session = fixture.oauth.sessions(1).unwrap().remove(0).id;
    assert!(!fixture.oauth.revoke(2, &session).unwrap());
    assert!(fixture.oauth.refresh(&pair.refresh_token).is_ok());
    assert!(fixture.oauth.revoke(1, &session).unwrap());
    assert!(!fixture.oauth.revoke(1, &session).unwrap());
    assert!(is_revoked(&fixture.oauth.refresh(&pair.refresh_token)));
}

#[test]
fn a_session_expires_after_its_lifetime_however_often_it_is_refreshed() {
    let fixture = fixture();
    let oauth = fixture.oauth.session_lifetime(Duration::from_hours(1));
    let mut pair = oauth.login("ada", "correct horse").unwrap();
    for _ in 0..5 {
        fixture.clock.advance(Duration::from_mins(11));
        pair = oauth.refresh(&pair.refresh_token).unwrap();
    }
    assert_eq!(pair.expires_in, Duration::from_mins(5), "not beyond the session");
    fixture.clock.advance(Duration::from_mins(5));
    let denial = oauth.refresh(&pair.refresh_token).unwrap_err();
    assert!(matches!(denial, GuardError::Token(TokenError::Expired)), "{denial:?}");
    assert!(fixture.tokens.decode_access_token::<Payload>(&pair.access_token).is_err());
    assert!(oauth.sessions(1).unwrap().is_empty());
}

#[test]
fn a_session_that_is_not_refreshed_expires_with_its_token() {
    let fixture = fixture();
    let pair = fixture.login();
    fixture.clock.advance(fixture.tokens.refresh_expiry());
    let denial = fixture.oauth.refresh(&pair.refresh_token).unwrap_err();
    assert!(matches!(denial, GuardError::Token(TokenError::Expired)), "{denial:?}");
    assert!(fixture.oauth.sessions(1).unwrap().is_empty());
}

#[test]
fn a_changed_password_ends_the_session_at_its_next_refresh() {
    let fixture = fixture();
    let pair = fixture.login();
    *fixture.user.lock().unwrap() = Some(Account::new(1, "another horse"));
    assert!(is_revoked(&fixture.oauth.refresh(&pair.refresh_token)));
    assert!(!fixture.opens(&pair.access_token));
}

#[test]
fn after_a_change_of_the_password_the_session_that_made_it_stays_active() {
    let fixture = fixture();
    let (here, elsewhere) = (fixture.login(), fixture.login());
    *fixture.user.lock().unwrap() = Some(Account::new(1, "another horse"));
    let access = fixture.tokens.decode_access_token::<Payload>(&here.access_token).unwrap();
    assert_eq!(fixture.oauth.logout_others(1, access.session_id().unwrap()).unwrap(), 1);
    assert!(fixture.oauth.refresh(&here.refresh_token).is_ok());
    assert!(is_revoked(&fixture.oauth.refresh(&elsewhere.refresh_token)));
    assert!(!fixture.opens(&elsewhere.access_token));
}

#[test]
fn a_user_who_comes_back_keeps_the_session() {
    let fixture = fixture();
    let pair = fixture.login();
    let away = fixture.user.lock().unwrap().take();
    let denial = fixture.oauth.refresh(&pair.refresh_token).unwrap_err();
    assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    *fixture.user.lock().unwrap() = away;
    assert!(fixture.oauth.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn a_token_without_a_session_is_refreshed_only_by_a_stateless_handler() {
    let fixture = fixture();
    let bare = fixture.tokens.create_refresh_token(&Payload::new(1)).unwrap();
    let bound = fixture.login().refresh_token;
    let denial = fixture.oauth.refresh(&bare).unwrap_err();
    assert!(denial.source().unwrap().to_string().contains("belongs to no session"), "{denial:?}");
    let stateless = fixture.oauth.stateless();
    assert!(stateless.refresh(&bare).is_ok());
    let denial = stateless.refresh(&bound).unwrap_err();
    assert!(denial.source().unwrap().to_string().contains("none are kept"), "{denial:?}");
    assert_eq!(stateless.sessions(1).unwrap_err().status(), 500);
}

#[test]
fn a_stateless_logout_is_known_to_this_process() {
    let fixture = fixture();
    let oauth = fixture.oauth.stateless();
    let pair = oauth.login("ada", "correct horse").unwrap();
    oauth.logout(&pair.refresh_token).unwrap();
    assert!(is_revoked(&oauth.refresh(&pair.refresh_token)));
    let pair = oauth.login("ada", "correct horse").unwrap();
    oauth.logout_everywhere(UserId::from(1), ApiKeys::End).unwrap();
    assert!(is_revoked(&oauth.refresh(&pair.refresh_token)));
    // A login within the default `clock_skew` counts as earlier than the logout.
    fixture.clock.advance(Duration::from_secs(31));
    assert!(oauth.login("ada", "correct horse").and_then(|pair| oauth.refresh(&pair.refresh_token)).is_ok());
}

#[test]
fn only_a_valid_refresh_token_reaches_a_session() {
    let fixture = fixture();
    let pair = fixture.login();
    let tampered = format!("{}A", pair.refresh_token);
    for bad in [pair.access_token.as_str(), &tampered, "junk", ""] {
        assert!(fixture.oauth.refresh(bad).is_err(), "{bad}");
        assert!(fixture.oauth.logout(bad).is_err(), "{bad}");
    }
    assert!(fixture.oauth.refresh(&pair.refresh_token).is_ok(), "the session is still active");
}

#[test]
fn without_a_chosen_store_the_first_login_warns_once() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let fixture = fixture();
        fixture.login();
        fixture.login();
        let chosen = fixture.oauth.session_store(gatevault::MemorySessions::new());
        chosen.login("ada", "correct horse").unwrap();
    });
    let lines = recorder.lines();
    let warnings: Vec<_> = lines.iter().filter(|(level, _)| *level == Level::WARN).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert!(warnings[0].1.contains("OAuthHandler::session_store"), "{warnings:?}");
}

#[test]
fn claims_that_cannot_be_written_end_no_session() {
    let fixture = fixture();
    let pair = fixture.login();
    let broken = Arc::new(Mutex::new(true));
    let is_broken = Arc::clone(&broken);
    let oauth = fixture.oauth.claims(move |account: &Account| {
        let name = if *is_broken.lock().unwrap() { "exp" } else { "role" };
        Payload::new(account.id.clone()).with(name, 1)
    });
    assert!(oauth.refresh(&pair.refresh_token).is_err());
    fixture.clock.advance(Duration::from_hours(1));
    *broken.lock().unwrap() = false;
    assert!(oauth.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn a_successor_is_another_token() {
    let fixture = fixture();
    let pair = fixture.login();
    let next = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    assert_ne!(fixture.id_of(&pair.refresh_token), fixture.id_of(&next.refresh_token));
}
