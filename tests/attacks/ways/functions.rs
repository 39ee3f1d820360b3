//! The library's own ways in: the manager, the gate, guards of routes, and guarded functions.

use std::sync::LazyLock;

use gatevault::error::InvalidReason;
use gatevault::testing::Users;
use gatevault::web::{HttpRequest, KeyExchange, RouteGuard};
use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};
use gatevault_attack_tests::{
    Attack, good_tokens, good_tokens_for_no_audience, tokens, tokens_for_audiences,
};
use gatevault_tests::Outline;

use crate::routes::{BEFORE_WHITE_SPACE, Routes, Sent, is_whole_in_cookie, pages};
use crate::target::{manager, without_audience};
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

/// The functions: those that take an access token or a refresh token as a string, and requests without a framework, with a header
/// or the cookie of a page.
pub(crate) const WAYS: usize = STRINGS.len() + REFRESH.len() + 2;

/// The functions of a manager without an audience.
pub(crate) const WAYS_WITHOUT_AUDIENCE: usize = OF_MANAGER.len();

pub(crate) type Call = fn(&str) -> Result<u64, GuardError>;

/// Ways in that take an access token as a string.
const STRINGS: [(&str, Call); 9] = [
    ("TokenManager::decode_access_token", |token| Ok(id(&*manager().decode_access_token::<Payload>(token)?))),
    ("TokenManager::decode_token", |token| Ok(id(&*manager().decode_token::<Payload>(token)?))),
    ("GateVault::verify", |token| Ok(id(&*GateVault::new(manager()).verify::<Payload>(token)?))),
    ("RouteGuard::authorize", |token| Ok(id(&*RouteGuard::<Payload>::installed().authorize(token)?))),
    ("KeyExchange::exchange and RouteGuard::authorize", |token| {
        Ok(id(&*RouteGuard::<Payload>::installed().authorize(&exchange().exchange(token)?)?))
    }),
    ("#[protected] fn", |token| synchronous(token)),
    ("#[protected] async fn", |token| pollster::block_on(asynchronous(token))),
    ("#[protected(optional)] fn", |token| optional(token)),
    ("#[protected(role, scope, max_age)] fn", |token| demanding(token)),
];

#[protected(refresh)]
fn refreshing(payload: Payload) -> Result<u64, GuardError> {
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

#[protected(refresh)]
async fn refreshing_asynchronously(payload: Payload) -> Result<u64, GuardError> {
    std::future::ready(()).await;
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

/// Ways in that take a refresh token as a string.
pub(crate) const REFRESH: [(&str, Call); 3] = [
    ("TokenManager::decode_refresh_token", |token| {
        Ok(id(&*manager().decode_refresh_token::<Payload>(token)?))
    }),
    ("#[protected(refresh)] fn", |token| refreshing(token)),
    ("#[protected(refresh)] async fn", |token| pollster::block_on(refreshing_asynchronously(token))),
];

/// Returns an exchange of API keys.
fn exchange() -> &'static KeyExchange<Users> {
    static EXCHANGE: LazyLock<KeyExchange<Users>> =
        LazyLock::new(|| KeyExchange::new(Routes::new("exchange").handler));
    &EXCHANGE
}

#[protected(gate = gate)]
fn gated(gate: &GateVault, payload: Payload) -> Result<u64, GuardError> {
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

type CallOfManager = fn(&TokenManager, &str) -> Result<u64, GuardError>;

/// Ways in of a manager whose gate is not installed.
const OF_MANAGER: [(&str, CallOfManager); 5] = [
    ("TokenManager::decode_access_token", |tokens, token| {
        Ok(id(&*tokens.decode_access_token::<Payload>(token)?))
    }),
    ("TokenManager::decode_token", |tokens, token| Ok(id(&*tokens.decode_token::<Payload>(token)?))),
    ("GateVault::verify", |tokens, token| Ok(id(&*GateVault::new(tokens.clone()).verify::<Payload>(token)?))),
    ("RouteGuard::authorize", |tokens, token| {
        Ok(id(&*RouteGuard::<Payload>::with(tokens.clone()).authorize(token)?))
    }),
    ("#[protected(gate)] fn", |tokens, token| gated(token, &GateVault::new(tokens.clone()))),
];

#[test]
fn a_manager_without_an_audience_refuses_every_token_with_one() {
    watched(|| {
        let tokens = without_audience();
        for (way, call) in OF_MANAGER {
            for (algorithm, token) in good_tokens_for_no_audience() {
                assert_eq!(outcome(call(&tokens, &token)), "accepted, user 42", "{way}, {algorithm}");
            }
            let mut meter = Meter::new(format!("{way}, without an audience"), LIMIT);
            for attack in &tokens_for_audiences() {
                meter
                    .call(attack, &format!("{:?}", attack.refusal), || outcome(call(&tokens, &attack.token)));
            }
            meter.finish(0);
        }
    });
}

fn id(payload: &Payload) -> u64 {
    payload.user_id().as_u64().unwrap_or_default()
}

pub(crate) fn outcome(result: Result<u64, GuardError>) -> String {
    match result {
        Ok(id) => format!("accepted, user {id}"),
        Err(GuardError::Token(error)) => format!("{:?}", Outline::from(error)),
        Err(error) => format!("{error:?}"),
    }
}

/// Five times what the longest refusal takes.
pub(crate) const LIMIT: u64 = 64 * 1024;

/// The most copies of a token: in the header, in the request, and in the source of the token.
const COPIES: u64 = 4;

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
            let copies = if way.starts_with("KeyExchange") { COPIES } else { 0 };
            let mut meter = Meter::new(way, LIMIT).copying(copies);
            for attack in attacks {
                meter.call(attack, &format!("{:?}", attack.refusal), || outcome(call(&attack.token)));
            }
            inputs += meter.finish(0);
        }
        assert_eq!(inputs, attacks.len() * STRINGS.len());
    });
}

