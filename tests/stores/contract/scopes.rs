//! Sessions that are limited to scopes, as the token endpoint begins them.

use std::sync::Arc;
use std::time::Duration;

use gatevault::login::{AsyncLookup, StepUpRequest};
use gatevault::web::{HttpRequest, TokenEndpoint};
use gatevault::{AuthRoutes, AuthUser as _, Payload};
use gatevault_store_tests::{Backend, Fixture};
use gatevault_tests::Account;
use serde_json::Value;

over_every_store!(
    a_session_keeps_its_scopes_over_refreshes_and_step_ups,
    a_scope_that_is_not_granted_leaves_no_session_and_uses_up_no_token,
    a_revoked_token_ends_alone_and_a_refresh_token_its_session,
);

/// Creates a node whose users have three scopes, and its routes.
fn node(backend: &Backend) -> (Fixture, AuthRoutes<AsyncLookup<Account>>) {
    let claims = |account: &Account| Payload::new(account.id()).with("scope", "a b c");
    let node = Fixture::with_settings(&backend.store, |oauth| oauth.claims(claims));
    let endpoint = TokenEndpoint::new("https://id.example").unwrap();
    let routes = AuthRoutes::new(Arc::clone(&node.oauth)).with_token_endpoint(endpoint).unwrap();
    (node, routes)
}

/// Posts a form. The status is in the member `status`.
async fn post(routes: &AuthRoutes<AsyncLookup<Account>>, path: &str, form: String) -> Value {
    let request = HttpRequest::new("POST", path);
    let request = request.with_header("content-type", b"application/x-www-form-urlencoded");
    let response = routes.async_respond(&request, Some(form.as_bytes())).await;
    let mut body = serde_json::from_str(&response.body).unwrap_or_else(|_| serde_json::json!({}));
    body["status"] = response.status.into();
    body
}

async fn log_in(routes: &AuthRoutes<AsyncLookup<Account>>, rest: &str) -> Value {
    // The name is the debug form of the id.
    let id = gatevault::UserId::from(1);
    let name = format!("{id:?}").replace('(', "%28").replace(')', "%29").replace('"', "%22");
    post(routes, "/token", format!("grant_type=password&username={name}&password=correct+horse{rest}")).await
}

async fn refresh(routes: &AuthRoutes<AsyncLookup<Account>>, pair: &Value, rest: &str) -> Value {
    let token = pair["refresh_token"].as_str().unwrap_or_else(|| panic!("{pair}"));
    post(routes, "/token", format!("grant_type=refresh_token&refresh_token={token}{rest}")).await
}

fn granted(node: &Fixture, pair: &Value) -> Value {
    let access = pair["access_token"].as_str().unwrap_or_else(|| panic!("{pair}"));
    node.tokens.decode_access_token::<Payload>(access).unwrap()["scope"].clone()
}

async fn a_session_keeps_its_scopes_over_refreshes_and_step_ups(backend: &Backend) {
    let (node, routes) = node(backend);
    let user = node.add(1);
    let first = log_in(&routes, "&scope=c+a").await;
    assert_eq!((granted(&node, &first), &first["scope"]), ("a c".into(), &"c a".into()));
    let narrow = refresh(&routes, &first, "&scope=c").await;
    assert_eq!(granted(&node, &narrow), "c");
    let again = refresh(&routes, &first, "").await;
    assert_eq!(granted(&node, &again), "a c", "within the grace");
    let account = Account { id: user.clone(), hash: node.hash_of(&user) };
    let access = again["access_token"].as_str().unwrap();
    let raised = node.oauth.async_step_up(&account, access, StepUpRequest::new().amr(["otp"])).await.unwrap();
    let raised = serde_json::json!(raised);
    assert_eq!(granted(&node, &raised), "a c");
    let next = refresh(&routes, &raised, "").await;
    assert_eq!(granted(&node, &next), "a c");
    let sessions = node.oauth.async_sessions(user).await.unwrap();
    assert_eq!(sessions.iter().map(|session| &session.details.scopes).collect::<Vec<_>>(), [&["c", "a"]]);
}

async fn a_scope_that_is_not_granted_leaves_no_session_and_uses_up_no_token(backend: &Backend) {
    let (node, routes) = node(backend);
    let user = node.add(1);
    for scope in ["d", "a+d"] {
        let refused = log_in(&routes, &format!("&scope={scope}")).await;
        assert_eq!((&refused["error"], &refused["status"]), (&"invalid_scope".into(), &400.into()));
    }
    assert!(node.oauth.async_sessions(user.clone()).await.unwrap().is_empty());
    let first = log_in(&routes, "&scope=a").await;
    let before = node.oauth.async_sessions(user.clone()).await.unwrap();
    node.clock.advance(Duration::from_secs(5));
    for scope in ["b", "d", "a+b"] {
        let refused = refresh(&routes, &first, &format!("&scope={scope}")).await;
        assert_eq!(refused["error"], "invalid_scope");
    }
    assert_eq!(node.oauth.async_sessions(user).await.unwrap(), before, "not refreshed");
    let second = refresh(&routes, &first, "").await;
    let third = refresh(&routes, &second, "").await;
    assert_eq!(granted(&node, &third), "a");
    let reused = refresh(&routes, &first, "").await;
    assert_eq!((&reused["error"], &reused["status"]), (&"invalid_grant".into(), &400.into()));
    assert_eq!(refresh(&routes, &third, "").await["error"], "invalid_grant");
}

async fn a_revoked_token_ends_alone_and_a_refresh_token_its_session(backend: &Backend) {
    let (node, routes) = node(backend);
    let user = node.add(1);
    let pair = log_in(&routes, "").await;
    let token = |name: &str| pair[name].as_str().unwrap().to_owned();
    let (access, token_to_refresh) = (token("access_token"), token("refresh_token"));
    let revoked = post(&routes, "/revoke", format!("token={access}")).await;
    assert_eq!(revoked["status"], 200);
    assert!(node.tokens.decode_access_token::<Payload>(&access).is_err());
    assert_eq!(node.oauth.async_sessions(user.clone()).await.unwrap().len(), 1);
    let revoked = post(&routes, "/revoke", format!("token={token_to_refresh}")).await;
    assert_eq!(revoked["status"], 200);
    assert!(node.oauth.async_sessions(user).await.unwrap().is_empty());
}
