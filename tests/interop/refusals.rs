//! Tokens that are bad: both sides refuse them, in the same category, save where we are meant to differ.
//!
//! The cases are in `refusals/*.txt`, one a line: `verdict | what | text`, and where Python's verdict is not
//! ours, `Python's > ours | what | text | reason`. A difference without a reason does not load.

use serde_json::json;

use crate::peer::ask_text;
use crate::report;
use crate::tokens::SECRET;
use crate::verdict::{Verdict, here, there};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const CLAIMS: &str =
    r#""user_id":42,"exp":$now+900,"type":"access","jti":"0b8d1c8e-54b6-4a0a-9a1a-5d1c1b0b3f11""#;

struct Case<'c> {
    what: &'c str,
    text: &'c str,
    python: Verdict,
    ours: Verdict,
}

fn cases(table: &str) -> impl Iterator<Item = Case<'_>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split(" |").map(str::trim);
        let mut next = || columns.next().unwrap_or_else(|| panic!("too few columns: {line}"));
        let (verdicts, what, text) = (next(), next(), next());
        let (python, ours) = verdicts.split_once(" > ").unwrap_or((verdicts, verdicts));
        let reason = columns.next();
        assert_eq!(reason.is_some(), python != ours, "a difference needs a reason, agreement none: {line}");
        Case { what, text, python: Verdict::named(python.trim()), ours: Verdict::named(ours) }
    })
}

/// Has both sides judge the token that `make` makes of every text of the table.
fn judge(about: &str, table: &str, make: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    for case in cases(table) {
        let token = make(case.text);
        let (python, ours) = (there(&token), here(&token));
        if (python, ours) != (case.python, case.ours) {
            wrong.push(format!(
                "{}: {python:?} > {ours:?}, not {:?} > {:?}",
                case.what, case.python, case.ours
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    report(about, cases(table).count());
}

/// A token of these bytes with a signature that holds.
fn signed(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let question =
        json!({"secret": SECRET, "header": hex(header.as_ref()), "payload": hex(payload.as_ref())});
    ask_text("forge", question, "token")
}

fn good_token() -> String {
    signed(HEADER, with_times(&format!("{{{CLAIMS}}}")))
}

/// The text with every `$now+1` and `$now-1` turned into seconds since the epoch.
fn with_times(text: &str) -> String {
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
fn a_text_that_is_no_token_is_refused() {
    let (good, other) = (good_token(), signed(HEADER, "{}"));
    let segments: Vec<_> = good.split('.').collect();
    judge("texts that are no token", include_str!("refusals/texts.txt"), |text| {
        let text: String = serde_json::from_str(text).unwrap();
        let text = text.replace("$header", segments[0]).replace("$payload", segments[1]);
        text.replace("$signature", segments[2]).replace("$other", other.split('.').next_back().unwrap())
    });
}

#[test]
fn a_token_with_another_header_is_refused() {
    let claims = with_times(&format!("{{{CLAIMS}}}"));
    judge("headers", include_str!("refusals/headers.txt"), |header| signed(header, &claims));
}

#[test]
fn a_token_with_another_claim_is_refused() {
    judge("claims", include_str!("refusals/claims.txt"), |change| {
        let (name, value) = change.split_once(':').unwrap();
        let others = CLAIMS.split(',').filter(|member| !member.starts_with(&format!("\"{name}\"")));
        let changed = Some(format!("\"{name}\":{value}")).filter(|_| !value.is_empty());
        let members: Vec<_> = others.map(str::to_owned).chain(changed).collect();
        signed(HEADER, with_times(&format!("{{{}}}", members.join(","))))
    });
}

#[test]
fn a_token_with_another_payload_is_refused() {
    judge("payloads", include_str!("refusals/payloads.txt"), |payload| {
        let payload = payload
            .replace("$claims", CLAIMS)
            .replace("$bom", "\u{feff}")
            .replace("$long", &"x".repeat(10_000));
        signed(HEADER, with_times(&payload.replace("$deep", &("[".repeat(200) + &"]".repeat(200)))))
    });
}

#[test]
fn a_token_in_another_encoding_is_refused() {
    let utf16: Vec<u8> =
        with_times(&format!("{{{CLAIMS}}}")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let token = signed(HEADER, utf16);
    assert_eq!(
        (there(&token), here(&token)),
        (Verdict::Accepted, Verdict::Malformed),
        "RFC 8259 section 8.1"
    );
    for token in [signed(HEADER, b"{\"user_id\":\"\xff\"}"), signed(b"{\"alg\":\"HS256\xff\"}", "{}")] {
        assert_eq!((there(&token), here(&token)), (Verdict::Malformed, Verdict::Malformed));
    }
    report("other encodings", 3);
}

/// Every character of a token, changed to another of the alphabet.
#[test]
fn a_token_with_one_character_changed_is_refused() {
    let good = good_token();
    let header_end = good.find('.').unwrap();
    for position in (0..good.len()).filter(|position| good.as_bytes()[*position] != b'.') {
        let other = if good.as_bytes()[position] == b'A' { "B" } else { "A" };
        let mut changed = good.clone();
        changed.replace_range(position..=position, other);
        let (python, ours) = (there(&changed), here(&changed));
        assert!(python != Verdict::Accepted && ours != Verdict::Accepted, "{position}: {python:?}, {ours:?}");
        // Behind the header nothing is read before the signature holds, so nothing else can be what is wrong.
        assert!(position < header_end || ours == Verdict::Invalid, "{position}: {ours:?}");
    }
    report("one character changed", good.len() - 2);
}