#[test]
fn no_hostile_access_token_is_a_refresh_token() {
    watched(|| {
        manager();
        for (way, call) in REFRESH {
            let mut meter = Meter::new(way, LIMIT);
            for attack in tokens() {
                meter.call(attack, &refusal_as_refresh_token(attack), || outcome(call(&attack.token)));
            }
            meter.finish(0);
        }
    });
}

/// Returns the verdict on a hostile access token in the place of a refresh token. Its kind is wrong too, which is found after its
/// signature, its issuer and the form of its claims are verified, and before their values are.
fn refusal_as_refresh_token(attack: &Attack) -> String {
    let refusal = attack.refusal.to_string();
    let of_values = [
        "Expired",
        "Invalid(Audience",
        "Invalid(NotYetValid",
        "Invalid(TooLongLived",
        "Invalid(MissingClaim",
    ];
    let is_value = of_values.iter().any(|start| refusal.starts_with(start)) && !refusal.contains("type");
    let is_empty_id = [r#", jti: """#, r#", sid: """#].iter().any(|end| attack.name.ends_with(end));
    if is_value || is_empty_id {
        return format!("{:?}", Outline::from(InvalidReason::Kind { expected: "refresh" }));
    }
    format!("{:?}", attack.refusal)
}

/// The headers of a request, which an attacker writes, and the bytes of which need not be a token.
#[test]
fn every_request_without_a_framework_is_refused() {
    watched(|| {
        manager();
        let guard = RouteGuard::<Payload>::installed();
        let of_header = |token: &str| {
            let header = format!("Bearer {token}");
            HttpRequest::new("GET", "/").with_header("authorization", header.as_bytes())
        };
        let of_page = |token: &str| {
            let cookie = format!("__Host-shop_access={token}");
            Sent::visit("/there").with("accept", "text/html").with("cookie", &cookie).head()
        };
        let header_status = |request: &HttpRequest| match guard.authorize(&request.bearer()) {
            Ok(caller) => format!("accepted, user {}", id(&caller)),
            Err(denial) => denial.status().to_string(),
        };
        let page_guard = RouteGuard::<Payload>::installed().for_pages(&pages());
        let page_answer = |request: &HttpRequest| match page_guard.admit(request) {
            Ok(admitted) => format!("accepted, user {}", id(&admitted.caller)),
            Err(response) => {
                let location = response.headers.iter().find(|header| header.0 == "location");
                format!("{} {}", response.status, location.map_or("", |header| &header.1))
            }
        };
        for (algorithm, token) in good_tokens() {
            assert_eq!(header_status(&of_header(&token)), "accepted, user 42", "{algorithm}");
            assert_eq!(page_answer(&of_page(&token)), "accepted, user 42", "{algorithm}");
        }
        let mut bearer = Meter::new("HttpRequest::bearer", LIMIT).copying(COPIES);
        let mut page = Meter::new("RouteGuard::for_pages", LIMIT).copying(COPIES);
        for attack in tokens() {
            let token = &attack.token;
            let request = of_header(token);
            bearer.call(attack, "401", || header_status(&request));
            if is_whole_in_cookie(token) {
                let request = of_page(token);
                page.call(attack, "303 /pages/continue?next=/there", || page_answer(&request));
            } else {
                page.cannot_send();
            }
        }
        bearer.finish(0);
        page.finish(BEFORE_WHITE_SPACE);
    });
}
