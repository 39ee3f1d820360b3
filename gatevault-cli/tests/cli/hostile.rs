//! Tokens, keys and snapshots of an attacker, who wants the terminal, the verdict, or the memory.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::command::{Folder, Output, run};
use crate::tokens::forged;

/// What must never reach a terminal: controls, line separators, bidirectional controls, and characters that do not show.
/// A line break is the command's own, so what follows it in a hostile text is searched at the beginnings of lines.
pub(crate) const HOSTILE: [char; 33] = [
    '\u{0}',
    '\u{7}',
    '\u{8}',
    '\t',
    '\u{b}',
    '\u{c}',
    '\r',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{ad}',
    '\u{61c}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{3164}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{e0041}',
    '\u{e0100}',
    '\n',
];

/// The line that an attacker wants to show.
const FORGED: &str = "error: forged";

/// The forged line and the sequence that erases a line, as they are shown as text and as JSON.
const ESCAPED: [&str; 2] = ["error: forged\\u{1b}[2K", "error: forged\\u001b[2K"];

/// Returns a text with the character, the forged line behind it, and the sequence that erases a line.
pub(crate) fn hostile(character: impl std::fmt::Display) -> String {
    format!("a{character}{FORGED}\u{1b}[2K")
}

/// Returns a text with all characters that an argument and the name of a file may have.
pub(crate) fn all_hostile() -> String {
    hostile(HOSTILE.iter().filter(|character| **character != '\0').collect::<String>())
}

/// Runs the command with colors, so that escape sequences are not removed on the way.
pub(crate) fn colored(folder: &Folder, arguments: &[&str], input: &str) -> Output {
    let mut command = folder.command(arguments);
    command.env("CLICOLOR_FORCE", "1");
    run(command, input)
}

/// Removes the colors of the command itself.
fn without_colors(text: &str) -> String {
    let mut plain = text.to_owned();
    for code in ["0", "1", "4", "31", "32", "33", "36", "1;31"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    plain
}

pub(crate) fn assert_harmless(output: &Output) {
    for text in [&output.out, &output.err] {
        let plain = without_colors(text);
        let is_hostile = |character| character != '\n' && HOSTILE.contains(&character);
        assert!(!plain.contains(is_hostile), "{}", plain.escape_debug());
        assert!(!plain.lines().any(|line| line.trim_start().starts_with(FORGED)), "{plain}");
    }
}

/// Asserts also that the hostile text is shown, escaped.
pub(crate) fn assert_escaped(output: &Output, context: &[&str]) {
    assert_harmless(output);
    let shown = |text: &str| ESCAPED.iter().any(|escaped| text.contains(escaped));
    assert!(shown(&output.out) || shown(&output.err), "{context:?}: {output:?}");
}

#[test]
fn no_hostile_character_of_a_token_reaches_the_terminal() {
    let folder = Folder::new();
    for character in HOSTILE {
        let raw = hostile(character);
        let text = serde_json::to_string(&raw).unwrap();
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
                assert_harmless(&colored(&folder, &[&["inspect"], key].concat(), &token));
            }
        }
    }
}

#[test]
fn no_hostile_character_of_a_genuine_token_reaches_the_terminal() {
    let folder = Folder::new();
    let hostile = all_hostile();
    let claim = format!("{hostile}={hostile}");
    let token =
        folder.token(&["--sub", &hostile, "--claim", &claim, "--kid", &hostile, "--issuer", &hostile]);
    for arguments in [
        &["--secret-file", "secret"][..],
        &["--secret-file", "secret", "--json"],
        &["--secret-file", "secret", "--issuer-name", "a"],
        &["--secret-file", "secret", "--audience", "a"],
        &["--secret-file", "secret", "--audience", &hostile],
        &["--secret-file", "secret", "--subject-claim", &hostile],
        &["--secret-file", "secret", "--user-pool", &hostile],
    ] {
        let output = colored(&folder, &[&["inspect", &token], arguments].concat(), "");
        assert_harmless(&output);
        assert!(output.out.contains("202e") || output.err.contains("202e"), "{output:?}");
    }
}

#[test]
fn no_hostile_character_of_a_file_or_an_argument_reaches_the_terminal() {
    let folder = Folder::new();
    let hostile = all_hostile();
    let quoted = serde_json::to_string(&hostile).unwrap();
    folder.write("jwk", &format!(r#"{{"kty":{quoted},"kid":{quoted}}}"#));
    let public = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
    folder.write("named", &format!(r#"{public},"kid":{quoted}}}"#));
    folder.write("text", &hostile);
    for arguments in [
        &["jwks", "jwk"][..],
        &["jwks", "text"],
        &["jwks", "named"],
        &["jwks", "named", "named"],
        &["jwks", &hostile],
        &["keygen", "EdDSA", "--format", "jwk", "--kid", &hostile],
        &["keygen", "HS256", "--kid", &hostile],
        &["keygen", "EdDSA", "--kid", &hostile, "--out", "new", "--public"],
        &["guards", "show", "text"],
        &["guards", "show", &hostile],
        &["guards", "compare", &hostile, &hostile],
        &["verify", &hostile],
        &["verify", "--hash-file", "text"],
        &["inspect", &hostile],
        &["inspect", "a.b.c", "--key", "named"],
        &["inspect", "a.b.c", "--issuer", &hostile],
        &["inspect", "a.b.c", "--issuer", &format!("https://{hostile}.example/{hostile}")],
        &["mint", "--secret-file", "secret", "--user-id", "1", "--issuer", &hostile, "--at-jwt"],
        &["mint", "--secret-file", "secret", "--user-id", "1", "--claim", &format!("exp={hostile}")],
    ] {
        let _ = std::fs::remove_file(folder.path("new"));
        assert_harmless(&colored(&folder, arguments, ""));
        let _ = std::fs::remove_file(folder.path("new"));
        assert_harmless(&colored(&folder, &[&["--json"], arguments].concat(), ""));
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
