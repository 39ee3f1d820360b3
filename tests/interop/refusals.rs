//! Invalid tokens: both sides reject them with the same category of error, except for intended differences.
//!
//! The cases are in `refusals/*.txt`, one per line: `verdict | name | input`, and if the verdicts differ,
//! `Python's > Rust's | name | input | reason`. A difference without a reason fails the test.

use gatevault_tests::hex;
use serde_json::json;

use crate::peer::ask_string;
use crate::report;
use crate::tokens::SECRET;
use crate::verdict::{Verdict, python_verdict, rust_verdict};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const CLAIMS: &str =
    r#""user_id":42,"exp":$now+900,"type":"access","jti":"0b8d1c8e-54b6-4a0a-9a1a-5d1c1b0b3f11""#;

/// One line of a table.
struct Case<'c> {
    name: &'c str,
    input: &'c str,
    python: Verdict,
    rust: Verdict,
}

/// Parses the cases of a table.
fn cases(table: &str) -> impl Iterator<Item = Case<'_>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split(" |").map(str::trim);
        let mut next = || columns.next().unwrap_or_else(|| panic!("too few columns: {line}"));
        let (verdicts, name, input) = (next(), next(), next());
        let (python, rust) = verdicts.split_once(" > ").unwrap_or((verdicts, verdicts));
        let reason = columns.next();
        assert_eq!(
            reason.is_some(),
            python != rust,
            "only a difference has a reason, and it needs one: {line}"
        );
        Case { name, input, python: Verdict::named(python.trim()), rust: Verdict::named(rust) }
    })
}

/// Compares both sides' verdicts on the token that `create` makes from each input of the table.
fn compare_verdicts(about: &str, table: &str, create: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    for case in cases(table) {
        let token = create(case.input);
        let (python, rust) = (python_verdict(&token), rust_verdict(&token));
        if (python, rust) != (case.python, case.rust) {
            wrong.push(format!(
                "{}: {python:?} > {rust:?}, not {:?} > {:?}",
                case.name, case.python, case.rust
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    report(about, cases(table).count());
}

/// Creates a token of these bytes with a valid signature.
fn signed(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let request = json!({"secret": SECRET, "header": hex(header), "payload": hex(payload)});
    ask_string("forge", request, "token")
}

/// Creates a valid token.
fn valid_token() -> String {
    signed(HEADER, with_times(&format!("{{{CLAIMS}}}")))
}

/// Replaces every `$now+1` and `$now-1` with seconds since the epoch.
pub(crate) fn with_times(text: &str) -> String {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let mut parts = text.split("$now");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let end = part[1..].find(|c: char| !c.is_ascii_digit()).map_or(part.len(), |end| end + 1);
        let seconds = now.saturating_add_signed(part[..end].parse().unwrap());
        format!("{done}{seconds}{}", &part[end..])
    })
}

#[test]
fn a_malformed_token_is_rejected() {
    let (valid, other) = (valid_token(), signed(HEADER, "{}"));
    let segments: Vec<_> = valid.split('.').collect();
    compare_verdicts("malformed tokens", include_str!("refusals/segments.txt"), |input| {
        let input: String = serde_json::from_str(input).unwrap();
        let token = input.replace("$header", segments[0]).replace("$payload", segments[1]);
        token.replace("$signature", segments[2]).replace("$other", other.split('.').next_back().unwrap())
    });
}

#[test]
fn a_token_with_another_header_is_rejected() {
    let claims = with_times(&format!("{{{CLAIMS}}}"));
    compare_verdicts("headers", include_str!("refusals/headers.txt"), |header| signed(header, &claims));
}

#[test]
fn a_token_with_another_claim_is_rejected() {
    compare_verdicts("claims", include_str!("refusals/claims.txt"), |change| {
        let (name, value) = change.split_once(':').unwrap();
        let others = CLAIMS.split(',').filter(|member| !member.starts_with(&format!("\"{name}\"")));
        let changed = Some(format!("\"{name}\":{value}")).filter(|_| !value.is_empty());
        let members: Vec<_> = others.map(str::to_owned).chain(changed).collect();
        signed(HEADER, with_times(&format!("{{{}}}", members.join(","))))
    });
}

#[test]
fn a_token_with_another_payload_is_rejected() {
    compare_verdicts("payloads", include_str!("refusals/payloads.txt"), |payload| {
        let payload = payload
            .replace("$claims", CLAIMS)
            .replace("$bom", "\u{feff}")
            .replace("$long", &"x".repeat(10_000));
        signed(HEADER, with_times(&payload.replace("$deep", &("[".repeat(200) + &"]".repeat(200)))))
    });
}

#[test]
fn a_token_in_another_encoding_is_rejected() {
    let utf16: Vec<u8> =
        with_times(&format!("{{{CLAIMS}}}")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let token = signed(HEADER, utf16);
    assert_eq!(
        (python_verdict(&token), rust_verdict(&token)),
        (Verdict::Accepted, Verdict::Malformed),
        "RFC 8259 section 8.1"
    );
    for token in [signed(HEADER, b"{\"user_id\":\"\xff\"}"), signed(b"{\"alg\":\"HS256\xff\"}", "{}")] {
        assert_eq!((python_verdict(&token), rust_verdict(&token)), (Verdict::Malformed, Verdict::Malformed));
    }
    report("other encodings", 3);
}

/// Changes each character of a token to another one of the alphabet.
#[test]
fn a_token_with_one_character_changed_is_rejected() {
    let valid = valid_token();
    let header_end = valid.find('.').unwrap();
    for position in (0..valid.len()).filter(|position| valid.as_bytes()[*position] != b'.') {
        let other = if valid.as_bytes()[position] == b'A' { "B" } else { "A" };
        let mut changed = valid.clone();
        changed.replace_range(position..=position, other);
        let (python, rust) = (python_verdict(&changed), rust_verdict(&changed));
        assert!(python != Verdict::Accepted && rust != Verdict::Accepted, "{position}: {python:?}, {rust:?}");
        // Nothing after the header is read before the signature is verified, so no other error is possible there.
        assert!(position < header_end || rust == Verdict::Invalid, "{position}: {rust:?}");
    }
    report("one character changed", valid.len() - 2);
}
