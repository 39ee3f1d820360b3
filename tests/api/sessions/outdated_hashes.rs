//! Hashes that a login finds outdated.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatevault::PasswordHasher;
use gatevault::login::HashUpdate;

use super::*;

/// A handler whose hashes are to be costlier than the stored one, and a database that is compared and set.
fn outdated(world: World) -> World {
    let user = Arc::clone(&world.user);
    let oauth = world.oauth.hasher(PasswordHasher::builder().cost(5).build().unwrap()).on_outdated_hash(
        move |update: HashUpdate| {
            let mut user = user.lock().unwrap();
            let stored = user.as_mut().filter(|user| user.hash == update.outdated);
            stored.map(|user| user.hash = update.replacement).is_some()
        },
    );
    World { oauth, ..world }
}

#[test]
fn an_outdated_hash_is_replaced_at_login_and_ends_no_session() {
    let world = world();
    let elsewhere = world.login();
    let world = outdated(world);
    // The sessions of the first store are those of the second handler, too.
    let here = world.login();
    assert!(world.user.lock().unwrap().as_ref().unwrap().hash.starts_with("$2b$05$"));
    assert!(world.oauth.refresh(&here.refresh_token).is_ok());
    assert!(world.oauth.refresh(&elsewhere.refresh_token).is_ok());
    assert!(world.login().access_token.len() > 1, "and nothing is outdated any more");
}

#[test]
fn a_hash_that_cannot_be_stored_is_no_reason_to_refuse() {
    let world = world();
    let oauth = world
        .oauth
        .hasher(PasswordHasher::builder().cost(5).build().unwrap())
        .on_outdated_hash(|_| Err::<bool, _>("the database is read-only"));
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert!(oauth.refresh(&pair.refresh_token).is_ok());
    assert!(oauth.login("ada", "wrong").is_err());
}

#[test]
fn a_hash_that_somebody_else_has_replaced_is_looked_up_again() {
    let world = world();
    let user = Arc::clone(&world.user);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let oauth = world.oauth.hasher(PasswordHasher::builder().cost(5).build().unwrap()).on_outdated_hash(
        move |update: HashUpdate| {
            counted.fetch_add(1, Ordering::SeqCst);
            user.lock().unwrap().as_mut().unwrap().hash = update.replacement;
            false
        },
    );
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(oauth.refresh(&pair.refresh_token).is_ok(), "its session has the stamp of the new hash");
}
