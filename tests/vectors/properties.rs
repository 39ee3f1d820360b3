//! Properties of every token, every string and every second.

use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::{Payload, TokenError, TokenKind, TokenManager, UserId, Verified};
use gatevault_tests::{SECRET, START};
use proptest::arbitrary::any;
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use serde_json::Value;

use crate::differential::setting::{Setting, setting};
use crate::differential::{cases, runner};
use crate::forge::{Members, encoded, forge, with_claims, with_header};
use crate::verdicts::{manager, patient_manager};

fn user_id() -> impl Strategy<Value = UserId> {
    prop_oneof![
        any::<u64>().prop_map(UserId::from),
        any::<i64>().prop_map(UserId::from),
        ".{1,40}".prop_map(UserId::from),
    ]
}

/// Generates JSON of all types. Fractions are eighths, which survive a round trip.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ".{0,20}".prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(".{0,8}", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn own_claims() -> impl Strategy<Value = Vec<(String, Value)>> {
    let registered = [
        "exp",
        "iat",
        "nbf",
        "iss",
        "aud",
        "jti",
        "sid",
        "type",
        "auth_time",
        "acr",
        "amr",
        "claims_since",
        "user_id",
        "sub",
    ];
    let name = ".{0,12}".prop_filter("a registered name", move |name| !registered.contains(&name.as_str()));
    btree_map(name, json(), 0..6).prop_map(|claims| claims.into_iter().collect())
}

/// Returns a manager whose tokens live for `lifetime` seconds, and its clock.
fn short_lived(setting: &Setting, lifetime: u64) -> (TokenManager, ManualClock) {
    let clock = ManualClock::at(at(START));
    let lifetime = Duration::from_secs(lifetime);
    let builder = setting.builder().max_token_bytes(64 * 1024).clock(clock.clone());
    (builder.access_expiry(lifetime).refresh_expiry(lifetime).build().unwrap(), clock)
}

type Decode = fn(&TokenManager, &str) -> Result<Verified<Payload>, TokenError>;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn a_token_is_accepted_by_its_manager_until_the_second_it_expires() {
    let kind = select(vec![TokenKind::Access, TokenKind::Refresh]);
    let lifetime = prop_oneof![1..5_u64, 1..3_000_000_000_u64];
    let created = (setting(), lifetime, kind, user_id(), own_claims());
    let outcome = runner(cases(1000)).run(&created, |(setting, lifetime, kind, user, claims)| {
        let (tokens, clock) = short_lived(&setting, lifetime);
        let payload =
            claims.iter().fold(Payload::new(user.clone()), |all, (name, value)| all.with(name, value));
        let (token, decode): (_, Decode) = match kind {
            TokenKind::Refresh => (tokens.create_refresh_token(&payload), TokenManager::decode_refresh_token),
            _ => (tokens.create_access_token(&payload), TokenManager::decode_access_token),
        };
        let token = token.unwrap();
        let last = START + lifetime + setting.leeway;
        for now in [at(START), at(last) - Duration::from_nanos(1)] {
            clock.set(now);
            let verdict = decode(&tokens, &token);
            prop_assert!(verdict.is_ok(), "{:?} at {:?}: {}", verdict, now, token);
            let verified = verdict.unwrap();
            prop_assert_eq!(verified.user_id(), &user);
            prop_assert_eq!(verified.expires_at(), at(START + lifetime));
            let kept: Vec<_> = claims.iter().filter(|(_, value)| !value.is_null()).collect();
            let read: Vec<_> = verified.iter().collect();
            prop_assert_eq!(
                read,
                kept.iter().map(|(name, value)| (name.as_str(), value)).collect::<Vec<_>>()
            );
        }
        clock.set(at(last));
        prop_assert_eq!(decode(&tokens, &token).unwrap_err(), TokenError::Expired);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_token_with_any_bit_flipped_is_rejected() {
    let outcome = runner(cases(40)).run(&(setting(), user_id()), |(setting, user)| {
        let (tokens, _) = short_lived(&setting, 900);
        let token = tokens.create_access_token(&Payload::new(user)).unwrap();
        prop_assert!(tokens.decode_token::<Payload>(&token).is_ok());
        for bit in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(flipped) = String::from_utf8(bytes) {
                prop_assert!(tokens.decode_token::<Payload>(&flipped).is_err(), "bit {}: {}", bit, flipped);
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

/// Generates strings of up to 10 kB: random ones, ones that look like tokens, and pieces of real tokens.
fn string() -> impl Strategy<Value = String> {
    let good = with_claims(Members::claims().json());
    let pieces: Vec<String> = good
        .split('.')
        .chain([".", "..", "=", "Bearer ", "{}", "e30", "\0", "é", "\u{feff}"])
        .map(str::to_owned)
        .collect();
    prop_oneof![
        vec(any::<char>(), 0..2500).prop_map(String::from_iter),
        "[A-Za-z0-9_.-]{0,300}",
        "[A-Za-z0-9_-]{0,3000}\\.[A-Za-z0-9_-]{0,3000}\\.[A-Za-z0-9_-]{0,3000}",
        vec(select(pieces), 0..40).prop_map(|pieces| pieces.concat()),
    ]
}

/// Generates bytes that are almost JSON.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\u00",
        "\\ud800",
        "\\",
        "\"exp\":",
        "\"alg\":\"HS256\"",
        "1767226500",
        "-",
        "1e",
        "400",
        ".",
        "null",
        "true",
        "\"a\"",
        " ",
        "\n",
        "é",
        "{\"a\":",
        "[[",
        "\"$serde_json::private::Number\":",
    ];
    let pieces = vec(select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![2 => pieces, 1 => vec(any::<u8>(), 0..600)]
}

#[test]
fn no_input_causes_a_panic_in_the_verifier() {
    let (short, patient) = (manager(), patient_manager());
    let outcome = runner(cases(1500)).run(&(string(), nearly_json()), |(string, json)| {
        let signed = [
            forge(&json, Members::claims().json(), SECRET),
            with_claims(&json),
            with_header([b"{\"alg\":\"HS256\",\"x\":", &*json, b"}"].concat()),
            with_claims([b"{\"user_id\":42,\"x\":", &*json, b"}"].concat()),
            format!("{string}.{}.{}", encoded(&json), encoded(&json)),
            string,
        ];
        for token in signed {
            let hasty = short.decode_token::<Payload>(&token).err();
            let patient = patient.decode_token::<Payload>(&token).err();
            prop_assert!(hasty == patient || token.len() > 8192, "{:?}, {:?}: {}", hasty, patient, token);
        }
        Ok(())
    });
    outcome.unwrap();
}
