//! Advice after a token was refused: what to change.

use gatevault::error::{DecodeReason, InvalidReason};
use gatevault::{KeyRing, TokenError, VerifyingKey};

use super::token::{Form, Token};
use super::verification::{profile, subject_claim};
use super::{Options, Profile};
use crate::algorithms::{self, Family};

/// Returns sentences on what to change.
pub(super) fn on(error: &TokenError, token: &Token<'_>, options: &Options, keys: &KeyRing) -> Vec<String> {
    let reason = match error {
        TokenError::Expired => return lines(&[EXPIRED, "`--at TIME` shows the verdict at another time"]),
        TokenError::Decode(_) if token.form == Form::ApiKey => {
            return lines(&[
                "guards take access tokens: the service exchanges the key for one, as with `KeyExchange`",
            ]);
        }
        TokenError::Decode(reason) => return malformed(reason),
        TokenError::Invalid(reason) => reason,
        _ => return Vec::new(),
    };
    match reason {
        InvalidReason::Signature => wrong_signature(keys),
        InvalidReason::Algorithm => wrong_algorithm(token, keys),
        InvalidReason::KeyId => other_key(token, keys),
        InvalidReason::MissingClaim(name) => missing(name, token, options),
        InvalidReason::Audience(_) => audience(token, options),
        InvalidReason::Issuer(_) => issuer(token),
        InvalidReason::Pool(_) => pool(token),
        InvalidReason::NotYetValid { .. } => lines(&[
            "compare the clock of the machine that created the token with this one; `--clock-skew` tolerates a difference",
        ]),
        InvalidReason::TooLongLived { .. } => lines(&[
            "create tokens that live shorter, or raise the limit: `--max-lifetime` here, `max_lifetime` in the service",
        ]),
        InvalidReason::Kind { expected } => {
            lines(&[&format!("send the {expected} token instead, or leave out `--kind`")])
        }
        InvalidReason::PurposeToken => lines(&[
            "only the service verifies it, with `decode_purpose_token`, its `Purpose` and the current state of the user",
        ]),
        InvalidReason::Type if options.expected.at_jwt => {
            lines(&["leave out `--at-jwt`, or create the token with `at_jwt()`"])
        }
        InvalidReason::TooLong { .. } => {
            lines(&["put less into the token, or raise `max_token_bytes` in the service"])
        }
        _ => Vec::new(),
    }
}

fn malformed(reason: &DecodeReason) -> Vec<String> {
    match reason {
        DecodeReason::Opaque | DecodeReason::Encrypted => Vec::new(),
        _ => lines(&["copy the whole token again: all three parts, without line breaks"]),
    }
}

fn wrong_signature(keys: &KeyRing) -> Vec<String> {
    let has_secret =
        keys.verifying_keys().iter().any(|key| algorithms::family(key.algorithm()) == Some(Family::Secret));
    let mut advice = lines(&[
        "another key made the signature, or the token was changed: compare the key with that of the service that created it",
    ]);
    if has_secret {
        advice.push(
            "a secret is its characters as they are: neither decoded from hexadecimal or base64, nor with quotes around it"
                .to_owned(),
        );
    }
    advice
}

fn wrong_algorithm(token: &Token<'_>, keys: &KeyRing) -> Vec<String> {
    let Some(alg) = token.header_text("alg") else { return Vec::new() };
    let known = algorithms::named(alg);
    let (wanted, family) = (known.map_or(alg, |known| known.name()), known.and_then(algorithms::family));
    let of_keys: Vec<_> = keys.verifying_keys().iter().map(VerifyingKey::algorithm).collect();
    let names: Vec<_> = of_keys.iter().map(|algorithm| algorithm.name()).collect();
    let same_family =
        of_keys.iter().any(|algorithm| algorithms::family(*algorithm) == family && family.is_some());
    let mut advice = vec![format!("the header says {alg:?}, and the key is for {}", names.join(", "))];
    if same_family {
        advice.push(format!("if the service uses this key with {wanted}, give `--alg {wanted}`"));
    } else if family == Some(Family::Secret) {
        advice.push(
            "a public key used as a secret is an attack (RFC 8725 section 2.1): never accept such a token"
                .to_owned(),
        );
    }
    advice
}

fn other_key(token: &Token<'_>, keys: &KeyRing) -> Vec<String> {
    let kid = token.header("kid").map_or_else(|| "no `kid`".to_owned(), |kid| format!("the `kid` {kid}"));
    let keys = keys.verifying_keys();
    let ids: Vec<_> = keys.iter().filter_map(|key| key.id()).map(|id| format!("{id:?}")).collect();
    let listed = if ids.is_empty() { "have none".to_owned() } else { format!("have {}", ids.join(", ")) };
    vec![
        format!("the token has {kid}, and the keys {listed}"),
        "it is of another issuer or environment, or its key was removed: fetch the key set again".to_owned(),
    ]
}

fn missing(name: &str, token: &Token<'_>, options: &Options) -> Vec<String> {
    if profile(options) == Profile::Own && matches!(name, "type" | "jti") && token.claim(name).is_none() {
        return lines(&["`TokenManager` writes this claim, so the token is of another issuer: \
                        give `--profile other --issuer-name NAME --audience NAME`, and accept it in the service with `Issuer`"]);
    }
    if name == subject_claim(token, options) {
        return lines(&[
            "name the claim that identifies the user: `--subject-claim` here, `subject_claim` in the service",
        ]);
    }
    Vec::new()
}

fn audience(token: &Token<'_>, options: &Options) -> Vec<String> {
    let Some(aud) = token.claim("aud") else {
        return lines(&[
            "the token is for no service by name: create it with an audience, or leave out `--audience`",
        ]);
    };
    let given = options.expected.audience.join(", ");
    let expected =
        if given.is_empty() { "none was expected".to_owned() } else { format!("{given:?} was expected") };
    vec![
        format!("the token is for {aud}, and {expected}"),
        "if the service is one of them, give its name with `--audience` here, and with `audience` in the service".to_owned(),
    ]
}

fn issuer(token: &Token<'_>) -> Vec<String> {
    let iss = token.claim("iss").map_or_else(|| "no `iss`".to_owned(), |iss| format!("the `iss` {iss}"));
    vec![format!(
        "the token has {iss}: `--issuer-name` must be the same, character by character, a slash at the end included"
    )]
}

fn pool(token: &Token<'_>) -> Vec<String> {
    let pool = token.claim("pool").map_or_else(|| "no pool".to_owned(), |pool| format!("the pool {pool}"));
    vec![format!(
        "its user is of {pool}: if the service accepts these users, name their pool with `--user-pool` here, and with \
         `user_pool` or `user_pools` in the service"
    )]
}

fn lines(all: &[&str]) -> Vec<String> {
    all.iter().map(|line| (*line).to_owned()).collect()
}

const EXPIRED: &str = "everything else about it is valid: a client exchanges its refresh token for a new one";
