//! Sessions in the memory of the process, in both forms of the handler: what every other store has to do as well is in
//! `tests/stores`.

mod outdated_hashes;

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::login::SyncLookup;
use gatevault::testing::ManualClock;
use gatevault::{
    GuardError, LoginRequest, OAuthHandler, Payload, TokenError, TokenManager, TokenPair, UserId,
};
use gatevault_tests::{Account, Recorder, quick_hasher, timed};
use tracing::Level;

/// A handler over one user, who can be changed, and the clock of its tokens.
struct World {
    oauth: OAuthHandler<SyncLookup<Account>>,
    tokens: TokenManager,
    clock: ManualClock,
    user: Arc<Mutex<Option<Account>>>,
}

fn world() -> World {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let (by_name, by_id) = (Arc::clone(&user), Arc::clone(&user));
    let oauth = OAuthHandler::new(tokens.clone(), move |_| by_name.lock().unwrap().clone())
        .lookup_by_id(move |_| by_id.lock().unwrap().clone())
        .hasher(quick_hasher());
    World { oauth, tokens, clock, user }
}

impl World {
    fn login(&self) -> TokenPair {
        self.oauth.login("ada", "correct horse").unwrap()
    }

    fn id_of(&self, refresh_token: &str) -> String {
        self.tokens.decode_refresh_token::<Payload>(refresh_token).unwrap().token_id().to_owned()
    }

    fn opens(&self, access_token: &str) -> bool {
        self.tokens.decode_access_token::<Payload>(access_token).is_ok()
    }
}

fn is_revoked(outcome: &Result<TokenPair, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))))
}

#[test]
fn the_tokens_of_a_session_say_which_and_since_when() {
    let world = world();
    let pair = world.login();
    let began = world.tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    world.clock.advance(Duration::from_mins(1));
    let next = world.oauth.refresh(&pair.refresh_token).unwrap();
    let access = world.tokens.decode_access_token::<Payload>(&next.access_token).unwrap();
    let refresh = world.tokens.decode_refresh_token::<Payload>(&next.refresh_token).unwrap();
    assert!(began.session_id().is_some());
    for later in [&access, &refresh] {
        assert_eq!(later.session_id(), began.session_id());
        assert_eq!(later.authenticated_at(), began.issued_at());
        assert_ne!(later.issued_at(), began.issued_at());
    }
}

#[test]
fn within_the_grace_a_token_has_one_successor_whoever_asks() {
    let world = world();
    let pair = world.login();
    let first = world.oauth.refresh(&pair.refresh_token).unwrap();
    world.clock.advance(Duration::from_secs(9));
    let second = world.oauth.refresh(&pair.refresh_token).unwrap();
    assert_eq!(first.refresh_token, second.refresh_token);
    assert_ne!(first.access_token, second.access_token);
}

#[test]
fn the_grace_begins_with_the_first_use_and_does_not_slide() {
    let world = world();
    let pair = world.login();
    let next = world.oauth.refresh(&pair.refresh_token).unwrap();
    world.clock.advance(Duration::from_secs(9));
    world.oauth.refresh(&pair.refresh_token).unwrap();
    world.clock.advance(Duration::from_secs(1));
    assert!(is_revoked(&world.oauth.refresh(&pair.refresh_token)));
    assert!(is_revoked(&world.oauth.refresh(&next.refresh_token)));
}

#[test]
fn a_reused_refresh_token_ends_its_session_with_one_warning() {
    let world = world();
    let stolen = world.login();
    let second = world.oauth.refresh(&stolen.refresh_token).unwrap();
    let third = world.oauth.refresh(&second.refresh_token).unwrap();
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        assert!(is_revoked(&world.oauth.refresh(&stolen.refresh_token)));
        assert!(is_revoked(&world.oauth.refresh(&stolen.refresh_token)));
        assert!(is_revoked(&world.oauth.refresh(&third.refresh_token)));
    });
    for pair in [&stolen, &second, &third] {
        assert!(!world.opens(&pair.access_token));
    }
    let lines = recorder.lines();
    let warnings: Vec<_> = lines.iter().filter(|(level, _)| *level == Level::WARN).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert!(warnings[0].1.contains("refresh token reused"), "{warnings:?}");
}

