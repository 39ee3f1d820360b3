//! A reference verifier that is easy to follow: `jsonwebtoken` for the signature, plus each rule that it leaves out.

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{PAD, URL_SAFE_NO_PAD};
use gatevault::Algorithm;
use jsonwebtoken::crypto::rust_crypto;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Map, Number, Value};

use super::key::Key;
use super::repeated::repeats_a_member;
use super::setting::{Party, Setting};
use crate::asymmetric::keys::pair;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Expired,
    Invalid,
    Decode,
}

pub(crate) type Claims = Map<String, Value>;

/// Verifies a token from left to right; whose one that is good is, and its claims.
pub(crate) fn verify<'s>(token: &str, setting: &'s Setting) -> Result<(&'s Party, Claims), Verdict> {
    refuse_if(token.len() > setting.limit, Verdict::Invalid)?;
    let segments: Vec<&str> = token.split('.').collect();
    refuse_if(segments.len() != 3, Verdict::Decode)?;

    let header = object(segments[0])?;
    verify_header(&header)?;
    decoded(segments[2]).map_err(|_| Verdict::Invalid)?;
    let (party, theirs) = signer(token, &header, setting)?;

    let claims = object(segments[1])?;
    verify_types(&claims, party)?;
    let kind = verify_kind(&claims, party, setting)?;
    refuse_if(party.at_jwt && kind == "access" && !says_at_jwt(&header), Verdict::Invalid)?;
    verify_parties(&claims, party)?;
    verify_dates(&claims, kind, setting)?;
    refuse_if(!claims.contains_key(party.subject_claim), Verdict::Invalid)?;
    // `jsonwebtoken` refuses a `sub` that is a list or an object, even where the subject is another claim. It must refuse
    // that, and nothing else that passes the rules above.
    let odd_sub = claims.get("sub").is_some_and(|sub| sub.is_array() || sub.is_object());
    assert_eq!(theirs.is_none(), odd_sub, "jsonwebtoken refuses more, or less, than is known of it: {token}");
    refuse_if(theirs.is_some_and(|theirs| theirs != claims), Verdict::Decode)?;
    Ok((party, claims))
}

fn refuse_if(bad: bool, verdict: Verdict) -> Result<(), Verdict> {
    if bad { Err(verdict) } else { Ok(()) }
}

/// A segment must be what its bytes are encoded as, character by character.
fn decoded(segment: &str) -> Result<Vec<u8>, Verdict> {
    let lax = PAD.with_decode_allow_trailing_bits(true);
    let lax = lax.with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::URL_SAFE, lax);
    let bytes = engine.decode(segment).map_err(|_| Verdict::Decode)?;
    refuse_if(URL_SAFE_NO_PAD.encode(&bytes) != segment, Verdict::Decode)?;
    Ok(bytes)
}

fn object(segment: &str) -> Result<Map<String, Value>, Verdict> {
    let json = String::from_utf8(decoded(segment)?).map_err(|_| Verdict::Decode)?;
    let value: Value = serde_json::from_str(&json).map_err(|_| Verdict::Decode)?;
    refuse_if(repeats_a_member(&json), Verdict::Decode)?;
    plain(value)?.as_object().cloned().ok_or(Verdict::Decode)
}

/// The same value with each number as it is read when `serde_json` keeps none in full.
fn plain(value: Value) -> Result<Value, Verdict> {
    Ok(match value {
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text
                .parse::<u64>()
                .ok()
                .map(Value::from)
                .or_else(|| text.parse::<i64>().ok().map(Value::from));
            let fractional = || Number::from_f64(text.parse().ok()?).map(Value::from);
            whole.filter(|_| text != "-0").or_else(fractional).ok_or(Verdict::Decode)?
        }
        Value::Array(values) => values.into_iter().map(plain).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| Ok((name, plain(value)?)));
            members.collect::<Result<_, _>>()?
        }
        other => other,
    })
}

fn verify_header(header: &Claims) -> Result<(), Verdict> {
    for name in ["alg", "typ", "kid"] {
        refuse_if(header.get(name).is_some_and(|value| !value.is_string()), Verdict::Decode)?;
    }
    refuse_if(header.contains_key("crit"), Verdict::Invalid)?;
    refuse_if(header.contains_key("b64"), Verdict::Invalid)?;
    refuse_if(!header.contains_key("alg"), Verdict::Invalid)?;
    let is_jwt = header.get("typ").and_then(Value::as_str).is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
    refuse_if(!is_jwt && !says_at_jwt(header), Verdict::Invalid)
}

