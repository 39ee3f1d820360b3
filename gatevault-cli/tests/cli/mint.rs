//! `mint`: the claims of new tokens, and where keys come from.

use serde_json::{Value, json};

use crate::command::{Folder, SECRET, run};

fn claims(folder: &Folder, token: &str) -> Value {
    let report = folder.run(&["inspect", token, "--json"]).json();
    report["claims"].clone()
}

#[test]
fn a_token_has_the_claims_that_were_given() {
    let folder = Folder::new();
    let arguments = [
        "--user-id",
        "42",
        "--claim",
        "role=admin",
        "--claim",
        "org_id=7",
        "--claim",
        "scopes=[\"a\",\"b\"]",
        "--claim",
        "nothing=null",
        "--issuer",
        "https://id.example",
        "--audience",
        "billing",
        "--expires-in",
        "90s",
    ];
    let claims = claims(&folder, &folder.token(&arguments));
    assert_eq!(claims["user_id"], 42);
    assert_eq!((&claims["role"], &claims["org_id"]), (&json!("admin"), &json!(7)));
    assert_eq!(claims["scopes"], json!(["a", "b"]));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://id.example"), &json!("billing")));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 90);
    assert_eq!(claims["type"], "access");
}

#[test]
fn a_user_is_an_integer_only_if_it_is_written_as_one() {
    let folder = Folder::new();
    for (id, expected) in [
        ("42", json!(42)),
        ("-7", json!(-7)),
        ("18446744073709551615", json!(u64::MAX)),
        ("007", json!("007")),
        ("+7", json!("+7")),
        ("18446744073709551616", json!("18446744073709551616")),
        ("ada", json!("ada")),
    ] {
        assert_eq!(claims(&folder, &folder.token(&["--user-id", id]))["user_id"], expected, "{id}");
    }
    assert_eq!(claims(&folder, &folder.token(&["--sub", "42"]))["sub"], "42");
}

#[test]
fn each_kind_has_its_lifetime() {
    let folder = Folder::new();
    for (arguments, kind, seconds) in [
        (&["--user-id", "1"][..], "access", 15 * 60),
        (&["--user-id", "1", "--kind", "refresh"], "refresh", 7 * 86_400),
        (&["--user-id", "1", "--kind", "refresh", "--expires-in", "30d"], "refresh", 30 * 86_400),
        (&["--user-id", "1", "--expires-in", "2days"], "access", 2 * 86_400),
    ] {
        let claims = claims(&folder, &folder.token(arguments));
        let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!((claims["type"].as_str(), lifetime), (Some(kind), seconds), "{arguments:?}");
    }
    let long = folder.run(&["mint", "--secret-file", "secret", "--user-id", "1", "--expires-in", "2days"]);
    assert!(long.err.contains("max_lifetime"), "{long:?}");
}

#[test]
fn a_token_of_rfc_9068_has_its_type() {
    let folder = Folder::new();
    let arguments = ["--sub", "ada", "--at-jwt", "--issuer", "https://id.example", "--audience", "billing"];
    let token = folder.token(&arguments);
    let verified = folder.run(&[
        "inspect",
        &token,
        "--secret-file",
        "secret",
        "--at-jwt",
        "--issuer-name",
        "https://id.example",
        "--audience",
        "billing",
        "--json",
    ]);
    let report = verified.json();
    assert_eq!((verified.code, &report["header"]["typ"]), (0, &json!("at+jwt")), "{report}");
    let refused = folder.run(&["mint", "--secret-file", "secret", "--sub", "ada", "--at-jwt"]);
    assert!(refused.code == 2 && refused.err.contains("issuer"), "{refused:?}");
}

#[test]
fn a_secret_comes_from_a_file_the_environment_or_standard_input() {
    let folder = Folder::new();
    let mut command = folder.command(&["mint", "--user-id", "1", "--secret-env", "THE_SECRET"]);
    command.env("THE_SECRET", SECRET);
    let from_environment = run(command, "");
    let from_stdin =
        folder.run_with(&["mint", "--user-id", "1", "--secret-file", "-"], &format!("{SECRET}\r\n"));
    for output in [from_environment, from_stdin] {
        let token = output.out.trim();
        assert_eq!(folder.run(&["inspect", token, "--secret-file", "secret"]).code, 0, "{output:?}");
    }
    folder.ok(&["keygen", "ES256", "--out", "key"]);
    let mut command = folder.command(&["mint", "--user-id", "1", "--key-env", "THE_KEY"]);
    command.env("THE_KEY", folder.read("key").replace('\n', "\\n"));
    let token = run(command, "").out;
    assert_eq!(folder.run(&["inspect", token.trim(), "--key", "key"]).code, 0);
}

#[test]
fn a_token_that_cannot_be_created_is_refused_with_the_reason() {
    let folder = Folder::new();
    folder.write("empty", "\n");
    for (arguments, part) in [
        (&["--user-id", "1"][..], "no key to sign with"),
        (&["--user-id", "1", "--secret-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE"),
        (&["--user-id", "1", "--secret-file", "empty"], "the secret is empty"),
        (&["--user-id", "1", "--secret-file", "missing"], "missing"),
        (&["--user-id", "1", "--secret-file", "secret", "--claim", "exp=1"], "`exp`"),
        (&["--user-id", "1", "--secret-file", "secret", "--claim", "a"], "name=value"),
        (&["--user-id", "1", "--secret-file", "secret", "--alg", "ES256"], "--key"),
        (&["--user-id", "1", "--secret-file", "secret", "--expires-in", "soon"], "15m"),
        (&["--user-id", "1", "--secret-file", "secret", "--expires-in", "0s"], "access_expiry"),
        (&["--user-id", "1", "--secret-file", "secret", "--secret-env", "A"], "cannot be used with"),
        (&["--secret-file", "secret"], "--user-id"),
    ] {
        let refused = folder.run(&[&["mint"], arguments].concat());
        assert!(refused.code == 2 && refused.out.is_empty(), "{arguments:?}: {refused:?}");
        assert!(refused.err.contains(part), "{arguments:?}: {refused:?}");
    }
}

#[test]
fn a_short_secret_is_a_note_and_a_key_as_a_secret_is_refused() {
    let folder = Folder::new();
    folder.write("short", "short");
    let output = folder.run(&["mint", "--user-id", "1", "--secret-file", "short"]);
    assert!(output.code == 0 && output.err.contains("the secret has 5 bytes"), "{output:?}");
    folder.ok(&["keygen", "ES256", "--out", "key"]);
    let refused = folder.run(&["mint", "--user-id", "1", "--secret-file", "key"]);
    assert!(refused.code == 2 && refused.err.contains("use `--key`"), "{refused:?}");
}

#[test]
fn an_id_may_begin_with_a_hyphen_as_one_of_64_thumbprints_does() {
    let folder = Folder::new();
    folder.ok(&["keygen", "ES256", "--format", "jwk", "--kid", "-a", "--out", "key"]);
    let token = folder.ok(&["mint", "--key", "key", "--kid", "-b", "--sub", "-c"]);
    let inspected = folder.run(&["inspect", &token, "--json"]).json();
    assert_eq!(
        (&inspected["header"]["kid"], &inspected["claims"]["sub"]),
        (&"-b".into(), &"-c".into()),
        "{inspected}"
    );
    let token = folder.ok(&["mint", "--key", "key", "--user-id", "-7"]);
    let inspected = folder.run(&["inspect", &token, "--json"]).json();
    assert_eq!(
        (&inspected["header"]["kid"], &inspected["claims"]["user_id"]),
        (&"-a".into(), &(-7).into()),
        "{inspected}"
    );
}
