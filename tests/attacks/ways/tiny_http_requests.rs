//! `tiny_http`: a guarded function that takes the request, a guard in front of a function, and the login routes.

use std::io::Read as _;

use gatevault::testing::{self, Users};
use gatevault::web::RouteGuard;
use gatevault::{AuthRoutes, GuardError, Payload, protected};
use gatevault_attack_tests::{good_tokens, tokens};
use tiny_http::{Header, Method, Request, TestRequest};

use crate::frameworks::{COPIES, Headers, LIMIT};
use crate::routes::{PLACES, Routes, Sent, outcome};
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

pub(crate) const WAYS: usize = CALLS.len() + PLACES.len();

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
            let mut meter = Meter::new(format!("tiny_http {way}"), 64 * 1024).copying(COPIES);
            for attack in tokens() {
                let Some(request) = request(&attack.token) else {
                    meter.cannot_send();
                    continue;
                };
                meter.call(attack, "401", || match call(&request) {
                    Ok(id) => format!("accepted, user {id}"),
                    Err(denial) => denial.status().to_string(),
                });
            }
            meter.finish(Headers::TinyHttp.unsendable());
        }
    });
}

/// Creates a request to the login routes, without its body, if the framework's headers can hold the token.
fn head(sent: &Sent) -> Option<TestRequest> {
    let (method, path) = (sent.method.parse::<Method>().unwrap(), &sent.target);
    let mut request = TestRequest::new().with_method(method).with_path(path);
    for (name, value) in &sent.headers {
        request = request.with_header(Header::from_bytes(*name, value.as_str()).ok()?);
    }
    Some(request)
}

/// Adds the body. The framework wants one that is never dropped, and none over the limit is read.
fn with_body(request: TestRequest, sent: &Sent) -> Request {
    let length = Header::from_bytes("content-length", sent.body.len().to_string()).unwrap();
    let body = if sent.body.len() > AuthRoutes::<Users>::BODY_LIMIT { "" } else { &sent.body };
    request.with_header(length).with_body(body.to_owned().leak()).into()
}

#[test]
fn the_routes_of_tiny_http_refuse_every_hostile_token() {
    watched(|| {
        let routes = Routes::new("attacked");
        let login = routes.handler.login("ada", testing::PASSWORD).unwrap();
        for place in PLACES {
            let mut meter = Meter::new(format!("tiny_http {}", place.name), LIMIT).copying(place.copies());
            for attack in tokens() {
                let sent = (place.request)(&attack.token);
                if !place.can_hold(&attack.token) || head(&sent).is_none() {
                    meter.cannot_send();
                    continue;
                }
                meter.call(attack, place.expected(attack, &sent), || {
                    let mut request = with_body(head(&sent).unwrap(), &sent);
                    let response = routes.at(&sent.target).respond_to(&mut request).unwrap();
                    let mut headers = response.headers().iter();
                    let location = headers.find(|header| header.field.equiv("location"));
                    let (status, location) =
                        (response.status_code().0, location.map(|header| header.value.to_string()));
                    let mut body = Vec::new();
                    response.into_reader().read_to_end(&mut body).unwrap();
                    outcome(status, location.as_deref(), &body)
                });
            }
            meter.finish(place.unsendable(Headers::TinyHttp));
        }
        routes.assert_session_is_active(&login.refresh_token);
    });
}
