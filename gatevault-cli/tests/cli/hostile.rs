//! Tokens, keys and snapshots of an attacker, who wants the terminal, the verdict, or the memory.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::command::{Folder, Output, run};
use crate::tokens::forged;

/// What must never reach a terminal: controls, bidirectional overrides, and characters that do not show.
const HOSTILE: [char; 14] = [
    '\u{1b}',
    '\u{9b}',
    '\u{7}',
    '\u{8}',
    '\r',
    '\u{0}',
    '\u{7f}',
    '\u{202e}',
    '\u{2066}',
    '\u{200b}',
    '\u{feff}',
    '\u{2028}',
    '\u{e0041}',
    '\u{ad}',
];

/// Runs the command with colours, so that escape sequences are not removed on the way.
fn coloured(folder: &Folder, arguments: &[&str], input: &str) -> Output {
    let mut command = folder.command(arguments);
    command.env("CLICOLOR_FORCE", "1");
    run(command, input)
}

/// Removes the colours of the command itself.
fn without_colours(text: &str) -> String {
    let mut plain = text.to_owned();
    for code in ["0", "1", "4", "31", "32", "33", "36", "1;31"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    plain
}

fn assert_harmless(output: &Output) {
    for text in [&output.out, &output.err] {
        let plain = without_colours(text);
        assert!(!plain.contains(HOSTILE), "{}", plain.escape_debug());
    }
}

#[test]
fn no_hostile_character_of_a_token_reaches_the_terminal() {
    let folder = Folder::new();
    for character in HOSTILE {
        let text = serde_json::to_string(&format!("a{character}[2Jb")).unwrap();
        let raw = format!("{character}[31m");
        let tokens = [
            forged(&format!(r#"{{"alg":{text},"typ":{text},"kid":{text},{text}:1,{text}:2}}"#), "{}"),
            forged(
                r#"{"alg":"HS256"}"#,
                &format!(r#"{{"sub":{text},{text}:{text},"aud":{text},"iss":{text},"exp":{text}}}"#),
            ),
            format!("{raw}.{raw}.{raw}"),
            format!("a{raw}"),
        ];
        for token in tokens {
            for key in
                [&[][..], &["--secret-file", "secret"], &["--json"], &["--json", "--secret-file", "secret"]]
            {
                assert_harmless(&coloured(&folder, &[&["inspect"], key].concat(), &token));
            }
        }
    }
}

#[test]
fn no_hostile_character_of_a_genuine_token_reaches_the_terminal() {
    let folder = Folder::new();
    let hostile: String = HOSTILE.iter().filter(|character| **character != '\0').collect();
    let claim = format!("{hostile}={hostile}");
    let token =
        folder.token(&["--sub", &hostile, "--claim", &claim, "--kid", &hostile, "--issuer", &hostile]);
    for arguments in [
        &["--secret-file", "secret"][..],
        &["--secret-file", "secret", "--json"],
        &["--secret-file", "secret", "--issuer-name", "a"],
        &["--secret-file", "secret", "--audience", "a"],
        &["--secret-file", "secret", "--subject-claim", &hostile],
    ] {
        let output = coloured(&folder, &[&["inspect", &token], arguments].concat(), "");
        assert_harmless(&output);
        assert!(output.out.contains("202e") || output.err.contains("202e"), "{output:?}");
    }
}

#[test]
fn no_hostile_character_of_a_file_or_an_argument_reaches_the_terminal() {
    let folder = Folder::new();
    let hostile: String = HOSTILE.iter().filter(|character| **character != '\0').collect();
    let quoted = serde_json::to_string(&hostile).unwrap();
    folder.write("jwk", &format!(r#"{{"kty":{quoted},"kid":{quoted}}}"#));
    let public = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
    folder.write("named", &format!(r#"{public},"kid":{quoted}}}"#));
    folder.write("guards", &format!(r#"[{{"name":{quoted},{quoted}:1}}]"#));
    for arguments in [
        &["jwks", "jwk"][..],
        &["jwks", "named"],
        &["jwks", "named", "named"],
        &["jwks", &hostile],
        &["keygen", "EdDSA", "--format", "jwk", "--kid", &hostile],
        &["guards", "show", "guards"],
        &["guards", "show", &hostile],
        &["verify", &hostile],
        &["inspect", "a.b.c", "--key", "named"],
    ] {
        assert_harmless(&coloured(&folder, arguments, ""));
    }
}

/// A token that begins with a hyphen is taken for an option.
#[test]
fn no_hostile_character_of_a_wrong_argument_reaches_the_terminal() {
    let folder = Folder::new();
    for character in HOSTILE.iter().filter(|character| **character != '\0') {
        let hostile = format!("--{character}[31m\n{character}");
        for arguments in [
            &["inspect", &hostile][..],
            &[&hostile],
            &["keygen", &hostile[2..]],
            &["mint", "--user-id", "1", "--claim", &hostile[2..]],
            &["inspect", "a", "--at", &hostile[2..]],
        ] {
            let output = coloured(&folder, arguments, "");
            assert_eq!(output.code, 2, "{arguments:?}");
            assert_harmless(&output);
        }
    }
}

#[test]
fn a_deep_huge_or_broken_token_is_explained_in_bounded_output() {
    let folder = Folder::new();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(2_000_000));
    let many = format!("{{{}\"end\":1}}", "\"a\":1,".repeat(100_000));
    for (token, part) in [
        (forged(r#"{"alg":"HS256"}"#, &many), "and 99801 more"),
        (forged(r#"{"alg":"HS256"}"#, &deep), "the claims segment is not JSON: recursion limit"),
        (forged(r#"{"alg":"HS256"}"#, &huge), "guards refuse more than 8192"),
        (format!("{}.e30.", URL_SAFE_NO_PAD.encode([0xff, 0xfe])), "not text in UTF-8"),
        ("eyJhbGciOiJIUzI1NiIgfQ==.e30.AAAA".to_owned(), "it has padding"),
        ("+/+/.e30.AAAA".to_owned(), "base64 with `+` and `/`"),
        ("eyJhbGciOiJI\nUzI1NiJ9.e30.AAAA".to_owned(), "white space"),
        (".e30.AAAA".to_owned(), "the header is empty"),
        (".".repeat(100_000), "100001 segments"),
        ("e30".repeat(10), "an opaque string"),
    ] {
        for key in [&[][..], &["--secret-file", "secret"]] {
            let output = folder.run_with(&[&["inspect"], key].concat(), &token);
            assert_eq!(output.code, if key.is_empty() { 3 } else { 1 }, "{part}");
            assert!(output.out.contains(part), "{part}: {}", output.out);
            assert!(output.out.len() < 10_000, "{part}: {} bytes", output.out.len());
        }
    }
    let too_long = folder.run_with(&["inspect"], &"x".repeat(9 << 20));
    assert!(too_long.code == 2 && too_long.err.contains("more than 8 MiB"), "{too_long:?}");
}

#[test]
fn no_secret_is_in_any_output() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "1"]);
    folder.ok(&["keygen", "RS256", "--format", "jwk", "--out", "key"]);
    let jwk: serde_json::Value = serde_json::from_str(&folder.read("key")).unwrap();
    let secrets = ["d", "p", "q", "dp", "dq", "qi"].map(|name| jwk[name].as_str().unwrap().to_owned());
    for arguments in [
        &["inspect", &token, "--secret-file", "secret"][..],
        &["inspect", &token, "--secret-file", "secret", "--json"],
        &["inspect", &token, "--key", "key", "--json"],
        &["inspect", &token, "--key", "secret"],
        &["jwks", "key"],
        &["jwks", "secret"],
        &["mint", "--user-id", "1", "--key", "secret"],
    ] {
        let output = folder.run(arguments);
        let all = format!("{}{}", output.out, output.err);
        assert!(!all.contains(crate::command::SECRET), "{arguments:?}: {all}");
        assert!(!secrets.iter().any(|secret| all.contains(secret)), "{arguments:?}: {all}");
    }
}
