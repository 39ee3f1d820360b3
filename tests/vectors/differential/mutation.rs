//! Changes to a good token, at random and at every level: bytes, segments, members, types, dates.

use gatevault::Algorithm;
use gatevault_tests::{SECRET, START};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::sample::{Index, select};

use crate::asymmetric::keys::P256_PUBLIC;

use super::forged::{Edit, Forged, Level, Mutation};

pub(crate) fn forged() -> impl Strategy<Value = Forged> {
    let lifetime = prop_oneof![3 => 41..900_i64, 2 => -45..45_i64];
    let count = prop_oneof![1 => 0..1_usize, 4 => 1..2_usize, 2 => 2..4_usize];
    let mutations = count.prop_flat_map(|count| vec(mutation(), count));
    (lifetime, any::<Index>(), mutations).prop_map(|(lifetime, by, mutations)| Forged {
        lifetime,
        by,
        mutations,
    })
}

fn mutation() -> impl Strategy<Value = Mutation> {
    use Mutation::{DropClaim, DropHeader, RepeatClaim, Segments, SetClaim, SetHeader, Signer};
    let hashes = select(vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512]);
    let secrets = select(vec![SECRET, "another secret of at least thirty-two bytes", P256_PUBLIC]);
    let levels =
        [Level::HeaderJson, Level::ClaimsJson, Level::HeaderSegment, Level::ClaimsSegment, Level::Token];
    let index = any::<Index>;
    prop_oneof![
        2 => (header_name(), value()).prop_map(|(name, value)| SetHeader(name, value)),
        3 => (select(vec!["alg", "typ", "kid"]), header_value())
            .prop_map(|(name, value)| SetHeader(name.to_owned(), value)),
        2 => index().prop_map(DropHeader),
        4 => (claim_name(), value()).prop_map(|(name, value)| SetClaim(name, value)),
        4 => (select(vec!["exp", "nbf", "iat"]), date()).prop_map(|(name, date)| SetClaim(name.to_owned(), date)),
        2 => index().prop_map(DropClaim),
        2 => (index(), value(), any::<bool>()).prop_map(|(at, value, escaped)| RepeatClaim(at, value, escaped)),
        1 => (hashes, secrets).prop_map(|(hash, secret)| Signer(hash, secret)),
        7 => (select(levels.to_vec()), edit()).prop_map(|(level, edit)| Mutation::Edit(level, edit)),
        1 => vec(0..3_usize, 0..6).prop_map(Segments),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let characters = "AZaz09-_+/=. \n\0{}[]\",:\\.eE*é\u{feff}".chars().collect::<Vec<_>>();
    let character = prop_oneof![select(characters), any::<char>()];
    let index = any::<Index>;
    prop_oneof![
        (index(), 0..7_u32).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (index(), character.clone()).prop_map(|(at, character)| Edit::Insert(at, character)),
        (index(), character).prop_map(|(at, character)| Edit::Replace(at, character)),
        index().prop_map(Edit::Remove),
        index().prop_map(Edit::Cut),
    ]
}

/// `jwk`, `jku` and the like are left to the tables: the other verifier wants them well formed.
fn header_name() -> impl Strategy<Value = String> {
    let names = ["alg", "typ", "kid", "crit", "b64", "x", r"\u0061lg", r"\u0063rit", "Alg", "", "p2c", "exp"];
    select(names.to_vec()).prop_map(str::to_owned)
}

fn header_value() -> impl Strategy<Value = String> {
    let values = [
        r#""HS256""#,
        r#""HS384""#,
        r#""HS512""#,
        r#""none""#,
        r#""hs256""#,
        r#""RS256""#,
        r#""JWT""#,
        r#""jwt""#,
        r#""at+jwt""#,
        r#""\u004aWT""#,
        r#""dpop+jwt""#,
        r#""ES256""#,
        r#""EdDSA""#,
        r#""application/at+jwt""#,
        r#""2026-11""#,
        r#""2026-10""#,
        r#""partner""#,
        r#""2026\u002d11""#,
        r#""2026""#,
    ];
    prop_oneof![4 => select(values.to_vec()).prop_map(str::to_owned), 1 => value()]
}

fn claim_name() -> impl Strategy<Value = String> {
    let names = [
        "exp",
        "iat",
        "nbf",
        "iss",
        "aud",
        "jti",
        "sid",
        "auth_time",
        "acr",
        "amr",
        "pool",
        "claims_since",
        "type",
        "user_id",
        "sub",
        "role",
        "",
        "Exp",
        "é",
        r"\u0065xp",
        r"\u006eb\u0066",
        r"\ud83d\ude00",
        r"\ud800",
        "a\tb",
    ];
    select(names.to_vec()).prop_map(str::to_owned)
}

fn date() -> impl Strategy<Value = String> {
    let near = (-45..45_i64).prop_map(|off| START.checked_add_signed(off).unwrap());
    let fraction = select(vec!["", "", ".0", ".5", ".999", "e0", ".0e0"]);
    let far =
        ["0", "-1", "-0", "-0.0", "0.5", "1e10", "253402300799", "253402300799.5", "253402300800", "1e300"];
    prop_oneof![
        4 => (near, fraction).prop_map(|(seconds, fraction)| format!("{seconds}{fraction}")),
        1 => select(far.to_vec()).prop_map(str::to_owned),
    ]
}

/// Any JSON, and what is nearly JSON.
fn value() -> impl Strategy<Value = String> {
    let known = [
        "null",
        "true",
        "false",
        "0",
        "42",
        "-7",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1.5",
        "1e400",
        "NaN",
        "01",
        "[]",
        "{}",
        r#""""#,
        r#""access""#,
        r#""refresh""#,
        r#""\u0061ccess""#,
        r#""Access""#,
        r#""billing""#,
        r#"["billing"]"#,
        r#"["x","billing"]"#,
        r#"["billing",1]"#,
        r#""https://id.example""#,
        r#"["https://id.example"]"#,
        r#""https://id.partner.example""#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":{"b":[1,{"c":null,"\u0063":1}]}}"#,
        r#"[{"a":1},{"a":1}]"#,
        r#""\ud800""#,
        r#""\ud83d\ude00""#,
        r#""\u0000""#,
        "\"\u{1}\"",
        r#""ada""#,
        "1,",
        r#""x" "#,
    ];
    let word = "[a-z0-9 ]{0,200}".prop_map(|text| format!("\"{text}\""));
    prop_oneof![6 => select(known.to_vec()).prop_map(str::to_owned), 1 => any::<i64>().prop_map(|n| n.to_string()), 1 => word]
}