fn says_at_jwt(header: &Claims) -> bool {
    let typ = header.get("typ").and_then(Value::as_str).map(str::to_ascii_lowercase);
    typ.is_some_and(|typ| typ == "at+jwt" || typ == "application/at+jwt")
}

/// The party that the token names, with a key that it may be signed with, and that it is signed with.
fn signer<'s>(
    token: &str,
    header: &Claims,
    setting: &'s Setting,
) -> Result<(&'s Party, Option<Claims>), Verdict> {
    for party in named_in(token, setting)? {
        let current: Vec<&Key> =
            party.keys.iter().filter(|key| key.until.is_none_or(|until| setting.now() < until)).collect();
        for key in keys_for(header, &current) {
            if let Ok(theirs) = verify_signature(token, key) {
                return Ok((party, theirs));
            }
        }
    }
    Err(Verdict::Invalid)
}

/// The only party; or, of several, the one that `iss` names; or those that need no name.
fn named_in<'s>(token: &str, setting: &'s Setting) -> Result<Vec<&'s Party>, Verdict> {
    let parties: Vec<&Party> = setting.parties().collect();
    if parties.len() == 1 {
        return Ok(parties);
    }
    let json = decoded(token.split('.').nth(1).unwrap())?;
    let claims: Value = serde_json::from_slice(&json).map_err(|_| Verdict::Decode)?;
    let issuer = claims.get("iss").and_then(Value::as_str);
    let named: Vec<_> =
        parties.iter().copied().filter(|party| issuer.is_some() && party.issuer == issuer).collect();
    let nameless = parties.into_iter().filter(|party| party.issuer.is_none());
    Ok(if named.is_empty() { nameless.collect() } else { named })
}

/// The keys with the token's `kid`; or those without an id; or, for a token without `kid`, the only one of its algorithm.
/// Each must be of the token's algorithm.
fn keys_for<'k>(header: &Claims, keys: &[&'k Key]) -> Vec<&'k Key> {
    let of_algorithm = |keys: Vec<&'k Key>| -> Vec<&'k Key> {
        keys.into_iter().filter(|key| header["alg"] == key.algorithm.name()).collect()
    };
    let kid = header.get("kid").and_then(Value::as_str);
    let with_id =
        |id: Option<&str>| -> Vec<&'k Key> { keys.iter().copied().filter(|key| key.id == id).collect() };
    if kid.is_some() && !with_id(kid).is_empty() {
        return of_algorithm(with_id(kid));
    }
    if !with_id(None).is_empty() {
        return of_algorithm(with_id(None));
    }
    let only = of_algorithm(keys.to_vec());
    if kid.is_none() && only.len() == 1 { only } else { Vec::new() }
}

/// The claims, unless `jsonwebtoken` refuses them for what is not the signature: our rules have their say first.
pub(crate) fn verify_signature(token: &str, key: &Key) -> Result<Option<Claims>, Verdict> {
    use jsonwebtoken::errors::ErrorKind;
    // By name: where another member of the workspace turns on the other back end too, it chooses none by itself.
    let _ = rust_crypto::DEFAULT_PROVIDER.install_default();
    let algorithm = key.algorithm.name().parse().unwrap();
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let public = pair(key.algorithm).1.as_bytes();
    let key = match key.algorithm {
        Algorithm::ES256 => DecodingKey::from_ec_pem(public).unwrap(),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(public).unwrap(),
        Algorithm::RS256 => DecodingKey::from_rsa_pem(public).unwrap(),
        _ => DecodingKey::from_secret(key.secret.as_bytes()).unwrap(),
    };
    match jsonwebtoken::decode::<Value>(token, &key, &validation) {
        Ok(decoded) => Ok(plain(decoded.claims).ok().and_then(|claims| claims.as_object().cloned())),
        Err(error) if *error.kind() == ErrorKind::InvalidSignature => Err(Verdict::Invalid),
        Err(_) => Ok(None),
    }
}

