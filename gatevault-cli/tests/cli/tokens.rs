//! `inspect` without a key: what a token is, and what is unusual about it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::command::Folder;

/// Returns a token of these parts, with a signature of nothing.
pub(crate) fn forged(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.AAAA")
}

const HEADER: &str = r#"{"alg":"ES256","typ":"JWT","kid":"a"}"#;

#[test]
fn a_token_is_read_from_everywhere_with_what_surrounds_it() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "42"]);
    folder.write("token", &format!("\n  {token}\n"));
    for (arguments, input) in [
        (&["inspect", token.as_str()][..], ""),
        (&["inspect"], token.as_str()),
        (&["inspect", "-"], token.as_str()),
        (&["inspect", "--token-file", "-"], token.as_str()),
        (&["inspect", "--token-file", "token"], ""),
        (&["inspect"], &format!("Bearer {token}\n")),
        (&["inspect"], &format!("authorization: bearer   {token}\r\n")),
        (&["inspect", &format!("Authorization: Bearer {token}")], ""),
    ] {
        let output = folder.run_with(&[arguments, &["--json"]].concat(), input);
        assert_eq!((output.code, &output.json()["claims"]["user_id"]), (3, &json!(42)), "{arguments:?}");
    }
    for (arguments, input) in [(&["inspect"][..], ""), (&["inspect"], "Bearer  "), (&["inspect", ""], "")] {
        let refused = folder.run_with(arguments, input);
        assert!(refused.code == 2 && refused.err.contains("no token"), "{refused:?}");
    }
}

#[test]
fn without_a_key_it_says_that_nothing_was_verified() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "42"]);
    let output = folder.run(&["inspect", &token]);
    assert_eq!(output.code, 3);
    for part in ["NOTHING WAS VERIFIED", "Claims, which nothing has verified", "--secret-file"] {
        assert!(output.out.contains(part), "{part}: {}", output.out);
    }
    let report = folder.run(&["inspect", &token, "--json"]).json();
    assert_eq!((&report["verified"], &report["verdict"]), (&json!(false), &Value::Null));
    // Settings of a verification without a key are a mistake, not a verdict.
    let refused = folder.run(&["inspect", &token, "--audience", "billing"]);
    assert!(refused.code == 2 && refused.err.contains("needs a key"), "{refused:?}");
}

