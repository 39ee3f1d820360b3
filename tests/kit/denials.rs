//! `assert_denied!`: the outcomes that it takes, and what it says when it fails.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::http::Response;
use gatevault::guard::DeniedOr;
use gatevault::testing::{DenialKind, assert_denied};
use gatevault::web::{Denials, HttpResponse};
use gatevault::{GateVault, GuardError, Payload, StepUpChallenge, TokenError, TokenManager, protected};

#[protected(scopes("posts:read", "posts:write"))]
fn publish(payload: Payload) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id()))
}

/// A denial of each kind.
fn denials() -> Vec<(GuardError, DenialKind)> {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let _gate = GateVault::new(tokens.clone()).install_for_test();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    vec![
        (publish("").unwrap_err(), DenialKind::MissingToken),
        (publish("junk").unwrap_err(), DenialKind::InvalidToken),
        (
            publish(tokens.create_refresh_token(&Payload::new(42)).unwrap()).unwrap_err(),
            DenialKind::InvalidToken,
        ),
        (TokenError::Expired.into(), DenialKind::Expired),
        (GuardError::unauthorized("not your post"), DenialKind::NotAllowed),
        (publish(access).unwrap_err(), DenialKind::MissingScope("posts:read posts:write".into())),
        (StepUpChallenge::new("a large transfer").into(), DenialKind::StepUp),
        (GuardError::invalid_credentials("wrong password"), DenialKind::WrongCredentials),
        (GuardError::TooManyAttempts { retry_after: Duration::from_secs(9) }, DenialKind::TooManyAttempts),
        (GuardError::unavailable("the store is down"), DenialKind::Unavailable),
    ]
}

/// An error of an application that names the denial as its source.
#[derive(Debug)]
struct Sourced(GuardError);

impl fmt::Display for Sourced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no access")
    }
}

impl Error for Sourced {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// An error of an application that passes the denial on, as `#[error(transparent)]` of thiserror does.
#[derive(Debug)]
struct Transparent(GuardError);

impl fmt::Display for Transparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Transparent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Returns the message with which the assertion fails, or `None` if it passes.
fn failure(assertion: impl FnOnce()) -> Option<String> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(assertion));
    Some(outcome.err()?.downcast_ref::<String>().unwrap().clone())
}

/// Asserts that every denial has its own kind, and no other.
fn assert_each_kind_in<O>(convert: impl Fn(GuardError) -> O, is_denied: impl Fn(&O, &DenialKind)) {
    let kinds: Vec<_> = denials().into_iter().map(|(_, kind)| kind).collect();
    for (denial, kind) in denials() {
        let shown = format!("{denial:?}");
        let outcome = convert(denial);
        for other in &kinds {
            let passes = failure(|| is_denied(&outcome, other)).is_none();
            assert_eq!(passes, *other == kind, "{shown}: {other:?}");
        }
    }
}