#[test]
fn another_session_of_the_user_goes_on() {
    let world = world();
    let (one, other) = (world.login(), world.login());
    world.oauth.logout(&one.refresh_token).unwrap();
    assert!(is_revoked(&world.oauth.refresh(&one.refresh_token)));
    assert!(!world.opens(&one.access_token));
    assert!(world.opens(&other.access_token));
    assert!(world.oauth.refresh(&other.refresh_token).is_ok());
}

#[test]
fn logging_out_everywhere_ends_every_session_and_a_new_one_begins_at_once() {
    let world = world();
    let pairs = [world.login(), world.login(), world.login()];
    assert_eq!(world.oauth.logout_everywhere(1).unwrap(), 3);
    for pair in &pairs {
        assert!(is_revoked(&world.oauth.refresh(&pair.refresh_token)));
        assert!(!world.opens(&pair.access_token));
    }
    assert_eq!(world.oauth.logout_everywhere(1).unwrap(), 0);
    // In the same second.
    let new = world.login();
    assert!(world.opens(&new.access_token));
    assert!(world.oauth.refresh(&new.refresh_token).is_ok());
}

#[test]
fn sessions_are_listed_with_their_labels_and_times() {
    let world = world();
    world.oauth.login_with(LoginRequest::new("ada", "correct horse").label("phone")).unwrap();
    world.clock.advance(Duration::from_mins(1));
    let laptop = LoginRequest::new("ada", "correct horse").label("laptop\r\n\u{1b}[2J");
    let pair = world.oauth.login_with(laptop).unwrap();
    world.clock.advance(Duration::from_mins(1));
    world.oauth.refresh(&pair.refresh_token).unwrap();

    let sessions = world.oauth.sessions(1).unwrap();
    let labels: Vec<_> = sessions.iter().map(|session| session.label.as_deref()).collect();
    assert_eq!(labels, [Some("laptop[2J"), Some("phone")]);
    let laptop = &sessions[0];
    assert_eq!(laptop.refreshed_at.seconds() - laptop.authenticated_at.seconds(), 60);
    assert_eq!(laptop.expires_at.seconds() - laptop.refreshed_at.seconds(), 7 * 86_400);
    assert!(world.oauth.sessions(2).unwrap().is_empty());
}

#[test]
fn nobody_ends_the_session_of_somebody_else() {
    let world = world();
    let pair = world.login();
    let session = world.oauth.sessions(1).unwrap().remove(0).id;
    assert!(!world.oauth.revoke(2, &session).unwrap());
    assert!(world.oauth.refresh(&pair.refresh_token).is_ok());
    assert!(world.oauth.revoke(1, &session).unwrap());
    assert!(!world.oauth.revoke(1, &session).unwrap());
    assert!(is_revoked(&world.oauth.refresh(&pair.refresh_token)));
}

#[test]
fn a_session_is_over_after_its_lifetime_however_often_it_is_refreshed() {
    let world = world();
    let oauth = world.oauth.session_lifetime(Duration::from_hours(1));
    let mut pair = oauth.login("ada", "correct horse").unwrap();
    for _ in 0..5 {
        world.clock.advance(Duration::from_mins(11));
        pair = oauth.refresh(&pair.refresh_token).unwrap();
    }
    assert_eq!(pair.expires_in, Duration::from_mins(5), "not beyond the session");
    world.clock.advance(Duration::from_mins(5));
    let denial = oauth.refresh(&pair.refresh_token).unwrap_err();
    assert!(matches!(denial, GuardError::Token(TokenError::Expired)), "{denial:?}");
    assert!(world.tokens.decode_access_token::<Payload>(&pair.access_token).is_err());
    assert!(oauth.sessions(1).unwrap().is_empty());
}

#[test]
fn a_session_that_is_not_refreshed_is_over_when_its_token_is() {
    let world = world();
    let pair = world.login();
    world.clock.advance(world.tokens.refresh_expiry());
    let denial = world.oauth.refresh(&pair.refresh_token).unwrap_err();
    assert!(matches!(denial, GuardError::Token(TokenError::Expired)), "{denial:?}");
    assert!(world.oauth.sessions(1).unwrap().is_empty());
}

#[test]
fn a_changed_password_ends_the_session_at_its_next_refresh() {
    let world = world();
    let pair = world.login();
    *world.user.lock().unwrap() = Some(Account::new(1, "another horse"));
    assert!(is_revoked(&world.oauth.refresh(&pair.refresh_token)));
    assert!(!world.opens(&pair.access_token));
}

