//! The handler form without a framework: the check of a hidden first parameter, in code that denies all lints.
#![cfg(test)]
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]

mod demands;
mod forms;
mod gates;
mod names;

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use gatevault::guard::{GuardedHandler, HandlerGuard};
use gatevault::{Claims, GateVault, GuardError, TokenManager, protected};
use gatevault_tests::Recorder;

/// The claims of the handlers.
#[derive(Debug, Clone, PartialEq, Claims)]
struct User {
    user_id: u64,
    org_id: Option<u64>,
}

/// The error of a denied call: only the status.
#[derive(Debug, PartialEq)]
struct Denied(u16);

impl From<GuardError> for Denied {
    fn from(denial: GuardError) -> Self {
        Self(denial.status())
    }
}

type Answer<T = u64> = Result<T, Denied>;

const UNAUTHENTICATED: Denied = Denied(401);
const FORBIDDEN: Denied = Denied(403);
const FORGED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjo0Mn0.forged";

/// Returns the manager of the installed gate.
fn tokens() -> &'static TokenManager {
    static TOKENS: OnceLock<TokenManager> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let tokens = gatevault_tests::tokens();
        GateVault::new(tokens.clone()).install().expect("no other gate is installed");
        tokens
    })
}

/// Creates a valid access token of user 42 in organization 7.
fn access() -> String {
    tokens().create_access_token(&User { user_id: 42, org_id: Some(7) }).expect("valid claims")
}

/// Creates a valid refresh token of the same user.
fn refresh() -> String {
    tokens().create_refresh_token(&User { user_id: 42, org_id: Some(7) }).expect("valid claims")
}

/// Returns the lines that `act` logs, as soon as there are any: another thread may be registering the event.
fn logged<T>(act: impl Fn() -> T) -> Vec<String> {
    for _ in 0..100 {
        let recorder = Recorder::default();
        drop(tracing::subscriber::with_default(recorder.clone(), &act));
        let lines = recorder.lines();
        if lines.len() > 1 {
            return lines.into_iter().map(|(_, line)| line).collect();
        }
        thread::sleep(Duration::from_millis(10));
    }
    Vec::new()
}

/// Verifies a token for the handler that the result is passed to.
fn verify<H: GuardedHandler>(token: &str) -> Result<HandlerGuard<H>, H::Denied> {
    HandlerGuard::verify(token)
}

/// Calls a handler without parameters.
fn call<H: GuardedHandler>(token: &str, handler: impl FnOnce(HandlerGuard<H>) -> H::Denied) -> H::Denied {
    match verify(token) {
        Ok(guard) => handler(guard),
        Err(denied) => denied,
    }
}

#[protected(handler)]
fn profile(user: User) -> Answer {
    Ok(user.user_id)
}

#[protected(handler)]
async fn profile_later(user: User) -> Answer {
    std::future::ready(()).await;
    Ok(user.user_id)
}

#[test]
fn a_handler_runs_for_a_valid_token_only() {
    assert_eq!(call(&access(), profile), Ok(42));
    for token in ["", FORGED, "no token"] {
        assert_eq!(call(token, profile), Err(UNAUTHENTICATED));
        assert!(matches!(verify(token).map(profile_later).map(drop), Err(Err(UNAUTHENTICATED))));
    }
}

#[test]
fn an_async_handler_runs_for_a_valid_token() {
    let future = profile_later(verify(&access()).expect("a valid token"));
    assert_eq!(pollster::block_on(assert_send(future)), Ok(42));
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

/// A private payload and a private error, in the places of a public function.
mod office {
    use gatevault::{Claims, GuardError, protected};

    #[derive(Debug, Claims)]
    struct Clerk {
        user_id: u64,
    }

    #[derive(Debug)]
    pub(super) struct Private(pub(super) u16);

    impl From<GuardError> for Private {
        fn from(denial: GuardError) -> Self {
            Self(denial.status())
        }
    }

    #[expect(unreachable_pub, reason = "an application writes it so")]
    #[protected(handler)]
    pub fn desk(user: Clerk) -> Result<u64, Private> {
        Ok(user.user_id)
    }
}

#[test]
fn a_public_handler_may_have_a_private_payload_and_a_private_error() {
    assert!(matches!(call(&access(), office::desk), Ok(42)));
    assert!(matches!(call("", office::desk), Err(office::Private(401))));
}

#[protected(handler)]
fn no_payload() -> Result<&'static str, GuardError> {
    Ok("open")
}

#[test]
fn a_handler_without_a_payload_is_guarded_too() {
    assert_eq!(call(&access(), no_payload).ok(), Some("open"));
    assert!(matches!(call("", no_payload), Err(GuardError::MissingToken)));
}

#[test]
fn the_guard_shows_nothing_of_the_payload() {
    let guard = verify(&access()).expect("a valid token");
    assert_eq!(format!("{guard:?}"), "HandlerGuard { .. }");
    assert_eq!(profile(guard), Ok(42));
}

#[test]
fn the_error_of_a_denied_handler_is_that_of_its_return_type() {
    let denied: Result<_, Answer> = verify(FORGED).map(profile);
    assert_eq!(denied, Err(Err(Denied(401))));
}
