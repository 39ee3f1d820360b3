//! `tiny_http`: a guarded function that takes the request, and a guard in front of a function.

use gatevault::web::RouteGuard;
use gatevault::{GuardError, Payload, protected};
use gatevault_attack_tests::{good_tokens, tokens};
use tiny_http::{Header, Request, TestRequest};

use crate::target::manager;
use crate::watch::{Meter, watched};

#[protected]
fn guarded(token: &Request, payload: Payload) -> Result<u64, GuardError> {
    Ok(payload.user_id().as_u64().unwrap_or_default())
}

fn authorized(request: &Request) -> Result<u64, GuardError> {
    let caller = RouteGuard::<Payload>::installed().authorize(request)?;
    Ok(caller.user_id().as_u64().unwrap_or_default())
}

type Call = fn(&Request) -> Result<u64, GuardError>;

const CALLS: [(&str, Call); 2] =
    [("#[protected] fn", |request| guarded(request)), ("RouteGuard::authorize", authorized)];

pub(crate) const WAYS: usize = CALLS.len();

/// Creates a request, if the framework's header can hold the token: it holds ASCII.
fn request(token: &str) -> Option<Request> {
    let header = Header::from_bytes("Authorization", format!("Bearer {token}")).ok()?;
    Some(TestRequest::new().with_header(header).into())
}

#[test]
fn tiny_http_refuses_every_hostile_token() {
    watched(|| {
        manager();
        for (way, call) in CALLS {
            for (algorithm, token) in good_tokens() {
                assert_eq!(call(&request(&token).unwrap()).unwrap(), 42, "{way}, {algorithm}");
            }
            let mut meter = Meter::new(format!("tiny_http {way}"), 64 * 1024);
            for attack in tokens() {
                let Some(request) = request(&attack.token) else {
                    meter.cannot_send();
                    continue;
                };
                meter.call(&attack.name, "401", || match call(&request) {
                    Ok(id) => format!("accepted, user {id}"),
                    Err(denial) => denial.status().to_string(),
                });
            }
            meter.finish();
        }
    });
}