#[test]
fn after_a_change_of_the_password_the_session_that_made_it_goes_on() {
    let world = world();
    let (here, elsewhere) = (world.login(), world.login());
    *world.user.lock().unwrap() = Some(Account::new(1, "another horse"));
    let access = world.tokens.decode_access_token::<Payload>(&here.access_token).unwrap();
    assert_eq!(world.oauth.logout_others(1, access.session_id().unwrap()).unwrap(), 1);
    assert!(world.oauth.refresh(&here.refresh_token).is_ok());
    assert!(is_revoked(&world.oauth.refresh(&elsewhere.refresh_token)));
    assert!(!world.opens(&elsewhere.access_token));
}

#[test]
fn a_user_who_is_gone_for_a_while_keeps_the_session() {
    let world = world();
    let pair = world.login();
    let away = world.user.lock().unwrap().take();
    let denial = world.oauth.refresh(&pair.refresh_token).unwrap_err();
    assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    *world.user.lock().unwrap() = away;
    assert!(world.oauth.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn a_token_without_a_session_refreshes_only_where_none_are_kept() {
    let world = world();
    let bare = world.tokens.create_refresh_token(&Payload::new(1)).unwrap();
    let bound = world.login().refresh_token;
    let denial = world.oauth.refresh(&bare).unwrap_err();
    assert!(denial.source().unwrap().to_string().contains("belongs to no session"), "{denial:?}");
    let stateless = world.oauth.stateless();
    assert!(stateless.refresh(&bare).is_ok());
    let denial = stateless.refresh(&bound).unwrap_err();
    assert!(denial.source().unwrap().to_string().contains("none are kept"), "{denial:?}");
    assert_eq!(stateless.sessions(1).unwrap_err().status(), 500);
}

#[test]
fn a_stateless_logout_is_known_to_this_process() {
    let world = world();
    let oauth = world.oauth.stateless();
    let pair = oauth.login("ada", "correct horse").unwrap();
    oauth.logout(&pair.refresh_token).unwrap();
    assert!(is_revoked(&oauth.refresh(&pair.refresh_token)));
    let pair = oauth.login("ada", "correct horse").unwrap();
    oauth.logout_everywhere(UserId::from(1)).unwrap();
    assert!(is_revoked(&oauth.refresh(&pair.refresh_token)));
    world.clock.advance(Duration::from_secs(1));
    assert!(oauth.login("ada", "correct horse").and_then(|pair| oauth.refresh(&pair.refresh_token)).is_ok());
}

#[test]
fn only_a_genuine_current_refresh_token_reaches_a_session() {
    let world = world();
    let pair = world.login();
    let tampered = format!("{}A", pair.refresh_token);
    for bad in [pair.access_token.as_str(), &tampered, "junk", ""] {
        assert!(world.oauth.refresh(bad).is_err(), "{bad}");
        assert!(world.oauth.logout(bad).is_err(), "{bad}");
    }
    assert!(world.oauth.refresh(&pair.refresh_token).is_ok(), "nobody's session has ended");
}

#[test]
fn where_nobody_has_chosen_a_store_the_first_login_says_so() {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let world = world();
        world.login();
        world.login();
        let chosen = world.oauth.session_store(gatevault::MemorySessions::new());
        chosen.login("ada", "correct horse").unwrap();
    });
    let lines = recorder.lines();
    let warnings: Vec<_> = lines.iter().filter(|(level, _)| *level == Level::WARN).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert!(warnings[0].1.contains("`.session_store(..)`"), "{warnings:?}");
}

#[test]
fn claims_that_cannot_be_written_cost_nobody_a_session() {
    let world = world();
    let pair = world.login();
    let broken = Arc::new(Mutex::new(true));
    let is_broken = Arc::clone(&broken);
    let oauth = world.oauth.claims(move |account: &Account| {
        let name = if *is_broken.lock().unwrap() { "exp" } else { "role" };
        Payload::new(account.id.clone()).with(name, 1)
    });
    assert!(oauth.refresh(&pair.refresh_token).is_err());
    world.clock.advance(Duration::from_hours(1));
    *broken.lock().unwrap() = false;
    assert!(oauth.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn a_successor_is_another_token() {
    let world = world();
    let pair = world.login();
    let next = world.oauth.refresh(&pair.refresh_token).unwrap();
    assert_ne!(world.id_of(&pair.refresh_token), world.id_of(&next.refresh_token));
}
