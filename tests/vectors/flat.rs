//! The fast claims parser against `serde_json`: it returns the same values and accepts nothing more.
//!
//! It does not support spaces, so claims with a space after the first brace are read by `serde_json` alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use gatevault::token::TokenText;
use gatevault::{Claims, TokenManager, UserId};
use gatevault_tests::START;
use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prop_assert_eq;
use proptest::sample::{Index, select};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::differential::{cases, runner};
use crate::forge::with_claims;
use crate::verdicts::manager;

/// Values that the fast parser supports for some types, values that it leaves to `serde_json`, and malformed ones.
const VALUES: &[&str] = &[
    "0",
    "7",
    "-0",
    "-1",
    "00",
    "07",
    "127",
    "128",
    "255",
    "256",
    "65536",
    "4294967296",
    "9223372036854775808",
    "1234567890123456789",
    "9999999999999999999",
    "18446744073709551615",
    "18446744073709551616",
    "1.0",
    "1.5",
    "1e3",
    "1E3",
    "1e",
    "1.",
    ".5",
    "+1",
    "1x",
    "true",
    "false",
    "tru",
    "trueX",
    "null",
    "nul",
    "nullX",
    r#""""#,
    r#""a""#,
    r#""é""#,
    r#""Admin""#,
    r#""Guest""#,
    r#""plain text of more than eight bytes""#,
    r#""a\"b""#,
    r#""\u0041""#,
    r#""\ud800""#,
    "\"a\tb\"",
    "\"a\0b\"",
    "\"\u{7f}\"",
    r#""open"#,
    "[]",
    "[1]",
    "[1,2]",
    "[1,]",
    "[,1]",
    "[1 ,2]",
    "[1",
    "[1}",
    "[1]]",
    "[[]]",
    "[[1],[2]]",
    r#"["a","b"]"#,
    r#"["a",1,null,true]"#,
    "[null]",
    "{}",
    r#"{"a":1}"#,
    r#"{"Admin":null}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"a":"x","b":[1]}"#,
    "",
    " 1",
    "1 ",
];

/// Bytes with a meaning in JSON, and some without.
const BYTES: &[u8] = b"{}[]\",:\\ 0189-+.eEtfnu/\x00\x1f\x7f\t\naz";

#[derive(Debug, Claims)]
struct Probe<T> {
    user_id: UserId,
    x: T,
    y: Option<T>,
}

#[derive(Debug, Claims)]
struct Borrowed<'t> {
    user_id: u64,
    x: &'t str,
    y: Option<Cow<'t, str>>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Role {
    Admin,
    Guest,
}

#[derive(Debug, Serialize, Deserialize)]
struct Wrapped(u16);

#[derive(Debug, Serialize, Deserialize)]
struct Nested {
    a: u8,
    b: Option<Vec<u8>>,
}

/// A change of one byte of the claims.
#[derive(Debug, Clone)]
struct Slip {
    place: Index,
    byte: u8,
    removes: bool,
    inserts: bool,
}

fn slip() -> impl Strategy<Value = Slip> {
    let byte = select(BYTES.to_vec());
    (any::<Index>(), byte, any::<bool>(), any::<bool>()).prop_map(|(place, byte, removes, inserts)| Slip {
        place,
        byte,
        removes,
        inserts,
    })
}

fn claims() -> impl Strategy<Value = Vec<u8>> {
    let names = select(vec![
        "x",
        "y",
        "z",
        "exp",
        "aud",
        "sid",
        "acr",
        "amr",
        "user_id",
        "a long name of many bytes",
    ]);
    let members = vec((names, select(VALUES.to_vec())), 0..4);
    let subject = select(vec!["42", "\"ada\"", "-7"]);
    (subject, select(VALUES.to_vec()), members, vec(slip(), 0..3), any::<bool>()).prop_map(
        |(subject, x, members, slips, is_damaged)| {
            let mut json = format!(
                r#"{{"user_id":{subject},"exp":{},"iat":{START},"type":"access","jti":"an id","x":{x}"#,
                START + 60
            );
            json.extend(members.iter().map(|(name, value)| format!(r#","{name}":{value}"#)));
            let mut json = (json + "}").into_bytes();
            for Slip { place, byte, removes, inserts } in slips.into_iter().filter(|_| is_damaged) {
                let place = place.index(json.len());
                json.splice(place..place + usize::from(removes), inserts.then_some(byte));
            }
            json
        },
    )
}

/// Returns the verdict on a token, formatted.
fn owned<T: Debug + Serialize + DeserializeOwned>(manager: &TokenManager, token: &str) -> String {
    format!("{:?}", manager.decode_access_token::<Probe<T>>(token))
}

fn borrowed(manager: &TokenManager, token: &str) -> String {
    let mut text = TokenText::new();
    format!("{:?}", manager.decode_access_token_in::<Borrowed<'_>>(token, &mut text))
}

type Reading = fn(&TokenManager, &str) -> String;

const READINGS: &[(&str, Reading)] = &[
    ("u8", owned::<u8>),
    ("u16", owned::<u16>),
    ("u32", owned::<u32>),
    ("u64", owned::<u64>),
    ("u128", owned::<u128>),
    ("i8", owned::<i8>),
    ("i16", owned::<i16>),
    ("i32", owned::<i32>),
    ("i64", owned::<i64>),
    ("i128", owned::<i128>),
    ("f32", owned::<f32>),
    ("f64", owned::<f64>),
    ("bool", owned::<bool>),
    ("char", owned::<char>),
    ("()", owned::<()>),
    ("String", owned::<String>),
    ("Option", owned::<Option<u64>>),
    ("enum", owned::<Role>),
    ("newtype", owned::<Wrapped>),
    ("struct", owned::<Nested>),
    ("tuple", owned::<(u8, u8)>),
    ("bytes", owned::<Vec<u8>>),
    ("strings", owned::<Vec<String>>),
    ("lists", owned::<Vec<Vec<u8>>>),
    ("map", owned::<BTreeMap<String, u64>>),
    ("Value", owned::<Value>),
    ("&str and Cow", borrowed),
];

#[test]
fn plain_claims_are_read_as_serde_json_reads_them() {
    let (manager, mut accepted) = (manager(), 0);
    let mut read = |json: &[u8]| {
        let spaced = [b"{ ", json.get(1..).unwrap_or_default()].concat();
        let spaced = with_claims(if json.starts_with(b"{") { &spaced } else { json });
        let plain = with_claims(json);
        for (name, reading) in READINGS {
            let (quick, slow) = (reading(&manager, &plain), reading(&manager, &spaced));
            accepted += u32::from(quick.starts_with("Ok"));
            prop_assert_eq!(quick, slow, "{}: {}", name, String::from_utf8_lossy(json));
        }
        Ok(())
    };
    let read = std::cell::RefCell::new(&mut read);
    runner(cases(1_500)).run(&claims(), |json| (read.borrow_mut())(&json)).unwrap();
    assert!(accepted > 0);
}
