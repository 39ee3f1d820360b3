//! `max_age`: how long ago a token may have been issued.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::{Payload, protected};
use gatevault_tests::{SECRET, START};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::world::{Outcome, World};

#[protected(gate = world.tokens, max_age = "5m")]
fn recent(world: &World) -> Outcome {
    world.run(())
}

#[protected(gate = world.tokens)]
fn dated_or_not(world: &World) -> Outcome {
    world.run(())
}

#[protected(gate = world.tokens, max_age = "5m", optional)]
fn recent_if_any(world: &World, payload: Option<Payload>) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, refresh, max_age = "2h", role = "admin")]
fn recent_refresh(world: &World, payload: Payload) -> Outcome {
    world.run(payload)
}

#[test]
fn a_token_is_recent_up_to_the_last_second() {
    let world = World::new();
    let token = world.access(&Payload::new(42));
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    for age in [Duration::ZERO, Duration::from_secs(299), Duration::from_millis(300_999)] {
        world.clock.set(start + age);
        world.opened(&recent(&token, &world));
        world.opened(&recent_if_any(&token, &world));
    }
    for age in [301, 3_599] {
        world.clock.set(start + Duration::from_secs(age));
        world.too_old(recent(&token, &world), 300);
        world.too_old(recent_if_any(&token, &world), 300);
    }
    world.opened(&recent_if_any("", &world));
    world.clock.set(start + Duration::from_hours(1));
    let denial = recent(&token, &world).expect_err("the token has expired");
    assert_eq!(denial.to_string(), "the token has expired", "expiry comes before age");
    world.opened(&recent(world.access(&Payload::new(42)), &world));
}

#[test]
fn a_token_without_a_date_is_not_recent() {
    let world = World::new();
    world.opened(&dated_or_not(forged(""), &world));
    world.too_old(recent(forged(""), &world), 300);
    world.opened(&recent(forged(&format!(r#","iat":{START}.9"#)), &world));
}

#[test]
fn a_token_from_the_future_is_no_good() {
    let world = World::new();
    let ahead = |seconds: u64| forged(&format!(r#","iat":{}"#, START.wrapping_add(seconds)));
    world.unauthenticated(recent(ahead(1), &world));
    let world = World::with_leeway(Duration::from_secs(30));
    world.opened(&recent(ahead(30), &world));
    world.unauthenticated(recent(ahead(31), &world));
    world.unauthenticated(recent(ahead(1_000_000_000_000), &world));
    world.unauthenticated(recent(forged(&format!(r#","iat":{}"#, u64::MAX)), &world));
}

#[test]
fn in_a_session_it_is_the_login_that_is_recent() {
    let world = World::new();
    let within = |auth_time: u64| forged(&format!(r#","iat":{START},"sid":"a","auth_time":{auth_time}"#));
    world.opened(&recent(within(START.wrapping_sub(300)), &world));
    world.too_old(recent(within(START.wrapping_sub(301)), &world), 300);
}

#[test]
fn a_refresh_token_meets_policies_too() {
    let world = World::new();
    world.opened(&recent_refresh(world.refresh(&Payload::new(42).with("role", "admin")), &world));
    world.unauthenticated(recent_refresh(world.access(&Payload::new(42).with("role", "admin")), &world));
    let guest = world.refresh(&Payload::new(42).with("role", "guest"));
    world.forbidden(recent_refresh(&guest, &world), r#"role = "admin""#);
    world.clock.advance(Duration::from_secs(7_201));
    world.too_old(recent_refresh(&guest, &world), 7_200);
}

/// A token of user 42 with these claims at its end, signed by the key of the world.
fn forged(claims: &str) -> String {
    let exp = START.wrapping_add(600);
    let claims = format!(r#"{{"user_id":42,"exp":{exp},"type":"access","jti":"0b8d1c8e"{claims}}}"#);
    let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(br#"{"alg":"HS256","typ":"JWT"}"#), encode(claims.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length is good");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", encode(&mac.finalize().into_bytes()))
}
