//! A password change whose client disconnects.

use std::future::pending;
use std::time::Duration;

use gatevault::throttle::{Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, StoreFuture};
use gatevault::web::HttpRequest;
use gatevault::{
    AuthRoutes, LoginThrottle, MemoryAttempts, OAuthHandler, RegisterUsers as _, TokenManager, UserStore,
};
use gatevault_tests::quick_hasher;
use gatevault_web_tests::{PASSWORD, User, Users};
use serde_json::json;

use crate::accounts::new_name;

/// Counts attempts and never answers to an outcome.
struct Hanging(MemoryAttempts);

impl AttemptStore for Hanging {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        self.0.begin(attempt)
    }
    fn record_outcome(&self, _: Attempt, _: AttemptTicket, _: AttemptOutcome) -> StoreFuture<'_, ()> {
        Box::pin(pending())
    }
    fn is_shared(&self) -> bool {
        false
    }
}

/// Without sessions, no stamp ends the tokens of the former password later.
#[tokio::test]
async fn the_tokens_of_a_former_password_have_ended_before_the_change_waits_for_the_throttle() {
    let tokens = TokenManager::new([9; 32]).unwrap();
    let handler = OAuthHandler::with_users(tokens.clone(), Users).stateless().hasher(quick_hasher());
    let handler = handler.throttle(LoginThrottle::new(Hanging(MemoryAttempts::new())));
    let routes = AuthRoutes::new(handler).with_password_change();
    let name = new_name();
    assert!(Users.add(&name, &quick_hasher().hash(PASSWORD).unwrap()).await.unwrap());
    let account = UserStore::find_by_name(&Users, &name).await.unwrap().unwrap();
    let access = tokens.create_access_token(&User::from(&account)).unwrap();

    let request = HttpRequest::new("POST", "/password")
        .with_header("content-type", b"application/json")
        .with_header("authorization", format!("Bearer {access}").as_bytes());
    let body = json!({ "current_password": PASSWORD, "new_password": "another battery" }).to_string();
    let response = routes.async_respond(&request, Some(body.as_bytes()));
    assert!(tokio::time::timeout(Duration::from_secs(2), response).await.is_err());
    let changed = UserStore::find_by_name(&Users, &name).await.unwrap().unwrap();
    assert_ne!(changed.hash, account.hash);
    assert!(tokens.decode_access_token::<User>(&access).is_err());
}
