//! `type`, `jti` and `sid`: the kind of a token, its id and its session.

use gatevault::error::InvalidReason;
use gatevault::{Payload, TokenKind};

use crate::forge::{claiming, lacking};
use crate::verdicts::{assert_accepted, assert_refused, each, each_good, manager, missing, mistyped};
use gatevault_tests::Outline;

#[test]
fn a_token_of_one_kind_is_not_accepted_as_the_other() {
    let (access, refresh) = (claiming("type", r#""access""#), claiming("type", r#""refresh""#));
    let tokens = manager();
    let kind = |expected| Outline::from(InvalidReason::Kind { expected });
    assert_eq!(tokens.decode_access_token::<Payload>(&access).unwrap().kind(), TokenKind::Access);
    assert_eq!(tokens.decode_refresh_token::<Payload>(&refresh).unwrap().kind(), TokenKind::Refresh);
    assert_eq!(kind("access"), tokens.decode_access_token::<Payload>(&refresh).unwrap_err());
    assert_eq!(kind("refresh"), tokens.decode_refresh_token::<Payload>(&access).unwrap_err());
    assert_eq!(tokens.decode_token::<Payload>(&access).unwrap().kind(), TokenKind::Access);
    assert_eq!(tokens.decode_token::<Payload>(&refresh).unwrap().kind(), TokenKind::Refresh);
}

#[test]
fn an_unknown_kind_is_rejected_by_every_decoder() {
    let odd = [
        r#""Access""#,
        r#""ACCESS""#,
        r#""access ""#,
        r#""access\u0000""#,
        r#""""#,
        r#""id""#,
        r#""bearer""#,
        r#""access,refresh""#,
        r#"["access"]"#,
        r#"["access","refresh"]"#,
        r#"{"access":true}"#,
        "null",
        "true",
        "0",
    ];
    let cases = || {
        let mut cases = each(&odd, |kind| claiming("type", kind), mistyped("type"));
        cases.push(("missing".to_owned(), lacking("type"), missing("type")));
        cases
    };
    assert_refused(&manager(), cases());
    for (name, token, expected) in cases() {
        assert_eq!(expected, manager().decode_token::<Payload>(&token).unwrap_err(), "{name}");
        assert_eq!(expected, manager().decode_refresh_token::<Payload>(&token).unwrap_err(), "{name}");
    }
}

const NOT_STRINGS: [&str; 6] = ["null", "true", "42", "[]", r#"["8a6e3f0c"]"#, "{}"];

#[test]
fn a_token_must_have_an_id() {
    assert_refused(&manager(), [("missing".to_owned(), lacking("jti"), missing("jti"))]);
    assert_refused(&manager(), each(&NOT_STRINGS, |jti| claiming("jti", jti), mistyped("jti")));
    assert_refused(&manager(), each(&[r#""""#], |jti| claiming("jti", jti), mistyped("jti")));
}

#[test]
fn a_session_is_a_string_or_absent() {
    assert_refused(&manager(), each(&NOT_STRINGS, |sid| claiming("sid", sid), mistyped("sid")));
    assert_refused(&manager(), each(&[r#""""#], |sid| claiming("sid", sid), mistyped("sid")));
    assert_accepted(&manager(), each_good(&[r#""s1""#], |sid| claiming("sid", sid)));
    let token = claiming("sid", r#""s\u0031""#);
    assert_eq!(manager().decode_token::<Payload>(&token).unwrap().session_id(), Some("s1"));
}
