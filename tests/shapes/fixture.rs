//! Where the bodies of guarded functions run, and what is held against each call.

use std::cell::Cell;
use std::error::Error as _;
use std::time::Duration;

use gatevault::testing::ManualClock;
use gatevault::{Claims, GuardError, TokenManager};
use gatevault_tests::timed;

/// What the bodies run in: `ran` counts those that did.
pub(crate) struct World {
    pub(crate) tokens: TokenManager,
    pub(crate) clock: ManualClock,
    ran: Cell<u32>,
}

pub(crate) type Outcome = Result<(), GuardError>;

impl World {
    pub(crate) fn new() -> Self {
        Self::with_leeway(Duration::ZERO)
    }

    pub(crate) fn with_leeway(leeway: Duration) -> Self {
        let (builder, clock) = timed();
        let tokens = builder.leeway(leeway).access_expiry(Duration::from_hours(1)).build();
        Self { tokens: tokens.expect("these are good settings"), clock, ran: Cell::new(0) }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what the bodies return")]
    pub(crate) fn run<P>(&self, payload: P) -> Outcome {
        drop(payload);
        self.ran.set(self.ran.get().wrapping_add(1));
        Ok(())
    }

    pub(crate) fn access(&self, claims: &impl Claims) -> String {
        self.tokens.create_access_token(claims).expect("these are good claims")
    }

    pub(crate) fn refresh(&self, claims: &impl Claims) -> String {
        self.tokens.create_refresh_token(claims).expect("these are good claims")
    }

    /// That a call ran its body, once.
    #[track_caller]
    pub(crate) fn opened(&self, outcome: &Outcome) {
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(self.ran.replace(0), 1, "the body runs once");
    }

    /// That a call was denied for `reason`, which the client is not told, and ran nothing.
    #[track_caller]
    pub(crate) fn denied(&self, outcome: Outcome, reason: &str) -> GuardError {
        let denial = outcome.expect_err("the call is denied");
        assert_eq!(self.ran.get(), 0, "the body does not run");
        assert_eq!(denial.source().map(ToString::to_string).as_deref(), Some(reason));
        assert_eq!(denial.to_string(), "not allowed");
        denial
    }

    #[track_caller]
    pub(crate) fn forbidden(&self, outcome: Outcome, reason: &str) {
        let denial = self.denied(outcome, reason);
        assert_eq!((denial.status(), denial.challenge()), (403, None));
    }

    #[track_caller]
    pub(crate) fn lacks_scope(&self, outcome: Outcome, reason: &str, scope: &str) {
        let denial = self.denied(outcome, reason);
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
        assert_eq!((denial.status(), denial.challenge()), (403, Some(challenge)));
    }

    #[track_caller]
    pub(crate) fn too_old(&self, outcome: Outcome, seconds: u64) {
        let denial = self.denied(outcome, "the token was issued too long ago");
        let challenge = format!(r#"Bearer error="insufficient_user_authentication", max_age="{seconds}""#);
        assert_eq!((denial.status(), denial.challenge()), (401, Some(challenge)));
    }

    /// That the token itself was refused.
    #[track_caller]
    pub(crate) fn unauthenticated(&self, outcome: Outcome) {
        assert_eq!(outcome.expect_err("the call is denied").status(), 401);
        assert_eq!(self.ran.get(), 0, "the body does not run");
    }
}