#[test]
fn each_denial_has_its_own_kind_in_every_outcome_of_a_call() {
    assert_each_kind_in(|denial| denial, |outcome, kind| assert_denied!(*outcome, *kind));
    assert_each_kind_in(Err::<(), _>, |outcome, kind| assert_denied!(*outcome, *kind));
    assert_each_kind_in(
        |denial| Err::<(), _>(gatevault::Error::from(denial)),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
    assert_each_kind_in(
        |denial| Err::<(), _>(Sourced(denial)),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
    assert_each_kind_in(
        |denial| Err::<(), _>(Transparent(denial)),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
    assert_each_kind_in(
        |denial| Err::<(), Box<dyn Error>>(denial.into()),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
    assert_each_kind_in(
        |denial| Err::<(), Box<dyn Error + Send + Sync>>(Sourced(denial).into()),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
    assert_each_kind_in(DeniedOr::<()>::Denied, |outcome, kind| assert_denied!(*outcome, *kind));
}

#[test]
fn each_denial_has_its_own_kind_in_a_response() {
    let respond = |denial| HttpResponse::from(denial);
    assert_each_kind_in(respond, |response, kind| assert_denied!(*response, *kind));
    assert_each_kind_in(
        |denial| Err::<(), _>(HttpResponse::from(denial)),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
}

#[test]
fn each_denial_has_its_own_kind_in_an_http_response_whose_body_is_not_read() {
    let respond = |denial| Response::<String>::from(HttpResponse::from(denial)).map(|_| ());
    assert_each_kind_in(respond, |response, kind| assert_denied!(*response, *kind));
    assert_each_kind_in(
        |denial| Err::<(), _>(respond(denial)),
        |outcome, kind| assert_denied!(*outcome, *kind),
    );
}

/// A body of the application's own has no `error`.
#[test]
fn each_denial_has_its_own_kind_in_a_response_to_which_settings_were_applied() {
    let denials = Denials::new().realm("posts").unwrap().on_denial(|_| ("text/plain", "denied".to_owned()));
    let respond = |denial| denials.apply(HttpResponse::from(denial));
    assert_eq!(respond(GuardError::MissingToken).body, "denied");
    assert_each_kind_in(respond, |response, kind| assert_denied!(*response, *kind));
    assert_each_kind_in(
        |denial| Response::<String>::from(respond(denial)),
        |response, kind| assert_denied!(*response, *kind),
    );
    assert_each_kind_in(
        |denial| denials.apply_http(Response::<String>::from(HttpResponse::from(denial))),
        |response, kind| assert_denied!(*response, *kind),
    );
}

#[test]
fn in_an_http_response_without_details_wrong_credentials_count_as_a_missing_token() {
    for denial in [GuardError::MissingToken, GuardError::invalid_credentials("wrong password")] {
        let response = Response::<String>::from(HttpResponse::from(denial));
        let (mut head, body) = response.into_parts();
        head.extensions.clear();
        let response = Response::from_parts(head, body);
        assert_denied!(response, MissingToken);
        let fault = failure(|| assert_denied!(response, WrongCredentials)).unwrap();
        let found = "found `MissingToken`, the status 401, the challenge `Bearer`, the body `not read: pass the response of a \
                     `testing::browser` or an `HttpResponse` if it decides`";
        assert!(fault.ends_with(found), "{fault}");
    }
}

#[test]
fn a_failed_assertion_says_what_came_and_why() {
    let line = |fault: Option<String>| {
        let fault = fault.unwrap();
        let (place, fault) = fault.split_once(": ").unwrap();
        assert!(place.starts_with(file!()), "{place}");
        fault.to_owned()
    };
    let call = || Err::<(), _>(GuardError::MissingToken);
    assert_eq!(
        line(failure(|| assert_denied!(call(), Expired))),
        "expected `call()` to be denied with `Expired`, found `MissingToken`, \
         the error `gatevault::error::guard::GuardError`: a token is required"
    );
    let denied = || Err::<(), _>(GuardError::unauthorized("not your post"));
    assert_eq!(
        line(failure(|| assert_denied!(denied(), MissingScope("posts:write")))),
        "expected `denied()` to be denied with `MissingScope(\"posts:write\")`, found `NotAllowed`, \
         the error `gatevault::error::guard::GuardError`: not allowed: not your post"
    );
    assert_eq!(
        line(failure(|| assert_denied!(Ok::<u8, GuardError>(7), StepUp))),
        "expected `Ok::<u8, GuardError>(7)` to be denied with `StepUp`, found no denial: the call returned a `u8`"
    );
    assert_eq!(
        line(failure(|| assert_denied!(DeniedOr::Done("7"), StepUp))),
        "expected `DeniedOr::Done(\"7\")` to be denied with `StepUp`, found no denial: the call returned a `&str`"
    );
    let other = || Err::<(), _>(fmt::Error);
    assert_eq!(
        line(failure(|| assert_denied!(other(), NotAllowed))),
        "expected `other()` to be denied with `NotAllowed`, found the error `core::fmt::Error`: \
         an error occurred when formatting an argument"
    );
    let response = HttpResponse::new(401);
    assert_eq!(
        line(failure(|| assert_denied!(response, MissingToken))),
        "expected `response` to be denied with `MissingToken`, found the status 401, the challenge `none`, the body ``"
    );
}

#[test]
fn a_failed_assertion_shows_no_token() {
    let fault = failure(|| assert_denied!(publish("eyJh.eyJz.c2ln"), Expired)).unwrap();
    assert!(fault.contains("publish(\"[redacted]\")"), "{fault}");
    let response = HttpResponse::new(200).with_body("eyJh.eyJz.c2ln");
    let fault = failure(|| assert_denied!(response, Expired)).unwrap();
    assert!(fault.ends_with("the body `[redacted]`"), "{fault}");
}

#[test]
fn a_program_that_is_not_set_up_is_no_denial_of_any_kind() {
    let kinds: Vec<_> = denials().into_iter().map(|(_, kind)| kind).collect();
    for kind in &kinds {
        assert!(failure(|| assert_denied!(Err::<(), _>(GuardError::NotInstalled), *kind)).is_some());
        assert!(failure(|| assert_denied!(HttpResponse::from(GuardError::NotInstalled), *kind)).is_some());
    }
}
