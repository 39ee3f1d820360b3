//! JSON in the header and in the claims: it is parsed strictly, and without deep recursion.

use crate::forge::{Members, with_claims, with_header};
use crate::verdicts::{Case, assert_accepted, assert_refused, each, each_good, manager, patient_manager};
use gatevault_tests::Outline;

/// The two objects of a token. Every case is tried on both.
type Part = (&'static str, fn() -> Members, fn(&[u8]) -> String);
const PARTS: [Part; 2] = [
    ("header", Members::header, |json| with_header(json)),
    ("claims", Members::claims, |json| with_claims(json)),
];

/// Tries the same mistakes in the header and in the claims. Each must be malformed.
fn assert_unparsable(name: &str, mistakes: impl Fn(&Members) -> Vec<Vec<u8>>) {
    for (part, members, token) in PARTS {
        let cases = mistakes(&members()).into_iter().map(|json| -> Case {
            let shown: String = String::from_utf8_lossy(&json).chars().rev().take(80).collect();
            let shown: String = shown.chars().rev().collect();
            (format!("{part}, {name}: ..{shown}"), token(&json), Outline::DECODE)
        });
        assert_refused(&patient_manager(), cases);
    }
}

/// Appends a member, as raw JSON, to the object.
fn with_member(members: &Members, member: &str) -> Vec<u8> {
    let json = members.json();
    format!("{},{member}}}", &json[..json.len() - 1]).into_bytes()
}

#[test]
fn json_that_is_not_an_object_is_rejected() {
    assert_unparsable("not an object", |members| {
        let json = members.json();
        let strings = [
            String::new(),
            " ".to_owned(),
            "null".to_owned(),
            "true".to_owned(),
            "42".to_owned(),
            "[]".to_owned(),
            "\"\"".to_owned(),
            "{".to_owned(),
            format!("[{json}]"),
            serde_json::to_string(&json).unwrap(),
            json.replace(':', ","),
            format!("[[{}]]", json.replace(['{', '}'], "")),
        ];
        strings.map(String::into_bytes).into()
    });
}

#[test]
fn bytes_around_the_object_are_rejected() {
    assert_unparsable("around", |members| {
        let json = members.json();
        let behind = ["x", "}", ",", "\0", "{}", "null", "//", "/**/", ";", "\u{feff}", "\u{a0}", "\u{c}"];
        let before = ["\0", ",", "\u{feff}", "\u{a0}", "//\n", "while(1);", ")]}',\n", "[", "("];
        let behind = behind.iter().map(|text| format!("{json}{text}"));
        let before = before.iter().map(|text| format!("{text}{json}"));
        behind.chain(before).chain([format!("{json}{json}")]).map(String::into_bytes).collect()
    });
    for (part, members, token) in PARTS {
        let blank = format!(" \t\r\n{} \t\r\n", members().json());
        assert_accepted(&manager(), [(part.to_owned(), token(blank.as_bytes()))]);
    }
}

#[test]
fn other_encodings_than_utf_8_are_rejected() {
    assert_unparsable("encoding", |members| {
        let json = members.json();
        let wide: Vec<u16> = json.encode_utf16().collect();
        let little: Vec<u8> = wide.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = wide.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let four: Vec<u8> = json.chars().flat_map(|char| u32::from(char).to_be_bytes()).collect();
        vec![[&[0xff, 0xfe], &*little].concat(), [&[0xfe, 0xff], &*big].concat(), little, big, four]
    });
}

#[test]
fn invalid_utf_8_is_rejected_at_any_position() {
    let invalid: [&[u8]; 8] = [
        b"\xff",
        b"\x80",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xc3",
    ];
    assert_unparsable("UTF-8", |members| {
        let places: [&[&[u8]; 2]; 4] = [
            &[br#""x":""#, br#"""#],
            &[br#"""#, br#"":1"#],
            &[br#""x":[{"y":""#, br#""}]"#],
            &[br#""x":"#, b""],
        ];
        let spoiled = |[before, behind]: &[&[u8]; 2], bytes: &[u8]| {
            let json = members.json();
            [&json.as_bytes()[..json.len() - 1], b",", before, bytes, behind, b"}"].concat()
        };
        places.iter().flat_map(|place| invalid.map(|bytes| spoiled(place, bytes))).collect()
    });
}

/// Values and members that a lax parser accepts.
const LAX_MEMBERS: [&str; 44] = [
    r#""x":NaN"#,
    r#""x":Infinity"#,
    r#""x":-Infinity"#,
    r#""x":nan"#,
    r#""x":undefined"#,
    r#""x":None"#,
    r#""x":True"#,
    r#""x":01"#,
    r#""x":-01"#,
    r#""x":+1"#,
    r#""x":.5"#,
    r#""x":1."#,
    r#""x":1e"#,
    r#""x":-"#,
    r#""x":0x10"#,
    r#""x":1_000"#,
    r#""x":1e400"#,
    r#""x":-1e400"#,
    r#""x":[1e999999999]"#,
    r#""x":'y'"#,
    "'x':1",
    "x:1",
    "1:1",
    "null:1",
    r#""x":1,"#,
    r#","x":1"#,
    r#""x" 1"#,
    r#""x"::1"#,
    r#""x":"#,
    r#""x""#,
    r#""x":[1,]"#,
    r#""x":[,1]"#,
    r#""x":{"y":1,}"#,
    r#""x":[1}"#,
    r#""x":1/*c*/"#,
    r#""x":1//c"#,
    r#""x":"\x41""#,
    r#""x":"\u12""#,
    r#""x":"\u00zz""#,
    r#""x":"\'""#,
    "\"x\":\"a\nb\"",
    "\"x\":\"a\0b\"",
    "\"x\":\"a\tb\"",
    "\"x\":\"\u{1f}\"",
];

#[test]
fn lax_json_is_rejected() {
    assert_unparsable("lax", |members| LAX_MEMBERS.map(|member| with_member(members, member)).into());
}

#[test]
fn lone_surrogates_are_rejected() {
    let lone = [
        r"\ud800",
        r"\udbff",
        r"\udc00",
        r"\udfff",
        r"\udc00\ud800",
        r"\ud800\ud800",
        r"\ud800x",
        r"\ud800\n",
    ];
    assert_unparsable("surrogate", |members| {
        let places =
            |text: &str| [format!(r#""x":"{text}""#), format!(r#""{text}":1"#), format!(r#""x":["{text}"]"#)];
        lone.iter().flat_map(|text| places(text)).map(|member| with_member(members, &member)).collect()
    });
    let pair =
        |json: fn(&[u8]) -> String, members: Members| json(&with_member(&members, r#""x":"\ud83d\ude00""#));
    assert_accepted(&manager(), PARTS.map(|(part, members, json)| (part.to_owned(), pair(json, members()))));
}

#[test]
fn a_duplicate_member_is_rejected_in_any_spelling() {
    assert_unparsable("twice", |members| {
        let own = members.0.iter().map(|(name, value)| format!(r#""{name}":{value}"#));
        let escaped = members.0.iter().map(|(name, value)| {
            let (first, rest) = name.split_at(1);
            format!(r#""\u{:04x}{rest}":{value}"#, u32::from(first.chars().next().unwrap()))
        });
        let others = [
            r#""x":1,"x":1"#,
            r#""x":1,"\u0078":1"#,
            r#""\u0078":1,"\u0078":2"#,
            r#""":1,"":1"#,
            r#""/":1,"\/":1"#,
            r#""é":1,"\u00e9":1"#,
            r#""😀":1,"\ud83d\ude00":1"#,
            r#""x":null,"x":null"#,
            r#""x":{"y":1,"y":1}"#,
            r#""x":{"y":1,"\u0079":2}"#,
            r#""x":[[{"y":{"z":1,"a":2,"z":3}}]]"#,
        ];
        let all = own.chain(escaped).chain(others.map(str::to_owned));
        all.map(|member| with_member(members, &member)).collect()
    });
    let apart =
        [r#""x":{"y":1},"z":{"y":1}"#, r#""x":1,"X":1"#, r#""x":[{"y":1},{"y":1}]"#, r#""é":1,"e\u0301":1"#];
    for (part, members, token) in PARTS {
        let apart = each_good(&apart, |member| token(&with_member(&members(), member)));
        assert_accepted(
            &manager(),
            apart.into_iter().map(|(name, token)| (format!("{part}: {name}"), token)),
        );
    }
}

#[test]
fn deep_nesting_is_rejected_without_deep_recursion() {
    assert_unparsable("nesting", |members| {
        let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        let values = [
            deep("[", "]"),
            deep(r#"{"y":"#, "}"),
            deep(r#"[{"y":"#, "}]"),
            "[".repeat(200_000),
            r#"{"y":"#.repeat(50_000),
            format!("{}1{}", "[".repeat(128), "]".repeat(128)),
        ];
        values.iter().map(|value| with_member(members, &format!(r#""x":{value}"#))).collect()
    });
}

/// `serde_json` passes numbers in this form if its feature `arbitrary_precision` is enabled.
#[test]
fn an_object_that_looks_like_a_number_of_the_parser_is_not_a_number() {
    let disguised = [
        r#"{"$serde_json::private::Number":"42"}"#,
        r#"{"\u0024serde_json::private::Number":"42"}"#,
        r#"{"$serde_json::private::Number":"\u00342"}"#,
        r#"{"$serde_json::private::Number":"+42"}"#,
        r#"{"$serde_json::private::Number":42}"#,
        r#"{"$serde_json::private::Number":"42","y":1}"#,
    ];
    let claiming = |name: &'static str| {
        move |value: &str| {
            with_claims(with_member(&Members::claims().without(name), &format!(r#""{name}":{value}"#)))
        }
    };
    for name in ["user_id", "exp", "iat", "x"] {
        assert_refused(&manager(), each(&disguised, claiming(name), Outline::DECODE));
    }
}

/// `serde_json` reads this form as the JSON in the string if its feature `raw_value` is enabled, which other members of a build
/// can do. Members may be repeated in that string.
#[test]
fn an_object_that_looks_like_raw_json_of_the_parser_is_not_read_as_json() {
    assert_unparsable("raw JSON", |members| {
        let disguised = [
            r#"{"$serde_json::private::RawValue":"[1]"}"#,
            r#"{"\u0024serde_json::private::RawValue":"[1]"}"#,
            r#"{"$serde_json::private::RawValue":"{\"a\":1,\"a\":2}"}"#,
            r#"{"$serde_json::private::RawValue":"junk"}"#,
            r#"{"$serde_json::private::RawValue":1}"#,
            r#"[{"y":{"$serde_json::private::RawValue":"[1]"}}]"#,
        ];
        disguised.iter().map(|value| with_member(members, &format!(r#""x":{value}"#))).collect()
    });
}
