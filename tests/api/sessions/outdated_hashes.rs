//! Hashes that a login finds outdated.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatevault::PasswordHasher;
use gatevault::login::HashUpdate;

use super::*;

/// Returns a handler that wants costlier hashes than the stored one, over a database with compare and set.
fn outdated(fixture: Fixture) -> Fixture {
    let user = Arc::clone(&fixture.user);
    let oauth = fixture.oauth.hasher(PasswordHasher::builder().cost(5).build().unwrap()).on_outdated_hash(
        move |update: HashUpdate| {
            let mut user = user.lock().unwrap();
            let stored = user.as_mut().filter(|user| user.hash == update.outdated);
            stored.map(|user| user.hash = update.replacement).is_some()
        },
    );
    Fixture { oauth, ..fixture }
}

#[test]
fn an_outdated_hash_is_replaced_at_login_and_ends_no_session() {
    let fixture = fixture();
    let elsewhere = fixture.login();
    let fixture = outdated(fixture);
    // Both handlers have the same sessions.
    let here = fixture.login();
    assert!(fixture.user.lock().unwrap().as_ref().unwrap().hash.starts_with("$2b$05$"));
    assert!(fixture.oauth.refresh(&here.refresh_token).is_ok());
    assert!(fixture.oauth.refresh(&elsewhere.refresh_token).is_ok());
    assert!(fixture.login().access_token.len() > 1, "the new hash is not outdated");
}

#[test]
fn a_hash_that_cannot_be_stored_fails_no_login() {
    let fixture = fixture();
    let oauth = fixture
        .oauth
        .hasher(PasswordHasher::builder().cost(5).build().unwrap())
        .on_outdated_hash(|_| Err::<bool, _>("the database is read-only"));
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert!(oauth.refresh(&pair.refresh_token).is_ok());
    assert!(oauth.login("ada", "wrong").is_err());
}

#[test]
fn a_hash_that_was_replaced_concurrently_is_looked_up_again() {
    let fixture = fixture();
    let user = Arc::clone(&fixture.user);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let oauth = fixture.oauth.hasher(PasswordHasher::builder().cost(5).build().unwrap()).on_outdated_hash(
        move |update: HashUpdate| {
            counted.fetch_add(1, Ordering::SeqCst);
            user.lock().unwrap().as_mut().unwrap().hash = update.replacement;
            false
        },
    );
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(oauth.refresh(&pair.refresh_token).is_ok(), "its session has the security stamp of the new hash");
}
