//! `acr` and `amr`: how the user authenticated. A value of another type is never read as none.

use gatevault::Payload;
use gatevault::claims::Serde;
use serde_json::{Map, Value, json};

use crate::forge::{Members, claiming, with_claims};
use crate::verdicts::{assert_refused, each, manager, mistyped};
use gatevault_tests::Outline;

#[test]
fn a_token_says_how_its_user_authenticated() {
    let claims = Members::claims().with("acr", r#""phr""#).with("amr", r#"["pwd","otp","mfa"]"#);
    // The second is read by the strict pass.
    for claims in [claims.clone(), claims.clone().with("x", "1.5").with("acr", r#""\u0070hr""#)] {
        let verified = manager().decode_access_token::<Payload>(&with_claims(claims.json())).unwrap();
        assert_eq!(verified.acr(), Some("phr"));
        assert_eq!(verified.amr().collect::<Vec<_>>(), ["pwd", "otp", "mfa"]);
    }
}

#[test]
fn one_of_the_two_claims_or_none_is_enough() {
    let read =
        |claims: Members| manager().decode_access_token::<Payload>(&with_claims(claims.json())).unwrap();
    let none = read(Members::claims());
    assert_eq!((none.acr(), none.amr().count()), (None, 0));
    let class = read(Members::claims().with("acr", r#""""#));
    assert_eq!((class.acr(), class.amr().count()), (Some(""), 0));
    let methods = read(Members::claims().with("amr", r#"["hwk"]"#));
    assert_eq!((methods.acr(), methods.amr().collect::<Vec<_>>()), (None, vec!["hwk"]));
    let empty = read(Members::claims().with("amr", "[]"));
    assert_eq!((empty.acr(), empty.amr().count()), (None, 0));
}

/// Some issuers write a list of one method as a string. Spaces separate nothing in it.
#[test]
fn a_string_is_one_method() {
    for (amr, method) in
        [(r#""otp""#, "otp"), (r#""o\u0074p""#, "otp"), (r#""pwd otp""#, "pwd otp"), (r#""""#, "")]
    {
        // The second is read by the strict pass.
        for claims in [Members::claims(), Members::claims().with("x", "1.5")] {
            let token = with_claims(claims.with("amr", amr).json());
            let verified = manager().decode_access_token::<Payload>(&token).unwrap();
            assert_eq!(verified.amr().collect::<Vec<_>>(), [method]);
            assert_eq!(verified["amr"], method);
        }
    }
}

#[test]
fn a_mistyped_claim_about_the_authentication_refuses_the_token() {
    let classes = ["null", "1", "1.5", "true", "[]", r#"["phr"]"#, "{}", r#"{"acr":"phr"}"#];
    assert_refused(&manager(), each(&classes, |acr| claiming("acr", acr), mistyped("acr")));
    let methods = [
        "null",
        "1",
        "true",
        "{}",
        "1.5",
        "[1]",
        "[null]",
        r#"["otp",null]"#,
        r#"["otp",2]"#,
        r#"[["otp"]]"#,
        r#"[{"otp":true}]"#,
        r#"{"0":"otp"}"#,
    ];
    assert_refused(&manager(), each(&methods, |amr| claiming("amr", amr), mistyped("amr")));
}

#[test]
fn a_claim_about_the_authentication_occurs_once() {
    for (name, again) in [("acr", r"\u0061cr"), ("amr", r"am\u0072"), ("acr", "acr"), ("amr", "amr")] {
        let value = if name == "acr" { r#""phr""# } else { r#"["otp"]"# };
        let mut claims = Members::claims().with(name, value);
        claims.0.push((again.to_owned(), value.to_owned()));
        let verdict = manager().decode_access_token::<Payload>(&with_claims(claims.json()));
        assert_eq!(Outline::DECODE, verdict.unwrap_err(), "{again}");
    }
}

#[test]
fn a_payload_reads_what_an_issuer_says_and_keeps_it_out_of_new_tokens() {
    let tokens = crate::verdicts::builder().issuer("us").audience("billing").build().unwrap();
    let claims = Members::claims()
        .with("iss", r#""us""#)
        .with("aud", r#"["billing","account"]"#)
        .with("acr", r#""phr""#)
        .with("amr", r#"["otp"]"#)
        .with("role", r#""clerk""#);
    let payload = tokens.decode_access_token::<Payload>(&with_claims(claims.json())).unwrap().into_claims();
    assert_eq!(payload["iss"], "us");
    assert_eq!(payload["aud"], json!(["billing", "account"]));
    assert_eq!(payload["acr"], "phr");
    assert_eq!(payload.get::<Vec<String>>("amr"), Some(vec!["otp".to_owned()]));
    assert!(["exp", "jti", "type", "nbf"].iter().all(|name| payload[*name].is_null()));

    assert_eq!(payload, Payload::new(42).with("role", "clerk"));
    assert_eq!(payload.iter().collect::<Vec<_>>(), [("role", &json!("clerk"))]);
    assert_eq!(serde_json::to_value(&payload).unwrap(), json!({ "user_id": 42, "role": "clerk" }));
    let again = tokens.create_access_token(&payload).unwrap();
    let again = tokens.decode_access_token::<Payload>(&again).unwrap();
    assert_eq!((again.acr(), &again["acr"], &again["aud"]), (None, &Value::Null, &json!("billing")));
}

#[test]
fn serde_sees_how_the_user_authenticated() {
    let claims = Members::claims().with("acr", r#""phr""#).with("amr", r#"["pwd","\u006ftp"]"#);
    let token = with_claims(claims.json());
    let all = manager().decode_access_token::<Serde<Map<String, Value>>>(&token).unwrap();
    assert_eq!((&all["acr"], &all["amr"]), (&json!("phr"), &json!(["pwd", "otp"])));
    assert_eq!(all.amr().collect::<Vec<_>>(), ["pwd", "otp"]);
}
