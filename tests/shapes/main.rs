//! Every shape of function that `#[protected]` stands on, called with a good token and with a bad one, in code
//! that tolerates no lint.
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]
#![expect(clippy::expect_used, reason = "a test that panics is a test that fails")]

mod ages;
mod arguments;
mod bodies;
mod companions;
mod derived;
mod functions;
mod futures;
mod generic;
mod guarded;
mod hygiene;
mod log;
mod marked;
mod methods;
mod named_policies;
mod policies;
mod sizes;
mod world;

use std::sync::OnceLock;

use gatevault::{Claims, GateVault, GuardError, TokenManager};

/// The claims of the shapes.
#[derive(Debug, Clone, PartialEq, Claims)]
struct User {
    user_id: u64,
    org_id: Option<u64>,
}

/// What a denied shape answers: the status alone.
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

/// The manager of the installed gate.
fn tokens() -> &'static TokenManager {
    static TOKENS: OnceLock<TokenManager> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let tokens = gatevault_tests::tokens();
        GateVault::new(tokens.clone()).install().expect("nobody else installs one");
        tokens
    })
}

/// A good access token, of user 42 in organisation 7.
fn access() -> String {
    tokens().create_access_token(&User { user_id: 42, org_id: Some(7) }).expect("these are good claims")
}

/// A good refresh token of the same user.
fn refresh() -> String {
    tokens().create_refresh_token(&User { user_id: 42, org_id: Some(7) }).expect("these are good claims")
}
