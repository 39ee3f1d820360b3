//! `testing::Users`: a store of users for both forms of a handler.

use std::time::Duration;

use gatevault::testing::{self, PASSWORD, PASSWORD_HASH, TestUser, Users, assert_denied};
use gatevault::{
    Auth, AuthUser, MemorySessions, OAuthHandler, PasswordHasher, Payload, RegisterUsers, TokenManager,
};

fn users() -> Users {
    let ada = TestUser::new(1, "ada").with_role("admin").with_scopes(["posts:read", "posts:write"]);
    Users::new([ada, TestUser::new("u-2", "eve")])
}

fn tokens() -> TokenManager {
    TokenManager::new([7; 32]).unwrap()
}

#[test]
fn users_log_in_with_the_password_of_tests_and_have_their_role_and_scopes() {
    let tokens = tokens();
    let oauth = OAuthHandler::with_sync_users(tokens.clone(), users()).hasher(testing::hasher());
    let pair = oauth.login("ada", PASSWORD).unwrap();
    let ada = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    assert_eq!((&ada["role"], &ada["scope"]), (&"admin".into(), &"posts:read posts:write".into()));
    let pair = oauth.login("eve", PASSWORD).unwrap();
    let eve = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    assert_eq!((eve.user_id(), eve.get::<String>("role").is_none()), (&"u-2".into(), true));
    assert_denied!(oauth.login("ada", "a wrong password"), WrongCredentials);
    assert_denied!(oauth.login("unknown", PASSWORD), WrongCredentials);
}

#[tokio::test]
async fn users_log_in_through_auth_and_a_change_shows_at_the_next_refresh() {
    let users = users();
    let auth =
        Auth::with_tokens(users.clone(), tokens(), MemorySessions::new()).unwrap().hasher(testing::hasher());
    let pair = auth.login("ada", PASSWORD).await.unwrap();
    users.update("ada", |ada| ada.with_role("member"));
    let pair = auth.refresh(&pair.refresh_token).await.unwrap();
    let role = |access: &str| auth.tokens().decode_access_token::<Payload>(access).unwrap()["role"].clone();
    assert_eq!(role(&pair.access_token), "member");
    users.remove("ada");
    assert_denied!(auth.refresh(&pair.refresh_token).await, WrongCredentials);
    users.insert(TestUser::new(3, "bob"));
    assert_eq!(auth.login("bob", PASSWORD).await.unwrap().expires_in, Duration::from_mins(15));
}

#[tokio::test]
async fn a_name_is_registered_once_and_a_hash_replaced_if_it_is_the_stored_one() {
    let users = users();
    assert!(!users.add("ada", "hash").await.unwrap());
    assert!(users.add("bob", "hash").await.unwrap());
    let bob = users.named("bob");
    assert_eq!((AuthUser::id(&bob), bob.hashed_password()), (2.into(), Some("hash")));

    let stronger = PasswordHasher::builder().cost(5).build().unwrap();
    let oauth = OAuthHandler::with_sync_users(tokens(), users.clone()).hasher(stronger);
    oauth.login("ada", PASSWORD).unwrap();
    let replaced = users.named("ada").hashed_password().unwrap().to_owned();
    assert!(replaced.starts_with("$2b$05$"), "{replaced}");
    oauth.login("ada", PASSWORD).unwrap();
    assert_eq!(users.named("ada").hashed_password(), Some(replaced.as_str()));
    assert_eq!(users.named("eve").hashed_password(), Some(PASSWORD_HASH));
    assert!(!format!("{:?} {users:?}", users.named("ada")).contains("$2b"));
}

#[test]
fn a_name_that_no_user_has_fails_the_test_at_its_line() {
    let fault = std::panic::catch_unwind(|| users().named("bob")).unwrap_err();
    let expected = format!("{}:{}:53: there is no user `bob`", file!(), line!() - 1);
    assert_eq!(*fault.downcast_ref::<String>().unwrap(), expected);
}
