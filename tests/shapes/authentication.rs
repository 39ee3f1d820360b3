//! `acr` and `amr`: how the caller must have authenticated, and the challenge that asks for it.
#![expect(clippy::unused_async, reason = "the signatures are what the tests are about")]

use gatevault::{Payload, protected};
use gatevault_tests::START;

use crate::fixture::{Fixture, Outcome, forged};

#[protected(gate = fixture.tokens, acr = "phr")]
fn with_class(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

#[protected(gate = fixture.tokens, amr = "otp", role = "admin")]
fn with_method(fixture: &Fixture, payload: Payload) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, acr = "urn:mace:incommon:iap:silver", amr = "hwk", max_age = "5m")]
async fn with_all(fixture: &Fixture, payload: Payload) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, acr = "phr", optional)]
fn with_class_if_any(fixture: &Fixture, payload: Option<Payload>) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, refresh, amr = "otp")]
fn refreshed_with_method(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

const ANOTHER: &str = r#"Bearer error="insufficient_user_authentication""#;

#[test]
fn the_class_is_compared_whole() {
    let fixture = Fixture::new();
    fixture.opened(&with_class(forged(r#","acr":"phr""#), &fixture));
    fixture.opened(&with_class(forged(r#","acr":"\u0070hr""#), &fixture));
    for other in [
        "",
        r#","acr":"""#,
        r#","acr":"phrh""#,
        r#","acr":"ph""#,
        r#","acr":"PHR""#,
        r#","acr":"phr ""#,
        r#","acr":"pwd phr""#,
        r#","amr":["phr"]"#,
        r#","ACR":"phr""#,
    ] {
        let challenge = format!(r#"{ANOTHER}, acr_values="phr""#);
        fixture.steps_up(with_class(forged(other), &fixture), r#"acr = "phr""#, &challenge);
    }
}

#[test]
fn the_method_must_be_among_those_used() {
    let fixture = Fixture::new();
    for good in [r#"["otp"]"#, r#"["pwd","otp","mfa"]"#, r#"["pwd","o\u0074p"]"#, r#""otp""#] {
        let token = forged(&format!(r#","role":"admin","amr":{good}"#));
        fixture.opened(&with_method(token, &fixture));
    }
    for other in [
        "[]",
        r#""""#,
        r#""pwd otp""#,
        r#""otp,pwd""#,
        r#""notp""#,
        r#"["pwd"]"#,
        r#"["OTP"]"#,
        r#"["pwd otp"]"#,
        r#"["otp "]"#,
        r#"["notp"]"#,
    ] {
        let token = forged(&format!(r#","role":"guest","amr":{other}"#));
        fixture.steps_up(with_method(token, &fixture), r#"amr = "otp""#, ANOTHER);
    }
    fixture.steps_up(with_method(forged(r#","acr":"otp""#), &fixture), r#"amr = "otp""#, ANOTHER);
    let guest = forged(r#","role":"guest","amr":["otp"]"#);
    fixture.forbidden(with_method(guest, &fixture), r#"role = "admin""#);
}

#[test]
fn the_challenge_names_what_is_lacking() {
    let fixture = Fixture::new();
    let call = |claims: &str| pollster::block_on(with_all(forged(claims), &fixture));
    let (class, methods) = (r#","acr":"urn:mace:incommon:iap:silver""#, r#","amr":["hwk"]"#);
    let new = format!(r#","iat":{START}"#);
    let old = format!(r#","iat":{START},"sid":"a","auth_time":{}"#, START.wrapping_sub(301));
    let (class_value, age) = (r#", acr_values="urn:mace:incommon:iap:silver""#, r#", max_age="300""#);
    let (age_reason, class_reason, method_reason) =
        ("the token was issued too long ago", r#"acr = "urn:mace:incommon:iap:silver""#, r#"amr = "hwk""#);

    fixture.opened(&call(&format!("{class}{methods}{new}")));
    fixture.steps_up(call(&format!("{class}{methods}{old}")), age_reason, &format!("{ANOTHER}{age}"));
    fixture.steps_up(call(&format!("{methods}{new}")), class_reason, &format!("{ANOTHER}{class_value}"));
    fixture.steps_up(call(&format!("{class}{new}")), method_reason, ANOTHER);
    let all = format!("{age_reason}, {class_reason}, {method_reason}");
    fixture.steps_up(call(&old), &all, &format!("{ANOTHER}{class_value}{age}"));
}

#[test]
fn a_mistyped_claim_is_a_refused_token_and_not_another_authentication() {
    let fixture = Fixture::new();
    for mistyped in [r#","acr":["phr"]"#, r#","acr":null"#, r#","acr":"phr","amr":null"#, r#","amr":[1]"#] {
        fixture.unauthenticated(with_class(forged(mistyped), &fixture));
        let denial = with_class(forged(mistyped), &fixture).expect_err("the token is refused");
        assert_eq!(denial.challenge().as_deref(), Some(r#"Bearer error="invalid_token""#));
    }
}

#[test]
fn with_optional_only_a_token_is_asked_how_its_user_authenticated() {
    let fixture = Fixture::new();
    fixture.opened(&with_class_if_any("", &fixture));
    fixture.opened(&with_class_if_any(forged(r#","acr":"phr""#), &fixture));
    let challenge = format!(r#"{ANOTHER}, acr_values="phr""#);
    fixture.steps_up(with_class_if_any(forged(""), &fixture), r#"acr = "phr""#, &challenge);
}

#[test]
fn a_refresh_token_is_asked_too() {
    let fixture = Fixture::new();
    let token = fixture.refresh(&Payload::new(42));
    fixture.steps_up(refreshed_with_method(token, &fixture), r#"amr = "otp""#, ANOTHER);
}