/// Another issuer may write what decides nothing in a form of its own.
fn verify_types(claims: &Claims, party: &Party) -> Result<(), Verdict> {
    let judged = |name: &&str| !party.is_foreign || !UNDECIDING.contains(name);
    for name in ["exp", "nbf", "iat", "auth_time", "claims_since"].iter().filter(|name| judged(name)) {
        refuse_if(claims.get(*name).is_some_and(|value| date(value).is_none()), Verdict::Invalid)?;
    }
    refuse_if(!party.is_foreign && claims.get("sid").is_some_and(|sid| sid == ""), Verdict::Invalid)?;
    for name in ["iss", "jti", "sid", "type", "acr", "pool"].iter().filter(|name| judged(name)) {
        refuse_if(claims.get(*name).is_some_and(|value| !value.is_string()), Verdict::Invalid)?;
    }
    for strings in ["aud", "amr"].iter().filter(|name| judged(name)).filter_map(|name| claims.get(*name)) {
        let is_list = strings.as_array().is_some_and(|all| all.iter().all(Value::is_string));
        refuse_if(!strings.is_string() && !is_list, Verdict::Invalid)?;
    }
    if let Some(subject) = claims.get(party.subject_claim) {
        let is_text = subject.as_str().is_some_and(|text| !text.is_empty());
        refuse_if(!is_text && !subject.is_u64() && !subject.is_i64(), Verdict::Invalid)?;
    }
    Ok(())
}

/// All that another issuer signs for us is an access token, unless it says that it is none; ours say what they are, and which.
fn verify_kind<'c>(claims: &'c Claims, party: &Party, setting: &Setting) -> Result<&'c str, Verdict> {
    let said = claims.get("type").and_then(Value::as_str);
    let means_access =
        |word: &str| ["access", "bearer", "at+jwt", "access_token"].contains(&&*word.to_ascii_lowercase());
    refuse_if(party.is_foreign && said.is_some_and(|said| !means_access(said)), Verdict::Invalid)?;
    let kind = if party.is_foreign { "access" } else { said.ok_or(Verdict::Invalid)? };
    refuse_if(kind != "access" && kind != "refresh", Verdict::Invalid)?;
    refuse_if(setting.expected.is_some_and(|expected| kind != expected.name()), Verdict::Invalid)?;
    refuse_if(!party.is_foreign && claims.get("jti").is_none_or(|jti| jti == ""), Verdict::Invalid)?;
    Ok(kind)
}

fn verify_parties(claims: &Claims, party: &Party) -> Result<(), Verdict> {
    // No handler and no setting: the users of no pool are ours.
    refuse_if(!party.is_foreign && claims.contains_key("pool"), Verdict::Invalid)?;
    if let Some(issuer) = party.issuer {
        refuse_if(claims.get("iss").is_none_or(|iss| iss != issuer), Verdict::Invalid)?;
    }
    match (claims.get("aud"), party.audience) {
        (None, None) => Ok(()),
        (Some(Value::String(name)), Some(audience)) => refuse_if(name != audience, Verdict::Invalid),
        (Some(Value::Array(names)), Some(audience)) => {
            refuse_if(!names.contains(&audience.into()), Verdict::Invalid)
        }
        _ => Err(Verdict::Invalid),
    }
}

fn verify_dates(claims: &Claims, kind: &str, setting: &Setting) -> Result<(), Verdict> {
    for name in ["nbf", "iat", "auth_time"] {
        if let Some(value) = claims.get(name) {
            let is_early = date(value).is_some_and(|date| date > setting.now() + setting.leeway);
            refuse_if(is_early, Verdict::Invalid)?;
        }
    }
    let exp = date(claims.get("exp").ok_or(Verdict::Invalid)?).unwrap();
    // Revocations are kept for a day, unless set.
    let day = 24 * 60 * 60;
    let begin = ["iat", "nbf"].iter().find_map(|name| date(claims.get(*name)?));
    let begin = begin.map_or(setting.now(), |begin| begin.min(setting.now()));
    refuse_if(kind == "access" && exp > begin + day + setting.leeway, Verdict::Invalid)?;
    refuse_if(setting.now() >= exp + setting.leeway, Verdict::Expired)
}

/// The claims of another issuer that decide nothing about its tokens.
const UNDECIDING: [&str; 8] = ["type", "sid", "jti", "auth_time", "acr", "amr", "pool", "claims_since"];

/// Whole seconds since the epoch, up to the end of the year 9999; a fraction is cut off.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is held against the bounds before"
)]
pub(crate) fn date(value: &Value) -> Option<u64> {
    const LAST: u64 = 253_402_300_799;
    let seconds = value.as_u64().or_else(|| {
        let fractional = value.as_f64().filter(|_| value.is_f64())?;
        (0.0..1e12).contains(&fractional).then(|| fractional.floor() as u64)
    });
    seconds.filter(|seconds| *seconds <= LAST)
}
