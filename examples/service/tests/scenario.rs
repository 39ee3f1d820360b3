//! The service in the process of its tests: without a socket, and with passwords that cost little.

#![expect(clippy::unwrap_used, reason = "a fault of a test fails it")]

use std::time::Duration;

use axum::Router;
use gatevault::testing::{Browser, ManualClock, PASSWORD, PASSWORD_HASH, browser, hasher};
use gatevault::{Auth, MemorySessions, TokenManager};
use service::{Person, Users, app};

/// Opens two browsers: Ada, an admin in organization 1, and Eve, a member of organization 2.
async fn start() -> (Browser<Router>, Browser<Router>, ManualClock) {
    let ada = Person { admin: true, ..Person::new(1, "ada", PASSWORD_HASH) };
    let eve = Person { orgs: vec![2], ..Person::new(2, "eve", PASSWORD_HASH) };
    let clock = ManualClock::default();
    let tokens = TokenManager::builder().secret([7; 32]).clock(clock.clone()).build().unwrap();
    let users = Users::new([ada.clone(), eve.clone()]);
    let auth = Auth::with_tokens(users, tokens, MemorySessions::new()).unwrap().hasher(hasher());
    let app = browser(app(&auth)).clock(clock.clone());
    (app.acting_as(&auth, &ada).await, app.acting_as(&auth, &eve).await, clock)
}

#[tokio::test]
async fn a_new_user_is_logged_in_and_stays_so() {
    let (bob, _, clock) = start().await;
    bob.register("bob", PASSWORD).await.assert_status(201);
    clock.advance(Duration::from_mins(16));
    bob.refresh().await.assert_status(200);
    assert_eq!(bob.get("/me").await.text(), "3");
}

#[tokio::test]
async fn an_organization_is_open_to_its_members() {
    let (_, eve, _) = start().await;
    eve.get("/orgs/2").await.assert_status(200);
    eve.get("/orgs/1").await.assert_status(403);
}

#[tokio::test]
async fn admins_delete_users() {
    let (ada, eve, _) = start().await;
    eve.delete("/users/1").await.assert_status(403);
    ada.delete("/users/2").await.assert_status(204);
    eve.get("/me").await.assert_status(401);
}

#[tokio::test]
async fn a_deletion_needs_a_login_of_the_last_five_minutes() {
    let (ada, _, clock) = start().await;
    clock.advance(Duration::from_secs(301));
    assert!(ada.delete("/users/2").await.challenge().contains("max_age=\"300\""));
}

#[tokio::test]
async fn a_user_ends_all_sessions() {
    let (desk, phone, _) = start().await;
    phone.log_in("ada", PASSWORD).await.assert_status(200);
    desk.delete("/sessions").await.assert_status(204);
    phone.get("/me").await.assert_status(401);
}
