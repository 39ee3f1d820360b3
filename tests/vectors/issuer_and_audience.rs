//! `iss` and `aud`: the issuer and the audience of a token.

use gatevault::TokenManager;

use crate::forge::{Members, claiming, with_claims};
use crate::verdicts::{assert_accepted, assert_refused, builder, each, each_good, manager, mistyped};
use gatevault_tests::Outline;

const NOT_STRINGS: [&str; 6] = ["null", "true", "42", "4.2", "{}", r#"{"https://id.example":true}"#];

fn from_issuer() -> TokenManager {
    builder().issuer("https://id.example").build().unwrap()
}

fn for_audience() -> TokenManager {
    builder().audience("billing").build().unwrap()
}

#[test]
fn the_issuer_is_compared_completely() {
    let issued_by = |issuer: &str| claiming("iss", issuer);
    let ours = [r#""https://id.example""#, r#""https:\/\/id.exampl\u0065""#];
    assert_accepted(&from_issuer(), each_good(&ours, issued_by));
    let others = [
        r#""""#,
        r#""https://id.exampl""#,
        r#""https://id.example/""#,
        r#""https://id.example.org""#,
        r#""https://ID.example""#,
        r#""http://id.example""#,
        r#"" https://id.example""#,
        r#""https://id.example\u0000""#,
        r#""https://id.example,https://other.example""#,
    ];
    assert_refused(&from_issuer(), each(&others, issued_by, Outline::ISSUER));
    let without_issuer = |_: &str| with_claims(Members::claims().json());
    assert_refused(&from_issuer(), each(&["missing"], without_issuer, Outline::ISSUER));
}

#[test]
fn an_issuer_that_is_not_a_string_is_rejected() {
    let issued_by = |issuer: &str| claiming("iss", issuer);
    let lists = ["[]", r#"["https://id.example"]"#, r#"["https://id.example","https://other.example"]"#];
    for manager in [from_issuer(), manager()] {
        assert_refused(&manager, each(&NOT_STRINGS, issued_by, mistyped("iss")));
        assert_refused(&manager, each(&lists, issued_by, mistyped("iss")));
    }
    assert_accepted(&manager(), each_good(&[r#""any issuer""#, r#""""#], issued_by));
}

#[test]
fn the_audience_must_include_us() {
    let meant_for = |audience: &str| claiming("aud", audience);
    let us = [
        r#""billing""#,
        r#"["billing"]"#,
        r#"["shipping","billing"]"#,
        r#"["billing","billing"]"#,
        r#""b\u0069lling""#,
    ];
    assert_accepted(&for_audience(), each_good(&us, meant_for));
    let others = [
        r#""""#,
        r#""bill""#,
        r#""billings""#,
        r#""Billing""#,
        r#""billing ""#,
        r#""shipping billing""#,
        r#""shipping,billing""#,
        r#""*""#,
        r#""billing\u0000""#,
        "[]",
        r#"[""]"#,
        r#"["shipping"]"#,
        r#"["bill","ing"]"#,
    ];
    assert_refused(&for_audience(), each(&others, meant_for, Outline::AUDIENCE));
    let without_audience = |_: &str| with_claims(Members::claims().json());
    assert_refused(&for_audience(), each(&["missing"], without_audience, Outline::AUDIENCE));
}

#[test]
fn a_token_with_an_audience_is_rejected_if_none_is_configured() {
    let meant_for = |audience: &str| claiming("aud", audience);
    let any_audience = [r#""billing""#, r#""""#, "[]", r#"["billing"]"#, r#"["billing","shipping"]"#];
    assert_refused(&manager(), each(&any_audience, meant_for, Outline::AUDIENCE));
}

#[test]
fn an_audience_of_another_type_is_rejected() {
    let meant_for = |audience: &str| claiming("aud", audience);
    let odd = [
        "null",
        "true",
        "42",
        "{}",
        r#"{"billing":true}"#,
        r#"{"0":"billing"}"#,
        r#"["billing",null]"#,
        r#"["billing",42]"#,
        r#"[42,"billing"]"#,
        r#"[["billing"]]"#,
        r#"["billing",["shipping"]]"#,
        r#"["billing",{}]"#,
    ];
    for manager in [for_audience(), manager()] {
        assert_refused(&manager, each(&odd, meant_for, mistyped("aud")));
    }
}
