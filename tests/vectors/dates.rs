//! `exp`, `nbf`, `iat` and `auth_time`: their formats, and their bounds to the second.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{TokenError, TokenManager};
use gatevault_tests::{Outline, START, timed};

use crate::forge::{HEADER, Members, claiming, forge, lacking, with_claims};
use crate::verdicts::{
    Case, assert_accepted, assert_refused, builder, each, each_good, manager, missing, mistyped, not_yet,
};

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

/// Values that are not a date in any claim.
const NOT_DATES: [&str; 20] = [
    "null",
    "true",
    "false",
    "[]",
    "[1767226500]",
    "{}",
    r#"{"exp":1767226500}"#,
    r#""""#,
    r#""1767226500""#,
    r#""2026-01-01T00:15:00Z""#,
    r#""NaN""#,
    "-1",
    "-1767226500",
    "-0.5",
    "-9223372036854775808",
    "253402300800",
    "18446744073709551615",
    "18446744073709551616",
    "1e20",
    "1e300",
];

/// Values that are not numbers in JSON.
const NOT_NUMBERS: [&str; 6] = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "0x7fffffff"];

fn from_now(claim: &'static str) -> impl Fn(&str) -> String {
    move |seconds| {
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let whole = START.checked_add_signed(whole.parse().unwrap()).unwrap();
        let dot = if fraction.is_empty() { "" } else { "." };
        claiming(claim, &format!("{whole}{dot}{fraction}"))
    }
}

#[test]
fn a_value_that_is_not_a_date_is_rejected() {
    for claim in ["exp", "nbf", "iat", "auth_time"] {
        assert_refused(&manager(), each(&NOT_DATES, |value| claiming(claim, value), mistyped(claim)));
        assert_refused(&manager(), each(&NOT_NUMBERS, |value| claiming(claim, value), Outline::DECODE));
    }
}

#[test]
fn a_token_must_expire() {
    assert_refused(&manager(), [("missing".to_owned(), lacking("exp"), missing("exp"))]);
    let misnamed = |name: &str| with_claims(Members::claims().without("exp").with(name, "9999999999").json());
    assert_refused(
        &manager(),
        each(&["Exp", "EXP", "exp ", "expires", "expires_in"], misnamed, missing("exp")),
    );
}

#[test]
fn expiry_is_the_first_second_in_which_a_token_is_rejected() {
    let past = ["0", "-1", "-900", "0.0", "0.5", "0.999"];
    assert_refused(&manager(), each(&past, from_now("exp"), TokenError::Expired));
    let long_past = ["0", "1", "0.5", "-0", "-0.0", "1e-400", "1.7672256e9"];
    assert_refused(&manager(), each(&long_past, |value| claiming("exp", value), TokenError::Expired));
    assert_accepted(&manager(), each_good(&["1", "1.0", "1.5", "900.25", "86400"], from_now("exp")));
    let far = ["1e10", "1E+10", "99999999999.5", "253402300799", "253402300799.5"];
    assert_accepted(&manager(), each_good(&far, |value| claiming("exp", value)));
}

#[test]
fn a_token_from_the_future_is_rejected() {
    for claim in ["nbf", "iat", "auth_time"] {
        let future = ["1", "1.5", "60", "86400"];
        assert_refused(&manager(), each(&future, from_now(claim), not_yet(claim)));
        assert_refused(&manager(), each(&["253402300799"], |value| claiming(claim, value), not_yet(claim)));
        assert_accepted(&manager(), each_good(&["0", "-1", "-86400", "0.5"], from_now(claim)));
        assert_accepted(&manager(), [("missing".to_owned(), lacking(claim))]);
    }
}

#[test]
fn the_leeway_and_the_clock_skew_move_every_bound_by_exactly_that_much() {
    let patience = Duration::from_secs(30);
    let lenient = builder().leeway(patience).clock_skew(patience).build().unwrap();
    assert_accepted(&lenient, each_good(&["-29", "-29.0", "-1", "0"], from_now("exp")));
    assert_refused(&lenient, each(&["-30", "-31", "-86400"], from_now("exp"), TokenError::Expired));
    for claim in ["nbf", "iat", "auth_time"] {
        assert_accepted(&lenient, each_good(&["1", "30", "30.5"], from_now(claim)));
        assert_refused(&lenient, each(&["31", "86400"], from_now(claim), not_yet(claim)));
    }
    let patience = Duration::from_millis(1999);
    let whole_seconds = builder().leeway(patience).clock_skew(patience).build().unwrap();
    assert_refused(&whole_seconds, each(&["-1"], from_now("exp"), TokenError::Expired));
    assert_accepted(&whole_seconds, each_good(&["0"], from_now("exp")));
}

fn at(now: Duration, leeway: u64) -> TokenManager {
    let clock = timed().1;
    clock.set(std::time::UNIX_EPOCH + now);
    builder().clock(clock).leeway(Duration::from_secs(leeway)).build().unwrap()
}

#[test]
fn the_first_and_last_second_do_not_overflow() {
    let exp = |value: &str| with_claims(Members::claims().without("iat").with("exp", value).json());
    for leeway in [0, 86_400] {
        let last = at(Duration::from_secs(LAST), leeway);
        assert_refused(&last, each(&["253402300799", "0"], exp, TokenError::Expired));
        let first = at(Duration::ZERO, leeway);
        assert_accepted(&first, each_good(&["253402300799", "1"], exp));
    }
    assert_refused(&at(Duration::ZERO, 0), each(&["0"], exp, TokenError::Expired));
    assert_accepted(&at(Duration::ZERO, 1), each_good(&["0"], exp));
}

#[test]
fn a_fraction_of_the_clock_changes_nothing() {
    let late = at(Duration::new(START, 999_999_999), 0);
    assert_accepted(&late, each_good(&["1"], from_now("exp")));
    assert_refused(&late, each(&["0", "0.9999"], from_now("exp"), TokenError::Expired));
    assert_refused(&late, each(&["1"], from_now("nbf"), not_yet("nbf")));
}

#[test]
fn only_a_token_that_is_otherwise_valid_is_reported_as_expired() {
    let late = |members: Members| with_claims(members.with("exp", "1").json());
    let claims = Members::claims;
    let faults: [(&str, String, Outline); 9] = [
        (
            "secret",
            forge(HEADER, claims().with("exp", "1").json(), "another"),
            InvalidReason::Signature.into(),
        ),
        (
            "kind",
            late(claims().with("type", "\"refresh\"")),
            InvalidReason::Kind { expected: "access" }.into(),
        ),
        ("no kind", late(claims().without("type")), missing("type")),
        ("no id", late(claims().without("jti")), missing("jti")),
        ("audience", late(claims().with("aud", "\"them\"")), Outline::AUDIENCE),
        ("nbf", late(claims().with("nbf", &(START + 1).to_string())), not_yet("nbf")),
        ("iat", late(claims().with("iat", &(START + 1).to_string())), not_yet("iat")),
        ("subject", late(claims().with("user_id", "null")), mistyped("user_id")),
        ("repeated", late(claims().with(r"\u0065xp", "2")), Outline::DECODE),
    ];
    assert_refused(
        &manager(),
        faults.map(|(name, token, fault)| -> Case { (name.to_owned(), token, fault) }),
    );
}
