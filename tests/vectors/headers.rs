//! The header: it never chooses the algorithm, and an unsupported extension is rejected.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, SigningKey, TokenManager};
use gatevault_tests::{Outline, SECRET, timed};

use crate::forge::{Members, encoded, heading, segments, signed, with_header};
use crate::verdicts::{Case, assert_accepted, assert_refused, each, each_good, manager, patient_manager};

const OTHER_ALGORITHMS: [&str; 34] = [
    r#""none""#,
    r#""None""#,
    r#""NONE""#,
    r#""nOnE""#,
    r#"" none""#,
    r#""none\u0000""#,
    r#""""#,
    r#""hs256""#,
    r#""Hs256""#,
    r#""HS256 ""#,
    r#"" HS256""#,
    r#""HS 256""#,
    r#""HS-256""#,
    r#""HS256\u0000""#,
    r#""HS256\n""#,
    r#""\uff28S256""#,
    r#""HS256,none""#,
    r#""HS""#,
    r#""HS1""#,
    r#""HS2560""#,
    r#""HS384""#,
    r#""HS512""#,
    r#""RS256""#,
    r#""PS256""#,
    r#""ES256""#,
    r#""ES256K""#,
    r#""EdDSA""#,
    r#""Ed25519""#,
    r#""dir""#,
    r#""A128KW""#,
    r#""RSA-OAEP""#,
    r#""HMACSHA256""#,
    r#""http://www.w3.org/2001/04/xmldsig-more#hmac-sha256""#,
    r#""sha256""#,
];

