//! Every shape of function that `#[protected]` supports, called with a valid and an invalid token, in code that
//! denies all lints.
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]
#![expect(clippy::expect_used, reason = "a test that panics is a test that fails")]

mod ages;
mod arguments;
mod async_trait_futures;
mod async_traits;
mod authentication;
mod bare;
mod bodies;
mod caches;
mod caller_input;
mod companions;
mod derived;
mod fixture;
mod functions;
mod futures;
mod generic;
mod guarded;
mod guards;
mod guards_agree;
mod guards_gates;
mod hygiene;
mod log;
mod marked;
mod methods;
mod named_policies;
mod nested;
mod policies;
mod responses;
mod roles;
mod signature;
mod sizes;
mod verified;

use std::sync::OnceLock;

use gatevault::{Claims, GateVault, GuardError, TokenManager};

/// The claims of the guarded functions.
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
