//! Demands of a handler: what needs no parameter is checked before the handler is called.

use gatevault::{GuardError, Payload, guarded, protected};

use crate::{Answer, FORBIDDEN, User, access, call, logged, refresh, tokens, verify};

type Outcome = Result<(), GuardError>;

#[protected(handler, require(user.org_id == Some(org_id), user.user_id == 42))]
fn member(org_id: u64, user: User) -> Answer {
    Ok(org_id)
}

#[protected(handler, require = user.user_id == 1)]
fn first_user(user: User) -> Answer {
    Ok(1)
}

#[protected(handler, require = format!("{org_id}") == user.org_id.unwrap_or_default().to_string())]
fn formatted(org_id: u64, user: User) -> Answer {
    Ok(org_id)
}

async fn is_open() -> Result<bool, GuardError> {
    std::future::ready(Ok(true)).await
}

#[protected(handler, require(is_open().await?, user.user_id == 42))]
async fn waiting(user: User) -> Result<u64, GuardError> {
    Ok(1)
}

#[test]
fn a_condition_without_a_parameter_is_checked_before_the_call() {
    let denied = verify(&access()).map(first_user);
    assert_eq!(denied, Err(Err(FORBIDDEN)));
    let other = tokens().create_access_token(&User { user_id: 41, org_id: Some(7) }).expect("valid claims");
    let called = verify(&other).map(|guard| member(guard, 8));
    assert_eq!(called, Err(Err(FORBIDDEN)), "the second condition is checked first: it needs no parameter");
}

#[test]
fn a_condition_with_a_parameter_is_checked_in_the_call() {
    assert_eq!(verify(&access()).map(|guard| member(guard, 7)), Ok(Ok(7)));
    assert_eq!(verify(&access()).map(|guard| member(guard, 8)), Ok(Err(FORBIDDEN)));
    assert_eq!(verify(&access()).map(|guard| formatted(guard, 7)), Ok(Ok(7)));
    assert_eq!(verify(&access()).map(|guard| formatted(guard, 8)), Ok(Err(FORBIDDEN)));
}

#[test]
fn a_condition_that_waits_is_checked_in_the_call() {
    let future = verify(&access()).map(waiting).expect("the condition has not run");
    assert!(matches!(pollster::block_on(future), Ok(1)));
}

#[test]
fn the_log_names_the_handler_and_its_demand() {
    let lines = logged(|| (call(&access(), first_user), call(&access(), |guard| member(guard, 8))));
    let denials: Vec<_> = lines.iter().filter(|line| line.contains("denied")).collect();
    assert_eq!(denials.len(), 2, "{lines:?}");
    assert!(denials.iter().any(|line| {
        line.contains("function=handlers::demands::first_user") && line.contains("user.user_id == 1")
    }));
    assert!(denials.iter().any(|line| {
        line.contains("function=handlers::demands::member") && line.contains("user.org_id == Some(org_id)")
    }));
}

#[protected(handler, refresh)]
fn renewed(user: User) -> Answer {
    Ok(user.user_id)
}

#[test]
fn a_handler_may_take_refresh_tokens() {
    assert_eq!(call(&refresh(), renewed), Ok(42));
    assert!(call(&access(), renewed).is_err(), "an access token is no refresh token");
    assert!(call(&refresh(), crate::profile).is_err());
}

#[protected(handler, role = "clerk", any_scope("bills:read", "bills:write"), max_age = "5m")]
fn bills(user: Payload) -> Outcome {
    drop(user);
    Ok(())
}

#[protected(handler, any_role("clerk", "owner"))]
fn without_a_payload() -> Outcome {
    Ok(())
}

#[protected(handler, role = wanted)]
fn role_of_the_call(wanted: &str) -> Outcome {
    Ok(())
}

#[test]
fn roles_scopes_and_ages_are_checked_before_the_call() {
    let token = |role: &str, scope: &str| {
        let claims = Payload::new(42).with("role", role).with("scope", scope);
        tokens().create_access_token(&claims).expect("valid claims")
    };
    assert!(call(&token("clerk", "bills:write"), bills).is_ok());
    for denied in [token("guest", "bills:read"), token("clerk", "cards:read")] {
        let denied = verify(&denied).map(bills);
        assert!(matches!(denied, Err(Err(denial)) if denial.status() == 403));
    }
    assert!(call(&token("owner", ""), without_a_payload).is_ok());
    assert!(verify(&token("guest", "")).map(without_a_payload).is_err());
    let called = verify(&token("clerk", "")).map(|guard| role_of_the_call(guard, "clerk"));
    assert!(matches!(called, Ok(Ok(()))));
    let called = verify(&token("clerk", "")).map(|guard| role_of_the_call(guard, "owner"));
    assert!(matches!(called, Ok(Err(_))), "a role that a parameter names is compared in the call");
}

#[guarded(token = no_token(), require = payload.org_id.is_some(), guards = BLOCK)]
mod block {
    use gatevault::protected;

    use crate::{Answer, User};

    #[protected(handler, require = payload.org_id == Some(org_id), max_age = "5m")]
    pub(super) fn team(org_id: u64, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(org_id))
    }

    #[protected(handler)]
    pub(super) fn anyone(payload: User) -> Answer {
        Ok(payload.user_id)
    }
}

#[test]
fn a_block_demands_of_its_handlers_and_lists_them() {
    assert_eq!(call(&access(), |guard| block::team(guard, 7)), Ok(49));
    let alone = tokens().create_access_token(&User { user_id: 42, org_id: None }).expect("valid claims");
    assert_eq!(verify(&alone).map(block::anyone), Err(Err(FORBIDDEN)));
    let listed: Vec<_> = block::BLOCK.iter().map(|record| (record.name, record.demands.len())).collect();
    assert_eq!(listed, [("team", 2), ("anyone", 1)]);
    assert!(block::BLOCK.iter().all(|record| record.claims == Some("User")));
}
