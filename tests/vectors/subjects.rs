//! The subject: an integer or a string, in one claim, and never another user.

use gatevault::{Payload, UserId};

use crate::forge::{Members, claiming, lacking, with_claims};
use crate::verdicts::{assert_refused, builder, each, manager, missing, mistyped};
use gatevault_tests::Outline;

const NOT_SUBJECTS: [&str; 18] = [
    "null",
    "true",
    "false",
    "[]",
    "[42]",
    "{}",
    r#"{"id":42}"#,
    r#""""#,
    "42.0",
    "42.5",
    "4.2e1",
    "42e0",
    "-0",
    "-0.0",
    "18446744073709551616",
    "-9223372036854775809",
    "1e300",
    "340282366920938463463374607431768211455",
];

#[test]
fn a_subject_is_an_integer_or_a_string_that_is_not_empty() {
    assert_refused(&manager(), each(&NOT_SUBJECTS, |id| claiming("user_id", id), mistyped("user_id")));
    assert_refused(&manager(), [("missing".to_owned(), lacking("user_id"), missing("user_id"))]);
    let good: [(&str, UserId); 9] = [
        ("0", 0.into()),
        ("42", 42.into()),
        ("-42", (-42).into()),
        ("18446744073709551615", u64::MAX.into()),
        ("9223372036854775808", 9_223_372_036_854_775_808_u64.into()),
        ("-9223372036854775808", i64::MIN.into()),
        (r#""42""#, "42".into()),
        (r#""\u0034\u0032""#, "42".into()),
        (r#"" ""#, " ".into()),
    ];
    for (id, expected) in good {
        let verified = manager().decode_token::<Payload>(&claiming("user_id", id)).unwrap();
        assert_eq!(verified.user_id(), &expected, "{id}");
    }
}

#[test]
fn a_duplicate_subject_is_rejected() {
    let twice = [
        r#""user_id":42"#,
        r#""user_id":1"#,
        r#""user\u005fid":1"#,
        r#""\u0075\u0073\u0065\u0072\u005f\u0069\u0064":1"#,
        r#""user_id":null"#,
    ];
    let token = |member: &str| {
        let claims = Members::claims().json();
        with_claims(format!("{{{member},{}", &claims[1..]))
    };
    assert_refused(&manager(), each(&twice[..4], token, Outline::DECODE));
    assert!(manager().decode_token::<Payload>(&token(twice[4])).is_err());
}

#[test]
fn the_manager_chooses_the_name_of_the_subject_claim() {
    let tokens = builder().subject_claim("sub").build().unwrap();
    let sub = |claims: Members| with_claims(claims.json());
    let only = sub(Members::claims().without("user_id").with("sub", r#""ada""#));
    assert_eq!(tokens.decode_token::<Payload>(&only).unwrap().user_id(), &"ada".into());
    let misnamed = ["User_id", "user_id ", "userid", "sub", "uid"];
    let named = |name: &str| sub(Members::claims().without("user_id").with(name, "42"));
    assert_refused(&manager(), each(&misnamed, named, missing("user_id")));
    assert_refused(&tokens, each(&["user_id", "Sub", "subject"], named, missing("sub")));
}

#[test]
fn the_subject_is_never_shadowed_by_a_claim_called_user_id() {
    let tokens = builder().subject_claim("sub").build().unwrap();
    let both = with_claims(Members::claims().with("user_id", "1").with("sub", "42").json());
    let payload = tokens.decode_token::<Payload>(&both).unwrap().into_claims();
    assert_eq!(payload.user_id(), &42.into());
    assert_eq!(payload["user_id"], 42);
    assert_eq!(payload.get::<u64>("user_id"), Some(42));
    assert_eq!(Payload::new(42).with("user_id", 1)["user_id"], 42);
}
