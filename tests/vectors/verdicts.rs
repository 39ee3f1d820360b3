//! Tables of tokens and their expected verdicts. A failure lists every wrong case.

use std::fmt::Debug;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::token::TokenManagerBuilder;
use gatevault::{Payload, TokenError, TokenManager, Verified};
use gatevault_tests::{Outline, timed};

/// Returns a builder whose clock shows the creation time of the valid tokens, and whose limits on times are exact.
pub(crate) fn builder() -> TokenManagerBuilder {
    timed().0.clock_skew(Duration::ZERO).max_lifetime(Duration::MAX)
}

pub(crate) fn manager() -> TokenManager {
    builder().build().unwrap()
}

/// Returns a manager with the largest possible length limit.
pub(crate) fn patient_manager() -> TokenManager {
    builder().max_token_bytes(1024 * 1024).build().unwrap()
}

/// One case of a table: its name, its token, its verdict.
pub(crate) type Case = (String, String, Outline);

pub(crate) fn assert_refused(manager: &TokenManager, cases: impl IntoIterator<Item = Case>) {
    let mut count = 0;
    let wrong: Vec<String> = cases
        .into_iter()
        .inspect(|_| count += 1)
        .filter_map(|(name, token, expected)| {
            let verdict = manager.decode_access_token::<Payload>(&token);
            let right = verdict.as_ref().err().is_some_and(|error| expected == *error);
            (!right).then(|| format!("{name}: {} instead of {expected:?}", formatted(verdict)))
        })
        .collect();
    assert!(count > 0, "a table without cases");
    assert!(wrong.is_empty(), "{} of {count} cases\n{}", wrong.len(), wrong.join("\n"));
}

pub(crate) fn assert_accepted(manager: &TokenManager, cases: impl IntoIterator<Item = (String, String)>) {
    let mut count = 0;
    let wrong: Vec<String> = cases
        .into_iter()
        .inspect(|_| count += 1)
        .filter_map(|(name, token)| {
            let verdict = manager.decode_access_token::<Payload>(&token);
            verdict.is_err().then(|| format!("{name}: {}", formatted(verdict)))
        })
        .collect();
    assert!(count > 0, "a table without cases");
    assert!(wrong.is_empty(), "{} of {count} cases\n{}", wrong.len(), wrong.join("\n"));
}

/// Returns cases that differ in one value and have the same verdict.
pub(crate) fn each<'v>(
    values: &[&'v str],
    token: impl Fn(&'v str) -> String,
    expected: impl Into<Outline>,
) -> Vec<Case> {
    let expected = expected.into();
    values.iter().map(|value| (shortened(value), token(value), expected.clone())).collect()
}

/// Returns cases that differ in one value and are all accepted.
pub(crate) fn each_good<'v>(values: &[&'v str], token: impl Fn(&'v str) -> String) -> Vec<(String, String)> {
    values.iter().map(|value| (shortened(value), token(value))).collect()
}

pub(crate) fn missing(claim: &'static str) -> Outline {
    InvalidReason::MissingClaim(claim.into()).into()
}

pub(crate) fn mistyped(claim: &'static str) -> Outline {
    InvalidReason::MistypedClaim(claim.into()).into()
}

pub(crate) fn not_yet(claim: &'static str) -> Outline {
    Outline::not_yet(claim)
}

fn formatted<C: Debug>(verdict: Result<Verified<C>, TokenError>) -> String {
    match verdict {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn shortened(value: &str) -> String {
    value.chars().take(60).collect()
}
