//! The verifier against a slow and obvious one: on any token, from good to garbage, both say the same.

mod differences;
pub(crate) mod forged;
mod key;
pub(crate) mod mutation;
mod reference;
mod repeated;
pub(crate) mod setting;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use gatevault::claims::Serde;
use gatevault::error::InvalidReason;
use gatevault::{Payload, TokenError, TokenKind, Verified};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Map, Value};

use forged::Forged;
use mutation::forged;
use reference::{Claims, Verdict};
use setting::{Party, setting};

/// Cases of a property; `GATEVAULT_CASES` is another number of them.
pub(crate) fn cases(default: u32) -> u32 {
    std::env::var("GATEVAULT_CASES").map_or(default, |cases| cases.parse().unwrap())
}

pub(crate) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

#[test]
fn the_verdict_is_that_of_a_slow_and_obvious_verifier() {
    let cases = cases(12_000);
    let seen = RefCell::new(BTreeMap::<&str, u32>::new());
    let outcome = runner(cases).run(&(setting(), forged()), |(setting, forged)| {
        let token = forged.token(&setting);
        let ours = setting.decode(&token);
        let theirs = reference::verify(&token, &setting);
        *seen.borrow_mut().entry(name(&theirs)).or_default() += 1;
        compare(&ours, &theirs, &forged, setting.partner.is_some())
            .map_err(|difference| TestCaseError::fail(format!("{difference}\n{token}\n{setting:?}")))
    });
    outcome.unwrap();
    println!("{cases} tokens, the same verdict from both: {:?}", seen.borrow());
    let seen = seen.into_inner();
    let often = ["accepted", "accepted of a partner", "expired", "invalid", "no token"];
    assert!(
        often.iter().all(|verdict| seen.get(verdict).is_some_and(|count| count * 50 > cases)),
        "{seen:?}"
    );
}

/// `Serde` sees the claims of the `Payload`, the subject, and the registered claims.
#[test]
fn serde_claims_get_the_same_verdict_as_a_payload() {
    let outcome = runner(cases(3_000)).run(&(setting(), forged()), |(setting, forged)| {
        let token = forged.token(&setting);
        let manager = setting.builder().build().unwrap();
        let payload = setting.decode_by::<Payload>(&manager, &token);
        let serde = setting.decode_by::<Serde<Map<String, Value>>>(&manager, &token);
        let differs = |what| Err(TestCaseError::fail(format!("{what}\n{token}\n{payload:?}\n{serde:?}")));
        match (&payload, &serde) {
            (Ok(payload), Ok(serde)) => {
                let party = |party: &&Party| serde.foreign_issuer().is_some() == party.is_foreign;
                let subject_claim = setting.parties().find(party).unwrap().subject_claim;
                let is_own = |name: &str| !REGISTERED.contains(&name) && name != subject_claim;
                let has_same = |(name, value)| serde.get(name).is_some_and(|other| is_same(value, other));
                let is_same = serde.keys().filter(|name| is_own(name)).count() == payload.iter().count()
                    && payload.iter().all(has_same)
                    && serde.user_id() == payload.user_id()
                    && serde[subject_claim] == payload["user_id"]
                    && id(serde, "jti") == payload.token_id()
                    && serde["exp"] == date_of(payload.expires_at());
                if is_same { Ok(()) } else { differs("other claims") }
            }
            (Err(payload), Err(serde)) if payload == serde => Ok(()),
            _ => differs("another verdict"),
        }
    });
    outcome.unwrap();
}

/// Compares two values. Under `arbitrary_precision` of `serde_json`, which another crate may turn on, a number beyond 64 bits
/// keeps its digits in a `Value` that serde reads, and is a float in a payload.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let is_integer = one.is_i64() || one.is_u64();
            one == other || (!is_integer && one.as_f64() == other.as_f64())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has_same =
                |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(has_same)
        }
        _ => one == other,
    }
}

/// Returns the strings in a list.
fn strings(one_or_several: &Value) -> impl Iterator<Item = &str> {
    let all = one_or_several.as_array().map_or(std::slice::from_ref(one_or_several), Vec::as_slice);
    all.iter().filter_map(Value::as_str)
}

/// Returns an id, if it has the form of one.
fn id<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str).filter(|id| !id.is_empty())
}

/// Returns the `amr`, if it has the form of one.
fn methods(claims: &Claims) -> Vec<&str> {
    let amr =
        claims.get("amr").filter(|amr| amr.as_array().is_none_or(|all| all.iter().all(Value::is_string)));
    amr.into_iter().flat_map(strings).collect()
}

fn date_of(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

const REGISTERED: [&str; 13] = [
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
    "pool",
    "claims_since",
];

fn name(theirs: &Result<(&Party, Claims), Verdict>) -> &'static str {
    match theirs {
        Ok((party, _)) if party.is_foreign => "accepted of a partner",
        Ok(_) => "accepted",
        Err(Verdict::Expired) => "expired",
        Err(Verdict::Invalid) => "invalid",
        Err(Verdict::Decode) => "no token",
    }
}

fn compare(
    ours: &Result<Verified<Payload>, TokenError>,
    theirs: &Result<(&Party, Claims), Verdict>,
    forged: &Forged,
    has_partner: bool,
) -> Result<(), String> {
    match (ours, theirs) {
        (Ok(ours), Ok((party, theirs))) => compare_claims(ours, theirs, party),
        (Err(ours), Err(theirs)) if agree(ours, *theirs, forged, has_partner) => Ok(()),
        _ => Err(format!("we say {ours:?}, they say {theirs:?}")),
    }
}

/// The slow verifier parses all claims before it looks at one; we refuse at the first that is wrong.
fn agree(ours: &TokenError, theirs: Verdict, forged: &Forged, has_partner: bool) -> bool {
    let is_mistyped = matches!(ours, TokenError::Invalid(InvalidReason::MistypedClaim(_)));
    let may_be_first = is_mistyped || forged.mutations.len() > 1;
    // With a partner, the claims are read before the signature is verified: `iss` chooses the keys.
    let is_read_first = matches!(ours, TokenError::Decode(_)) && theirs == Verdict::Invalid && has_partner;
    category(ours) == theirs || (theirs == Verdict::Decode && may_be_first) || is_read_first
}

fn category(error: &TokenError) -> Verdict {
    match error {
        TokenError::Expired => Verdict::Expired,
        TokenError::Decode(_) => Verdict::Decode,
        _ => Verdict::Invalid,
    }
}

fn compare_claims(ours: &Verified<Payload>, theirs: &Claims, party: &Party) -> Result<(), String> {
    let is_own = |name: &str| !REGISTERED.contains(&name) && name != party.subject_claim;
    let mine: BTreeMap<&str, &Value> = ours.iter().collect();
    let other: BTreeMap<&str, &Value> =
        theirs.iter().map(|(name, value)| (name.as_str(), value)).filter(|(name, _)| is_own(name)).collect();
    let exp = SystemTime::UNIX_EPOCH + Duration::from_secs(reference::date(&theirs["exp"]).unwrap());
    let same = mine == other
        && ours["user_id"] == theirs[party.subject_claim]
        && ours.token_id() == id(theirs, "jti")
        && (if party.is_foreign {
            ours.kind() == TokenKind::Access
        } else {
            ours.kind().name() == theirs["type"]
        })
        && ours.acr() == theirs.get("acr").and_then(Value::as_str)
        && ours.amr().eq(methods(theirs))
        && ours.session_id() == id(theirs, "sid")
        && ours.expires_at() == exp;
    same.then_some(()).ok_or_else(|| format!("we read {ours:?}, they read {theirs:?}"))
}
