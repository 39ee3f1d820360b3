//! The compact serialization: three segments of base64url, each with one spelling, and a length limit.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Payload, TokenManager};
use gatevault_tests::{Outline, SECRET};

use crate::forge::{HEADER, Members, encoded, forge, segments, signed, with_claims, with_header};
use crate::verdicts::{Case, assert_accepted, assert_refused, builder, manager, patient_manager};

/// Returns a valid token with spare bits in every segment, and both characters that differ between base64 and base64url.
fn with_room_for_variants() -> String {
    let header = Members::header().with("x", r#""?>?>?>~~~""#).json();
    let claims = Members::claims().with("x", r#""?>?>?>~~~~""#).json();
    let token = forge(header, claims, SECRET);
    assert!(segments(&token).iter().all(|segment| segment.len() % 4 != 0), "{token}");
    token
}

#[test]
fn a_string_that_is_not_three_segments_is_malformed() {
    let good = with_claims(Members::claims().json());
    let [header, claims, signature] = segments(&good);
    let decode = [
        ("nothing", String::new()),
        ("a word", "token".to_owned()),
        ("one dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("one segment", header.to_owned()),
        ("two segments", format!("{header}.{claims}")),
        ("no header", format!(".{claims}.{signature}")),
        ("no claims, signed", signed(&format!("{header}."), Algorithm::HS256, SECRET)),
        ("a dot before", format!(".{good}")),
        ("a dot behind", format!("{good}.")),
        ("two dots in the middle", format!("{header}..{claims}.{signature}")),
        ("four segments, signed", signed(&format!("{header}.{claims}.{claims}"), Algorithm::HS256, SECRET)),
        (
            "five segments, signed",
            signed(&format!("{header}.{claims}.{claims}.e30"), Algorithm::HS256, SECRET),
        ),
        (
            "flattened JSON",
            format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"{signature}"}}"#),
        ),
        (
            "general JSON",
            format!(
                r#"{{"payload":"{claims}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
            ),
        ),
        ("quoted", format!("\"{good}\"")),
        ("a scheme before", format!("Bearer {good}")),
        ("a byte order mark before", format!("\u{feff}{good}")),
        ("a space before", format!(" {good}")),
        ("a line before", format!("\n{good}")),
        ("percent-encoded dots", good.replace('.', "%2E")),
        ("full-width dots", good.replace('.', "\u{ff0e}")),
        ("two tokens", format!("{good},{good}")),
    ];
    assert_refused(&manager(), decode.map(|(name, token)| (name.to_owned(), token, Outline::DECODE)));
}

#[test]
fn any_error_in_the_signature_segment_is_a_wrong_signature() {
    let good = with_claims(Members::claims().json());
    let [header, claims, signature] = segments(&good);
    let other = with_claims(Members::claims().with("user_id", "1").json());
    let wrong = [
        ("empty", String::new()),
        ("of another token", segments(&other)[2].to_owned()),
        ("the header", header.to_owned()),
        ("a space behind", format!("{signature} ")),
        ("a line behind", format!("{signature}\n")),
        ("carriage return behind", format!("{signature}\r\n")),
        ("NUL behind", format!("{signature}\0")),
        ("a quote behind", format!("{signature}\"")),
        ("twice", format!("{signature}{signature}")),
        ("one character less", signature[..signature.len() - 1].to_owned()),
        ("one character more", format!("{signature}A")),
        ("upper case", signature.to_ascii_uppercase()),
        ("not ASCII", "ä".repeat(20)),
    ];
    let cases = wrong.map(|(name, signature)| {
        (name.to_owned(), format!("{header}.{claims}.{signature}"), InvalidReason::Signature.into())
    });
    assert_refused(&manager(), cases);
}

#[test]
fn twenty_thousand_dots_are_rejected() {
    let good = with_claims(Members::claims().json());
    let strings =
        [".".repeat(20_000), format!("{}{}", segments(&good)[0], ".".repeat(20_000)), "a.".repeat(10_000)];
    let too_long = |text: &String| InvalidReason::TooLong { bytes: text.len(), limit: 8192 }.into();
    assert_refused(
        &manager(),
        strings.clone().map(|text| ("dots".to_owned(), text.clone(), too_long(&text))),
    );
    assert_refused(&patient_manager(), strings.map(|text| ("dots".to_owned(), text, Outline::DECODE)));
}

/// Returns other spellings of a segment that a lax decoder accepts.
fn misspelled(segment: &str) -> Vec<(&'static str, String)> {
    let half = segment.len() / 2;
    let insert = |text: &str| format!("{}{text}{}", &segment[..half], &segment[half..]);
    vec![
        ("padded", format!("{segment}{}", "=".repeat(4 - segment.len() % 4))),
        ("padded by one", format!("{segment}=")),
        ("padded by three", format!("{segment}===")),
        ("padding within", insert("=")),
        ("padding before", format!("={segment}")),
        ("the standard alphabet", segment.replace('-', "+").replace('_', "/") + "+/"),
        ("a space within", insert(" ")),
        ("a line within", insert("\n")),
        ("carriage return and line within", insert("\r\n")),
        ("a tab behind", format!("{segment}\t")),
        ("a space before", format!(" {segment}")),
        ("NUL within", insert("\0")),
        ("junk within", insert("*")),
        ("not ASCII within", insert("é")),
        ("a percent escape within", insert("%41")),
        ("spare bits set", with_spare_bits(segment)),
        ("an impossible length", format!("{segment}{}", "A".repeat(5 - segment.len() % 4))),
    ]
}

/// Sets the lowest bit of the segment's last character, which is an unused bit.
fn with_spare_bits(segment: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = segment.split_at(segment.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    assert_eq!(value % 2, 0, "no spare bits in {segment}");
    format!("{rest}{}", &ALPHABET[value + 1..value + 2])
}

#[test]
fn every_segment_has_one_spelling() {
    let good = with_room_for_variants();
    let [header, claims, signature] = segments(&good);
    let resigned =
        |header: &str, claims: &str| signed(&format!("{header}.{claims}"), Algorithm::HS256, SECRET);
    let mut cases: Vec<Case> = Vec::new();
    for (name, header) in misspelled(header) {
        cases.push((format!("header: {name}"), resigned(&header, claims), Outline::DECODE));
    }
    for (name, claims) in misspelled(claims) {
        cases.push((format!("claims: {name}"), resigned(header, &claims), Outline::DECODE));
    }
    for (name, signature) in misspelled(signature) {
        let token = format!("{header}.{claims}.{signature}");
        cases.push((format!("signature: {name}"), token, InvalidReason::Signature.into()));
    }
    assert_accepted(&manager(), [("as it was".to_owned(), good.clone())]);
    assert_refused(&manager(), cases);
}

#[test]
fn the_spare_bits_of_every_hash_are_checked() {
    for (algorithm, spare) in [(Algorithm::HS256, 1), (Algorithm::HS512, 1), (Algorithm::HS512, 15)] {
        let key = if algorithm == Algorithm::HS256 {
            gatevault::SigningKey::hs256(SECRET)
        } else {
            gatevault::SigningKey::hs512(SECRET)
        };
        let tokens = TokenManager::builder().key(key.unwrap()).build().unwrap();
        let mut token = tokens.create_access_token(&Payload::new(1)).unwrap();
        for _ in 0..spare {
            let last = token.pop().unwrap();
            token.push(char::from(u8::try_from(last).unwrap() + 1));
            let verdict = tokens.decode_token::<Payload>(&token);
            assert_eq!(verdict.unwrap_err(), InvalidReason::Signature.into(), "{algorithm}: {token}");
        }
    }
}

/// Creates a validly signed token of exactly `bytes` bytes.
fn of_length(bytes: usize) -> String {
    for header in [HEADER.to_owned(), format!("{HEADER} "), format!("{HEADER}  ")] {
        let around = forge(&header, "", SECRET).len();
        let claims = (bytes - around) * 3 / 4;
        let shell = Members::claims().with("x", r#""""#).json().len();
        let filler = format!("\"{}\"", "y".repeat(claims - shell));
        let token = forge(&header, Members::claims().with("x", &filler).json(), SECRET);
        if token.len() == bytes {
            return token;
        }
    }
    panic!("no token has {bytes} bytes")
}

#[test]
fn the_length_of_a_token_is_checked_before_anything_else() {
    let too_long = |bytes, limit| Outline::from(InvalidReason::TooLong { bytes, limit });
    assert_accepted(&manager(), [("8192".to_owned(), of_length(8192))]);
    let over = [8193, 20_000, 100 * 1024, 1024 * 1024];
    assert_refused(
        &manager(),
        over.map(|bytes| (bytes.to_string(), of_length(bytes), too_long(bytes, 8192))),
    );
    assert_refused(&manager(), [("junk".to_owned(), "*".repeat(8193), too_long(8193, 8192))]);

    let short = builder().max_token_bytes(300).build().unwrap();
    assert_accepted(&short, [("300".to_owned(), of_length(300))]);
    assert_refused(&short, [("301".to_owned(), of_length(301), too_long(301, 300))]);
    let most = 1024 * 1024;
    assert_accepted(
        &patient_manager(),
        [100 * 1024, most].map(|bytes| (bytes.to_string(), of_length(bytes))),
    );
    assert_refused(&patient_manager(), [("1 MiB".to_owned(), of_length(most + 1), too_long(most + 1, most))]);
}

#[test]
fn an_encrypted_token_is_rejected_without_deriving_a_key() {
    let header = r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"c2FsdA"}"#;
    let five = format!("{}.a2V5.aXY.dGV4dA.dGFn", encoded(header));
    let started = std::time::Instant::now();
    assert_refused(
        &manager(),
        [
            ("five segments".to_owned(), five, Outline::DECODE),
            ("three segments".to_owned(), with_header(header), InvalidReason::Algorithm.into()),
        ],
    );
    assert!(started.elapsed().as_secs() < 5, "it took {:?}", started.elapsed());
}
