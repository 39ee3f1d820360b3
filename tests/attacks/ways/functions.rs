//! The library's own ways in: the manager, the gate, guards of routes, and guarded functions.

use gatevault::token::Purpose;
use gatevault::web::{HttpRequest, RouteGuard};
use gatevault::{GateVault, GuardError, Payload, TokenError, protected};
use gatevault_attack_tests::{Attack, good_tokens, tokens};
use gatevault_tests::Outline;
use std::time::Duration;

use crate::target::manager;
use crate::watch::{Meter, watched};

#[protected]
fn synchronous(payload: Payload) -> Result<u64, GuardError> {
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

#[protected]
async fn asynchronous(payload: Payload) -> Result<u64, GuardError> {
    std::future::ready(()).await;
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

#[protected(optional)]
fn optional(payload: Option<Payload>) -> Result<u64, GuardError> {
    Ok(payload.map_or(0, |payload| payload.user_id().as_u64().unwrap_or_default()))
}

#[protected(role = "member", scope = "notes:write", max_age = "1h")]
fn demanding(payload: Payload) -> Result<u64, GuardError> {
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

/// The functions: those that take a string, the decoders of other kinds, and a request without a framework.
pub(crate) const WAYS: usize = STRINGS.len() + 3;

type Call = fn(&str) -> Result<u64, GuardError>;

/// Ways in that take an access token as a string.
const STRINGS: [(&str, Call); 8] = [
    ("TokenManager::decode_access_token", |token| Ok(id(&*manager().decode_access_token::<Payload>(token)?))),
    ("TokenManager::decode_token", |token| Ok(id(&*manager().decode_token::<Payload>(token)?))),
    ("GateVault::verify", |token| Ok(id(&*GateVault::new(manager()).verify::<Payload>(token)?))),
    ("RouteGuard::authorize", |token| Ok(id(&*RouteGuard::<Payload>::installed().authorize(token)?))),
    ("#[protected] fn", |token| synchronous(token)),
    ("#[protected] async fn", |token| pollster::block_on(asynchronous(token))),
    ("#[protected(optional)] fn", |token| optional(token)),
    ("#[protected(role, scope, max_age)] fn", |token| demanding(token)),
];

fn id(payload: &Payload) -> u64 {
    payload.user_id().as_u64().unwrap_or_default()
}

fn outcome(result: Result<u64, GuardError>) -> String {
    match result {
        Ok(id) => format!("accepted, user {id}"),
        Err(GuardError::Token(error)) => format!("{:?}", Outline::from(error)),
        Err(error) => format!("{error:?}"),
    }
}

/// Five times what the longest refusal takes.
const LIMIT: u64 = 64 * 1024;

#[test]
fn every_function_accepts_good_tokens_and_refuses_every_hostile_one_for_its_reason() {
    watched(|| {
        manager();
        let attacks = tokens();
        let mut inputs = 0;
        for (way, call) in STRINGS {
            for (algorithm, token) in good_tokens() {
                assert_eq!(outcome(call(&token)), "accepted, user 42", "{way}, {algorithm}");
            }
            let mut meter = Meter::new(way, LIMIT);
            for Attack { name, token, refusal, .. } in attacks {
                meter.call(name, &format!("{refusal:?}"), || outcome(call(token)));
            }
            inputs += meter.finish();
        }
        assert_eq!(inputs, attacks.len() * STRINGS.len());
    });
}

/// A hostile access token is also no refresh token and no purpose token, and no reason hides that.
#[test]
fn no_hostile_token_is_a_refresh_token_or_a_purpose_token() {
    const TICKET: Purpose = Purpose::new("ticket", Duration::from_mins(1));
    watched(|| {
        let tokens_under_attack = manager();
        let mut refresh = Meter::new("TokenManager::decode_refresh_token", LIMIT);
        let mut purpose = Meter::new("TokenManager::decode_purpose_token", LIMIT);
        for Attack { name, token, .. } in tokens() {
            refresh.call(name, "refused", || {
                verdict(&tokens_under_attack.decode_refresh_token::<Payload>(token))
            });
            purpose.call(name, "refused", || {
                verdict(&tokens_under_attack.decode_purpose_token(&TICKET, token, ""))
            });
        }
        refresh.finish();
        purpose.finish();
    });
}

fn verdict<T>(result: &Result<T, TokenError>) -> String {
    if result.is_ok() { "accepted".to_owned() } else { "refused".to_owned() }
}

/// The header of a request, which an attacker writes, and the bytes of which need not be a token.
#[test]
fn every_request_without_a_framework_is_refused() {
    watched(|| {
        manager();
        let guard = RouteGuard::<Payload>::installed();
        let mut meter = Meter::new("HttpRequest::bearer", LIMIT);
        for Attack { name, token, .. } in tokens() {
            let request = HttpRequest::new("GET", "/")
                .with_header("authorization", format!("Bearer {token}").as_bytes());
            meter.call(name, "401", || match guard.authorize(&request.bearer()) {
                Ok(_) => "accepted".to_owned(),
                Err(denial) => denial.status().to_string(),
            });
        }
        meter.finish();
    });
}