const NOT_STRINGS: [&str; 8] =
    ["null", "true", "256", "2.5", "[]", r#"["HS256"]"#, "{}", r#"{"alg":"HS256"}"#];

#[test]
fn the_key_decides_the_algorithm_and_never_the_header() {
    let other = |alg: &str| heading("alg", alg);
    assert_refused(&manager(), each(&OTHER_ALGORITHMS, other, InvalidReason::Algorithm));
    assert_refused(&manager(), each(&NOT_STRINGS, other, Outline::DECODE));
}

#[test]
fn another_algorithm_is_rejected_with_any_signature() {
    let without_signature = |alg: &str| {
        let token = heading("alg", alg);
        let [header, claims, _] = segments(&token);
        format!("{header}.{claims}.")
    };
    let with_a_copied_one =
        |alg: &str| format!("{}{}", without_signature(alg), segments(&heading("x", "1"))[2]);
    assert_refused(&manager(), each(&OTHER_ALGORITHMS, without_signature, InvalidReason::Algorithm));
    assert_refused(&manager(), each(&OTHER_ALGORITHMS, with_a_copied_one, InvalidReason::Algorithm));
    assert_refused(&manager(), each(&[r#""HS256""#], without_signature, InvalidReason::Signature));
}

#[test]
fn a_missing_algorithm_is_not_guessed() {
    let headers =
        ["{}", r#"{"typ":"JWT"}"#, r#"{"Alg":"HS256"}"#, r#"{"ALG":"HS256"}"#, r#"{"alg ":"HS256"}"#];
    assert_refused(&manager(), each(&headers, with_header, InvalidReason::Algorithm));
    let escaped =
        [r#"{"\u0061lg":"\u0048S256"}"#, r#"{"typ":"JWT","alg":"HS256"}"#, r#" {"alg" : "HS256"} "#];
    assert_accepted(&manager(), each_good(&escaped, with_header));
}

#[test]
fn the_type_of_another_kind_of_token_is_rejected() {
    let typed = |typ: &str| heading("typ", typ);
    let ours = [r#""JWT""#, r#""jwt""#, r#""Jwt""#, r#""at+jwt""#, r#""AT+JWT""#, r#""application/at+jwt""#];
    assert_accepted(&manager(), each_good(&ours, typed));
    assert_accepted(&manager(), each_good(&[r#"{"alg":"HS256"}"#], with_header));
    let others = [
        r#""""#,
        r#""JWT ""#,
        r#""JWT\u0000""#,
        r#""JWS""#,
        r#""JWE""#,
        r#""JOSE""#,
        r#""JOSE+JSON""#,
        r#""id_token+jwt""#,
        r#""dpop+jwt""#,
        r#""logout+jwt""#,
        r#""secevent+jwt""#,
        r#""token-introspection+jwt""#,
        r#""oauth-authz-req+jwt""#,
        r#""at+jwt,JWT""#,
        r#""application/""#,
    ];
    assert_refused(&manager(), each(&others, typed, InvalidReason::Type));
    assert_refused(&manager(), each(&NOT_STRINGS, typed, Outline::DECODE));
}

const HOSTILE_IDS: [&str; 12] = [
    r#""""#,
    r#""202""#,
    r#""2026-11 ""#,
    r#""2026-1１""#,
    r#""../../../../dev/null""#,
    r#""/proc/sys/kernel/randomize_va_space""#,
    r#""' OR 1=1 --""#,
    r#""x' UNION SELECT 'secret""#,
    r#""a\r\nSet-Cookie: admin=1""#,
    r#""2026-11\u0000""#,
    r#""\u001b[2J\u001b]0;owned\u0007""#,
    r#""${jndi:ldap://127.0.0.1/a}|$(id)""#,
];

fn with_id() -> TokenManager {
    let key = SigningKey::hs256(SECRET).unwrap().with_id("2026-11").unwrap();
    TokenManager::builder().key(key).clock(timed().1).build().unwrap()
}

#[test]
fn a_key_id_is_only_compared() {
    let named = |kid: &str| heading("kid", kid);
    assert_accepted(&with_id(), each_good(&[r#""2026-11""#, r#""\u0032026-11""#], named));
    assert_refused(&with_id(), each(&HOSTILE_IDS, named, InvalidReason::KeyId));
    assert_refused(&with_id(), each(&NOT_STRINGS, named, Outline::DECODE));
    assert_accepted(&manager(), each_good(&HOSTILE_IDS, named));
    assert_refused(&manager(), each(&NOT_STRINGS, named, Outline::DECODE));
}

#[test]
fn a_key_id_of_twenty_thousand_bytes_is_over_the_limit() {
    let token = heading("kid", &format!("\"{}\"", "k".repeat(20_000)));
    let too_long = InvalidReason::TooLong { bytes: token.len(), limit: 8192 };
    assert_refused(&with_id(), [("long".to_owned(), token.clone(), too_long.into())]);
    assert_accepted(&patient_manager(), [("long".to_owned(), token)]);
}

#[test]
fn an_extension_is_rejected_in_any_form() {
    let crit = [
        "[]",
        r#"["exp"]"#,
        r#"["b64"]"#,
        r#"["alg"]"#,
        r#"["http://example.com/UNDEFINED"]"#,
        r#""b64""#,
        "null",
        "true",
        "{}",
        "0",
        "[[[]]]",
        "[null]",
    ];
    let extension = |name| InvalidReason::Extension(name);
    assert_refused(&manager(), each(&crit, |value| heading("crit", value), extension("crit")));
    assert_refused(&manager(), each(&crit, |value| heading(r"\u0063rit", value), extension("crit")));
    let b64 = ["false", "true", "null", r#""false""#, "0", "[]"];
    assert_refused(&manager(), each(&b64, |value| heading("b64", value), extension("b64")));
    let unsigned = r#"{"alg":"none","crit":["exp"]}"#;
    assert_refused(&manager(), each(&[unsigned], with_header, extension("crit")));
    let twice = r#"{"alg":"HS256","crit":["exp"],"crit":[]}"#;
    assert_refused(&manager(), each(&[twice], with_header, Outline::DECODE));
}

#[test]
fn an_unencoded_payload_is_rejected() {
    let header = encoded(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#);
    let claims = Members::claims().json();
    let bare = signed(&format!("{header}.{claims}"), Algorithm::HS256, SECRET);
    let plain = signed(&format!("{}.{claims}", encoded(r#"{"alg":"HS256"}"#)), Algorithm::HS256, SECRET);
    let cases: [Case; 2] = [
        ("as RFC 7797 has it".to_owned(), bare, InvalidReason::Extension("b64").into()),
        ("unannounced".to_owned(), plain, Outline::DECODE),
    ];
    assert_refused(&manager(), cases);
}