#[test]
fn a_token_says_what_it_is() {
    let folder = Folder::new();
    let api_key = format!("gv_{}_{}", "0123456789abcdef".repeat(4), "01234567");
    let encrypted = format!("{}.a.b.c.d", URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A256GCM"}"#));
    let signed = |claims: &str| forged(HEADER, claims);
    for (token, part) in [
        (folder.token(&["--user-id", "1"]), "an access token of gatevault"),
        (folder.token(&["--user-id", "1", "--kind", "refresh"]), "a refresh token of gatevault"),
        (forged(r#"{"alg":"HS256","typ":"purpose+jwt"}"#, "{}"), "a purpose token of gatevault"),
        (forged(r#"{"alg":"RS256","typ":"application/at+jwt"}"#, "{}"), "an access token (RFC 9068)"),
        (forged(r#"{"alg":"RS256","typ":"logout+jwt"}"#, "{}"), "a logout token"),
        (forged(r#"{"alg":"ES256","typ":"dpop+jwt"}"#, "{}"), "a DPoP proof"),
        (signed(r#"{"iss":"a","typ":"Bearer"}"#), "an access token of another issuer"),
        (signed(r#"{"iss":"a","typ":"Refresh"}"#), "a refresh token of another issuer"),
        (signed(r#"{"iss":"a","token_use":"id"}"#), "an ID token"),
        (signed(r#"{"iss":"a","nonce":"b"}"#), "probably an ID token"),
        (signed(r#"{"iss":"a","scp":["b"]}"#), "probably an access token of another issuer"),
        (signed("{}"), "it does not say what it is for"),
        (api_key, "an API key of gatevault"),
        (encrypted, "an encrypted token"),
        ("0123456789abcdef".to_owned(), "an opaque string"),
        ("a.b".to_owned(), "no token: it has 2 segments"),
        ("a.b.c.d.e".to_owned(), "no token: it has 5 segments"),
    ] {
        let report = folder.run(&["inspect", &token, "--json"]).json();
        let description = report["description"].as_str().unwrap();
        assert!(description.contains(part), "{part}: {description}");
    }
}

#[test]
fn everything_unusual_is_found_and_a_usual_token_has_nothing() {
    let folder = Folder::new();
    let claims = r#"{"sub":"a","iss":"b","aud":"c","jti":"d","iat":1796000000,"exp":1796000900}"#;
    let unusual = |token: &str| {
        let report = folder.run(&["inspect", token, "--json"]).json();
        report["unusual"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(unusual(&forged(HEADER, claims)), Vec::<String>::new());
    assert_eq!(unusual(&folder.token(&["--user-id", "42"])), Vec::<String>::new());
    for (header, part) in [
        (r#"{"alg":"none","typ":"JWT","kid":"a"}"#, "`alg` is `none`"),
        (r#"{"alg":"HS257","typ":"JWT","kid":"a"}"#, "\"HS257\""),
        (r#"{"typ":"JWT","kid":"a"}"#, "`alg` is missing"),
        (r#"{"alg":"ES256","typ":"JWT"}"#, "`kid` is missing"),
        (r#"{"alg":"ES256","typ":"JWT","kid":7}"#, "`kid` is not a string"),
        (r#"{"alg":"ES256","kid":"a"}"#, "`typ` is missing"),
        (r#"{"alg":"ES256","typ":"JOSE","kid":"a"}"#, "`typ` is \"jose\""),
        (r#"{"alg":"ES256","typ":"JWT","kid":"a","crit":["x"]}"#, "`crit`"),
        (r#"{"alg":"ES256","typ":"JWT","kid":"a","jku":"https://evil.example"}"#, "`jku`"),
        (r#"{"alg":"ES256","typ":"JWT","kid":"a","kid":"b"}"#, "\"kid\" is there twice"),
        ("[]", "the header is not a JSON object"),
        ("{", "the header is not JSON"),
    ] {
        let found = unusual(&forged(header, claims));
        assert!(found.len() == 1 && found[0].contains(part), "{header}: {found:?}");
    }
    for (from, to, part) in [
        (r#""sub":"a","#, "", "neither `user_id` nor `sub`"),
        (r#""sub":"a","#, r#""sub":"a","user_id":"a","#, "both name a user"),
        (r#""aud":"c","#, "", "`aud` is missing"),
        (r#""aud":"c""#, r#""aud":["c","d"]"#, "names 2 services"),
        (r#""aud":"c""#, r#""aud":[]"#, "an empty list"),
        (r#""aud":"c""#, r#""aud":7"#, "neither a string nor a list"),
        (r#""jti":"d","#, "", "`jti` is missing"),
        (r#""iat":1796000000,"#, "", "`iat` is missing"),
        (r#","exp":1796000900"#, "", "`exp` is missing"),
        ("1796000900", "1799000000", "it lives for 34 days"),
        ("1796000900", "1795000000", "expires before it was issued"),
        ("1796000900", "\"soon\"", "`exp` is not a number"),
        (r#""jti":"d""#, r#""jti":"d","cnf":{"jkt":"e"}"#, "`cnf` binds it"),
        (r#""jti":"d""#, r#""jti":"d","x":{"y":1,"y":2}"#, "\"y\" is there twice"),
        (r#""jti":"d""#, r#""jti":"d","nbf":99999999999"#, "`nbf` is in the future"),
    ] {
        assert!(claims.contains(from));
        let found = unusual(&forged(HEADER, &claims.replace(from, to)));
        assert!(found.len() == 1 && found[0].contains(part), "{to}: {found:?}");
    }
    let milliseconds = claims.replace("1796000000", "1796000000000").replace("1796000900", "1796000900000");
    let found = unusual(&forged(HEADER, &milliseconds)).concat();
    assert!(found.contains("`exp` looks like milliseconds"), "{found}");
}

#[test]
fn times_are_in_rfc_3339_and_relative_to_the_time_of_the_verdict() {
    let folder = Folder::new();
    let token = forged(HEADER, r#"{"exp":1000000000,"iat":999999100,"nbf":"x"}"#);
    let times = |at: &str| {
        let output = folder.run(&["inspect", &token, "--secret-file", "secret", "--at", at, "--json"]);
        output.json()["times"].clone()
    };
    assert_eq!(times("1000000180")["exp"], "2001-09-09T01:46:40Z, expired 3 minutes ago");
    assert_eq!(times("2001-09-09T00:46:40Z")["exp"], "2001-09-09T01:46:40Z, expires in 1 hour");
    assert_eq!(times("1000000000")["iat"], "2001-09-09T01:31:40Z, issued 15 minutes ago");
    assert_eq!(times("1000000000")["nbf"], "not a time");
}
