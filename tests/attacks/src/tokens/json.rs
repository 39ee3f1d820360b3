//! JSON in the header and in the claims.

use gatevault::Algorithm;
use gatevault_tests::Outline;

use crate::attack::{Attacks, Category};
use crate::forge::{Members, with_claims};

const MALFORMED: Category = Category {
    name: "JSON that a lax parser accepts, other encodings, deep nesting",
    source: "RFC 8259 section 8, RFC 7493, CVE-2025-52999",
};
const REPEATED: Category =
    Category { name: "a member twice, in any spelling", source: "RFC 7515 section 4, RFC 7519 section 4" };

/// Adds the same mistake in the header and in the claims, of two algorithms.
fn both(attacks: &mut Attacks, category: Category, name: &str, spoil: impl Fn(&Members) -> Vec<u8>) {
    for key in [Algorithm::HS256, Algorithm::ES256] {
        let header = attacks.with_header(key, spoil(&Members::header(key)));
        attacks.add(category, format!("{key}, header, {name}"), header, Outline::DECODE);
        let claims = with_claims(key, spoil(&attacks.claims()));
        attacks.add(category, format!("{key}, claims, {name}"), claims, Outline::DECODE);
    }
}

const MEMBERS: [&str; 30] = [
    r#""x":NaN"#,
    r#""x":Infinity"#,
    r#""x":undefined"#,
    r#""x":True"#,
    r#""x":01"#,
    r#""x":+1"#,
    r#""x":.5"#,
    r#""x":1."#,
    r#""x":0x10"#,
    r#""x":1e400"#,
    r#""x":'y'"#,
    "x:1",
    r#""x":1,"#,
    r#","x":1"#,
    r#""x" 1"#,
    r#""x":"#,
    r#""x":[1,]"#,
    r#""x":{"y":1,}"#,
    r#""x":[1}"#,
    r#""x":1/*c*/"#,
    r#""x":"\x41""#,
    r#""x":"\u12""#,
    "\"x\":\"a\nb\"",
    "\"x\":\"a\0b\"",
    r#""x":"\ud800""#,
    r#""x":"\udc00\ud800""#,
    r#""\udfff":1"#,
    r#""x":["\ud800x"]"#,
    r#""x":{"y":1,"y":1}"#,
    r#""x":[{"y":1,"\u0079":2}]"#,
];

pub(super) fn malformed(attacks: &mut Attacks) {
    for member in MEMBERS {
        both(attacks, MALFORMED, member, |members| members.json_with(member).into());
    }
    for (name, json) in [
        ("nothing", ""),
        ("null", "null"),
        ("a number", "42"),
        ("a list", "[]"),
        ("a string", "\"\""),
        ("half", "{"),
    ] {
        both(attacks, MALFORMED, name, |_| json.into());
    }
    both(attacks, MALFORMED, "in a list", |members| format!("[{}]", members.json()).into());
    both(attacks, MALFORMED, "twice", |members| members.json().repeat(2).into());
    both(attacks, MALFORMED, "text behind", |members| format!("{}x", members.json()).into());
    both(attacks, MALFORMED, "NUL behind", |members| format!("{}\0", members.json()).into());
    both(attacks, MALFORMED, "a byte order mark before", |members| {
        format!("\u{feff}{}", members.json()).into()
    });
    both(attacks, MALFORMED, "a prefix against scripts", |members| {
        format!(")]}}',\n{}", members.json()).into()
    });
    both(attacks, MALFORMED, "UTF-16", |members| {
        members.json().encode_utf16().flat_map(u16::to_le_bytes).collect()
    });
    for (name, bytes) in [
        ("0xff", &b"\xff"[..]),
        ("an overlong slash", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("half", b"\xc3"),
    ] {
        both(attacks, MALFORMED, &format!("invalid UTF-8, {name}"), |members| {
            let json = members.json();
            [&json.as_bytes()[..json.len() - 1], b",\"x\":\"", bytes, b"\"}"].concat()
        });
    }
    for (name, open, close) in [("lists", "[", "]"), ("objects", r#"{"y":"#, "}")] {
        both(attacks, MALFORMED, &format!("900 nested {name}"), |members| {
            members.json_with(&format!(r#""x":{}1{}"#, open.repeat(900), close.repeat(900))).into()
        });
    }
}

pub(super) fn repeated(attacks: &mut Attacks) {
    for (name, spelled) in
        [("exp", "exp"), ("exp", r"\u0065xp"), ("user_id", "user_id"), ("type", "typ\\u0065")]
    {
        for value in ["1", "9999999999", r#""admin""#] {
            let claims = attacks.claims().json_with(&format!(r#""{spelled}":{value}"#));
            let token = with_claims(Algorithm::HS256, claims);
            attacks.add(REPEATED, format!("claims, {name} as {spelled}: {value}"), token, Outline::DECODE);
        }
    }
    for (spelled, value) in [("alg", "none"), (r"\u0061lg", "none"), ("kid", "RS256"), ("typ", "JWT")] {
        let header = Members::header(Algorithm::HS256).json_with(&format!(r#""{spelled}":"{value}""#));
        let token = attacks.with_header(Algorithm::HS256, header);
        attacks.add(REPEATED, format!("header, {spelled}: {value}"), token, Outline::DECODE);
    }
    for member in [r#""x":1,"x":1"#, r#""x":1,"\u0078":2"#, r#""":1,"":2"#, r#""x":null,"x":null"#] {
        both(attacks, REPEATED, member, |members| members.json_with(member).into());
    }
}
