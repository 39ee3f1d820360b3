//! `inspect` with a key: the verdict of the library, and what to change.

use serde_json::{Value, json};

use crate::command::{Folder, Output};
use crate::tokens::forged;

fn inspect(folder: &Folder, token: &str, arguments: &[&str]) -> Output {
    folder.run(&[&["inspect", token, "--secret-file", "secret"], arguments].concat())
}

fn verdict(folder: &Folder, token: &str, arguments: &[&str]) -> (i32, Value) {
    let output = inspect(folder, token, &[arguments, &["--json"]].concat());
    (output.code, output.json()["verdict"].clone())
}

#[test]
fn a_valid_token_is_valid_and_names_its_user() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "42"]);
    let (code, verdict) = verdict(&folder, &token, &[]);
    assert_eq!((code, &verdict["valid"], &verdict["kind"]), (0, &json!(true), &json!("access")));
    assert_eq!((&verdict["user_id"], &verdict["signature"]), (&json!(42), &json!("genuine")));
    let output = inspect(&folder, &token, &[]);
    assert!(output.out.contains("VALID: the access token of the user 42"), "{output:?}");
    assert!(!output.out.contains("NOT") && !output.out.contains("verified"), "{output:?}");
}

#[test]
fn each_refusal_has_the_reason_of_the_library_and_what_to_change() {
    let folder = Folder::new();
    folder.write("other", &"another secret of this test".repeat(2));
    let token = folder.token(&["--user-id", "42", "--expires-in", "5m"]);
    let for_billing =
        folder.token(&["--user-id", "42", "--audience", "billing", "--issuer", "https://id.example"]);
    let long = folder.token(&["--user-id", "42", "--expires-in", "2days"]);
    let refresh = folder.token(&["--user-id", "42", "--kind", "refresh"]);
    let other = folder.ok(&["mint", "--secret-file", "other", "--user-id", "42"]);
    let hs512 = folder.token(&["--user-id", "42", "--alg", "HS512"]);
    let unsigned = forged(r#"{"alg":"none"}"#, "{}");
    let purpose = forged(r#"{"alg":"HS256","typ":"purpose+jwt"}"#, "{}");
    for (token, arguments, signature, reason, advice) in [
        (&token, &["--at", "2099-01-01T00:00:00Z"][..], "genuine", None, "refresh token"),
        (&token, &["--at", "2001-01-01T00:00:00Z"], "genuine", Some("in the future"), "--clock-skew"),
        (&other, &[], "wrong", Some("the signature does not match"), "neither decoded"),
        (&hs512, &[], "not checked", Some("`alg`"), "--alg HS512"),
        (&unsigned, &[], "not checked", Some("`alg`"), "\"none\""),
        (&purpose, &[], "not checked", Some("purpose token"), "decode_purpose_token"),
        (&for_billing, &[], "genuine", Some("billing"), "--audience"),
        (
            &for_billing,
            &["--audience", "billing", "--issuer-name", "https://id.example/"],
            "genuine",
            Some("https://id.example"),
            "a slash at the end",
        ),
        (&token, &["--audience", "billing"], "genuine", Some("no `aud` claim"), "leave out `--audience`"),
        (&long, &[], "genuine", Some("max_lifetime"), "--max-lifetime"),
        (&refresh, &["--kind", "access"], "genuine", Some("wrong kind"), "send the access token"),
        (&token, &["--kind", "refresh"], "genuine", Some("wrong kind"), "send the refresh token"),
        (&token, &["--subject-claim", "account"], "genuine", Some("`account` is missing"), "--subject-claim"),
        (
            &token,
            &["--at-jwt", "--audience", "a", "--issuer-name", "b"],
            "genuine",
            Some("`typ`"),
            "leave out `--at-jwt`",
        ),
    ] {
        let (code, verdict) = verdict(&folder, token, arguments);
        assert_eq!((code, &verdict["valid"]), (1, &json!(false)), "{arguments:?}");
        assert!(
            verdict["reason"].as_str().unwrap_or_default().contains(reason.unwrap_or_default()),
            "{verdict}"
        );
        assert_eq!(reason.is_none(), verdict["reason"].is_null(), "{verdict}");
        let sentences: Vec<_> =
            verdict["advice"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(sentences.concat().contains(advice), "{advice}: {verdict}");
        if !matches!(reason, Some("`typ`")) {
            assert_eq!(verdict["signature"], signature, "{verdict}");
        }
        let shown = inspect(&folder, token, arguments).out;
        assert!(shown.contains("NOT VALID: ") && !shown.contains("NOTHING WAS VERIFIED"), "{shown}");
    }
}

#[test]
fn the_settings_of_a_service_accept_what_it_would_accept() {
    let folder = Folder::new();
    let accepts = |token: &str, arguments: &[&str]| verdict(&folder, token, arguments).0 == 0;
    let for_billing =
        folder.token(&["--sub", "ada", "--audience", "billing", "--issuer", "https://id.example"]);
    assert!(accepts(&for_billing, &["--audience", "billing", "--issuer-name", "https://id.example"]));
    assert!(accepts(
        &folder.token(&["--user-id", "1", "--expires-in", "2days"]),
        &["--max-lifetime", "3days"]
    ));
    assert!(accepts(&folder.token(&["--user-id", "1", "--kind", "refresh"]), &["--kind", "refresh"]));
    assert!(accepts(&folder.token(&["--user-id", "1", "--alg", "HS384"]), &["--alg", "HS384"]));
    let report = folder.run(&["inspect", &for_billing, "--json"]).json();
    let expired = (report["claims"]["exp"].as_u64().unwrap() + 60).to_string();
    let settings = ["--audience", "billing", "--at", &expired];
    assert!(!accepts(&for_billing, &settings));
    assert!(accepts(&for_billing, &[&settings[..], &["--leeway", "2m"]].concat()));
}

#[test]
fn a_changed_token_is_not_valid() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "42"]);
    let (head, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for changed in [
        format!("{head}.{flipped}{}", &signature[1..]),
        format!("{head}."),
        format!("{head}.{signature}="),
        head.to_owned(),
        format!("{token}.{signature}"),
        token.replacen("eyJ", "eyK", 1),
    ] {
        assert_eq!(inspect(&folder, &changed, &[]).code, 1, "{changed}");
    }
}

#[test]
fn another_form_than_a_signed_jwt_is_not_valid() {
    let folder = Folder::new();
    let api_key = format!("gv_{}_{}", "0123456789abcdef".repeat(4), "01234567");
    for (token, reason, advice) in [
        (api_key.as_str(), "opaque", "`KeyExchange`"),
        ("0123456789abcdef", "opaque", "[]"),
        ("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.a.b.c.d", "encrypted", "[]"),
        ("a.b", "got 2", "copy the whole token"),
    ] {
        let (code, verdict) = verdict(&folder, token, &[]);
        assert_eq!((code, &verdict["signature"]), (1, &json!("not checked")), "{verdict}");
        assert!(verdict["reason"].as_str().unwrap().contains(reason), "{verdict}");
        assert!(verdict["advice"].to_string().contains(advice), "{verdict}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_no_verdict() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "42"]);
    for (arguments, part) in [
        (&["--audience", "a", "--audience", "b"][..], "`--audience` once"),
        (&["--profile", "other"], "--issuer-name"),
        (&["--profile", "other", "--issuer-name", "a"], "--audience"),
        (
            &["--profile", "other", "--issuer-name", "a", "--audience", "b", "--kind", "refresh"],
            "leave out `--kind`",
        ),
        (&["--at", "now"], "2026-11-30T12:00:00Z"),
        (&["--leeway", "forever"], "15m"),
        (&["--leeway", "2days"], "leeway"),
        (&["--key", "secret"], "cannot be used with"),
        (&["--issuer", "https://id.example"], "cannot be used with"),
        (&["--subject-claim", "exp"], "subject_claim"),
    ] {
        let refused = inspect(&folder, &token, arguments);
        assert!(refused.code == 2 && refused.out.is_empty(), "{arguments:?}: {refused:?}");
        assert!(refused.err.contains(part), "{arguments:?}: {refused:?}");
    }
    let both = folder.run(&["inspect", "--secret-file", "-"]);
    assert!(both.code == 2 && both.err.contains("standard input is either"), "{both:?}");
}

#[test]
fn an_rsa_key_in_pem_verifies_every_algorithm_of_its_kind() {
    let folder = Folder::new();
    let public = folder.ok(&["keygen", "RS256", "--out", "key", "--public"]);
    folder.write("public", &public);
    for algorithm in ["RS256", "RS512", "PS256", "PS384"] {
        let token = folder.ok(&["mint", "--key", "key", "--alg", algorithm, "--user-id", "1"]);
        assert_eq!(folder.run(&["inspect", &token, "--key", "public"]).code, 0, "{algorithm}");
        let other = folder.run(&["inspect", &token, "--key", "public", "--alg", "RS384", "--json"]);
        assert_eq!(other.code, 1);
        assert!(other.json()["verdict"]["advice"].to_string().contains(&format!("--alg {algorithm}")));
    }
}

#[test]
fn a_public_key_as_a_secret_is_named_as_an_attack() {
    let folder = Folder::new();
    folder.write("public", &folder.ok(&["keygen", "ES256", "--out", "key", "--public"]));
    let token = folder.token(&["--user-id", "1"]);
    let output = folder.run(&["inspect", &token, "--key", "public"]);
    assert!(output.code == 1 && output.out.contains("is an attack"), "{output:?}");
}
