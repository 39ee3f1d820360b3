//! The routes of sessions and the tokens of API keys that have ended.

use std::time::Duration;

use gatevault::session::{RevokeSessions, RevokeTarget};
use gatevault::web::HttpRequest;
use gatevault::{AuthRoutes, KeyRequest, MemorySessions, SessionStore as _, Timestamp};
use gatevault_tests::{Account, timed};

use super::{Arc, Fixture, Mutex, fixture, handler};

/// Returns the answers of the routes to the token of a key: to the list of sessions, and to the end of this session.
fn answers(fixture: Fixture, access: &str, session: &str) -> [u16; 2] {
    let routes = AuthRoutes::new(fixture.oauth);
    [("GET", "/sessions".to_owned()), ("DELETE", format!("/sessions/{session}"))].map(|(method, path)| {
        let bearer = format!("Bearer {access}");
        let request = HttpRequest::new(method, &path).with_header("authorization", bearer.as_bytes());
        routes.respond(&request, None).status
    })
}

/// Logs the user in and returns the id of the session.
fn log_in(fixture: &Fixture) -> String {
    fixture.oauth.login("ada", "correct horse").unwrap();
    fixture.oauth.sessions(1).unwrap().remove(0).id
}

#[test]
fn the_token_of_a_key_that_another_process_ended_neither_lists_nor_ends_logins() {
    let fixture = fixture();
    let session = log_in(&fixture);
    let created = fixture.oauth.create_key(1, KeyRequest::new("ci")).unwrap();
    let access = fixture.oauth.exchange_key(&created.key).unwrap().access_token;
    // This process has not learned of it yet.
    let target = RevokeTarget::One(created.id);
    let ended =
        fixture.store.revoke(RevokeSessions::new(1.into(), target, Timestamp::from_seconds(1).unwrap()));
    assert_eq!(pollster::block_on(ended).unwrap().len(), 1);
    assert_eq!(answers(fixture, &access, &session), [403; 2]);
}

#[test]
fn the_token_of_a_key_that_expired_within_the_leeway_neither_lists_nor_ends_logins() {
    let (builder, clock) = timed();
    let tokens = builder.leeway(Duration::from_mins(1)).build().unwrap();
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let store = MemorySessions::new();
    let oauth = handler(&tokens, &user).session_store(store.clone());
    let fixture = Fixture { oauth, tokens, clock, user, store };
    let session = log_in(&fixture);
    let key = fixture.key(KeyRequest::new("ci").lifetime(Duration::from_mins(2)));
    let token = fixture.oauth.exchange_key(&key).unwrap();
    fixture.clock.advance(Duration::from_secs(150));
    fixture.verified(&token).unwrap();
    assert_eq!(answers(fixture, &token.access_token, &session), [403; 2]);
}
