//! `max_age`: the maximum age of a token or of its session.

use std::time::{Duration, SystemTime};

use gatevault::{Payload, protected};
use gatevault_tests::START;

use crate::fixture::{Fixture, Outcome, forged};

#[protected(gate = fixture.tokens, max_age = "5m")]
fn recent(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

#[protected(gate = fixture.tokens)]
fn dated_or_not(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

#[protected(gate = fixture.tokens, max_age = "5m", optional)]
fn recent_if_any(fixture: &Fixture, payload: Option<Payload>) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, refresh, max_age = "2h", role = "admin")]
fn recent_refresh(fixture: &Fixture, payload: Payload) -> Outcome {
    fixture.run(payload)
}

#[test]
fn a_token_is_recent_up_to_the_last_second() {
    let fixture = Fixture::new();
    let token = fixture.access(&Payload::new(42));
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    for age in [Duration::ZERO, Duration::from_secs(299), Duration::from_millis(300_999)] {
        fixture.clock.set(start + age);
        fixture.opened(&recent(&token, &fixture));
        fixture.opened(&recent_if_any(&token, &fixture));
    }
    for age in [301, 3_599] {
        fixture.clock.set(start + Duration::from_secs(age));
        fixture.too_old(recent(&token, &fixture), 300);
        fixture.too_old(recent_if_any(&token, &fixture), 300);
    }
    fixture.opened(&recent_if_any("", &fixture));
    fixture.clock.set(start + Duration::from_hours(1));
    let denial = recent(&token, &fixture).expect_err("the token has expired");
    assert_eq!(denial.to_string(), "the token has expired", "expiry comes before age");
    fixture.opened(&recent(fixture.access(&Payload::new(42)), &fixture));
}

#[test]
fn a_token_without_a_date_is_not_recent() {
    let fixture = Fixture::new();
    fixture.opened(&dated_or_not(forged(""), &fixture));
    fixture.too_old(recent(forged(""), &fixture), 300);
    fixture.opened(&recent(forged(&format!(r#","iat":{START}.9"#)), &fixture));
}

#[test]
fn a_token_from_the_future_is_rejected() {
    let fixture = Fixture::new();
    let ahead = |seconds: u64| forged(&format!(r#","iat":{}"#, START.wrapping_add(seconds)));
    // Within the clock skew, which is 30 seconds unless set.
    fixture.opened(&recent(ahead(30), &fixture));
    fixture.unauthenticated(recent(ahead(31), &fixture));
    fixture.unauthenticated(recent(ahead(1_000_000_000_000), &fixture));
    fixture.unauthenticated(recent(forged(&format!(r#","iat":{}"#, u64::MAX)), &fixture));
}

#[test]
fn in_a_session_the_age_counts_from_the_login() {
    let fixture = Fixture::new();
    let within = |auth_time: u64| forged(&format!(r#","iat":{START},"sid":"a","auth_time":{auth_time}"#));
    fixture.opened(&recent(within(START.wrapping_sub(300)), &fixture));
    fixture.too_old(recent(within(START.wrapping_sub(301)), &fixture), 300);
}

#[test]
fn policies_apply_to_refresh_tokens_too() {
    let fixture = Fixture::new();
    fixture.opened(&recent_refresh(fixture.refresh(&Payload::new(42).with("role", "admin")), &fixture));
    fixture
        .unauthenticated(recent_refresh(fixture.access(&Payload::new(42).with("role", "admin")), &fixture));
    let guest = fixture.refresh(&Payload::new(42).with("role", "guest"));
    fixture.forbidden(recent_refresh(&guest, &fixture), r#"role = "admin""#);
    fixture.clock.advance(Duration::from_secs(7_201));
    fixture.too_old(recent_refresh(&guest, &fixture), 7_200);
}
