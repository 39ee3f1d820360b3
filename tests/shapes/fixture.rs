//! The fixture of the policy tests: a token manager with a manual clock, and assertions about guarded calls.

use std::cell::Cell;
use std::error::Error as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::testing::ManualClock;
use gatevault::{Claims, GuardError, TokenManager};
use gatevault_tests::{SECRET, START, timed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The state of one test. `ran` counts the bodies that ran.
pub(crate) struct Fixture {
    pub(crate) tokens: TokenManager,
    pub(crate) clock: ManualClock,
    ran: Cell<u32>,
}

pub(crate) type Outcome = Result<(), GuardError>;

impl Fixture {
    pub(crate) fn new() -> Self {
        let (builder, clock) = timed();
        let tokens = builder.access_expiry(Duration::from_hours(1)).build();
        Self { tokens: tokens.expect("valid settings"), clock, ran: Cell::new(0) }
    }

    /// Counts a run of a body.
    #[expect(clippy::unnecessary_wraps, reason = "the type that the bodies return")]
    pub(crate) fn run<P>(&self, payload: P) -> Outcome {
        drop(payload);
        self.ran.set(self.ran.get().wrapping_add(1));
        Ok(())
    }

    pub(crate) fn access(&self, claims: &impl Claims) -> String {
        self.tokens.create_access_token(claims).expect("valid claims")
    }

    pub(crate) fn refresh(&self, claims: &impl Claims) -> String {
        self.tokens.create_refresh_token(claims).expect("valid claims")
    }

    /// Asserts that a call ran its body exactly once.
    #[track_caller]
    pub(crate) fn opened(&self, outcome: &Outcome) {
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(self.ran.replace(0), 1, "the body runs once");
    }

    /// Asserts that a call was denied for `reason`, which the client does not see, and that its body did not run.
    #[track_caller]
    pub(crate) fn denied(&self, outcome: Outcome, reason: &str) -> GuardError {
        let denial = outcome.expect_err("the call is denied");
        assert_eq!(self.ran.get(), 0, "the body does not run");
        assert_eq!(denial.source().map(ToString::to_string).as_deref(), Some(reason));
        assert_eq!(denial.to_string(), "not allowed");
        denial
    }

    /// Asserts a denial with status 403 and no challenge.
    #[track_caller]
    pub(crate) fn forbidden(&self, outcome: Outcome, reason: &str) {
        let denial = self.denied(outcome, reason);
        assert_eq!((denial.status(), denial.challenge()), (403, None));
    }

    /// Asserts a denial whose challenge names the required scope.
    #[track_caller]
    pub(crate) fn lacks_scope(&self, outcome: Outcome, reason: &str, scope: &str) {
        let denial = self.denied(outcome, reason);
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
        assert_eq!((denial.status(), denial.challenge()), (403, Some(challenge)));
    }

    /// Asserts a denial whose challenge names the maximum age.
    #[track_caller]
    pub(crate) fn too_old(&self, outcome: Outcome, seconds: u64) {
        let denial = self.denied(outcome, "the token was issued too long ago");
        let challenge = format!(r#"Bearer error="insufficient_user_authentication", max_age="{seconds}""#);
        assert_eq!((denial.status(), denial.challenge()), (401, Some(challenge)));
    }

    /// Asserts a denial that asks for another authentication.
    #[track_caller]
    pub(crate) fn steps_up(&self, outcome: Outcome, reason: &str, challenge: &str) {
        let denial = self.denied(outcome, reason);
        assert_eq!((denial.status(), denial.challenge().as_deref()), (401, Some(challenge)));
    }

    /// Asserts that the token itself was rejected.
    #[track_caller]
    pub(crate) fn unauthenticated(&self, outcome: Outcome) {
        assert_eq!(outcome.expect_err("the call is denied").status(), 401);
        assert_eq!(self.ran.get(), 0, "the body does not run");
    }
}

/// Signs a token of user 42 with these claims appended, with the fixture's key.
pub(crate) fn forged(claims: &str) -> String {
    let exp = START.wrapping_add(600);
    let claims = format!(r#"{{"user_id":42,"exp":{exp},"type":"access","jti":"0b8d1c8e"{claims}}}"#);
    let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(br#"{"alg":"HS256","typ":"JWT"}"#), encode(claims.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", encode(&mac.finalize().into_bytes()))
}
