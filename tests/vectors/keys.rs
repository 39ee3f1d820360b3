//! HMAC signatures: of this key, over this message, complete.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, SigningKey, TokenManager};
use gatevault_tests::{SECRET, timed};

use crate::forge::{HEADER, Members, encoded, forge, segments, signed, tag, with_claims};
use crate::verdicts::{Case, assert_accepted, assert_refused, manager};

const HASHES: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

fn manager_of(algorithm: Algorithm) -> TokenManager {
    let key = match algorithm {
        Algorithm::HS384 => SigningKey::hs384(SECRET),
        Algorithm::HS512 => SigningKey::hs512(SECRET),
        _ => SigningKey::hs256(SECRET),
    };
    TokenManager::builder().key(key.unwrap()).clock(timed().1).build().unwrap()
}

fn message(algorithm: Algorithm) -> String {
    let header = Members::header().with("alg", &format!("\"{algorithm}\"")).json();
    format!("{}.{}", encoded(header), encoded(Members::claims().json()))
}

#[test]
fn one_secret_under_two_hashes_is_two_keys() {
    for key in HASHES {
        for named in HASHES {
            for signer in HASHES {
                let case = format!("key {key}, header {named}, signed by {signer}");
                let token = signed(&message(named), signer, SECRET);
                match (named == key, signer == key) {
                    (true, true) => assert_accepted(&manager_of(key), [(case, token)]),
                    (true, false) => {
                        assert_refused(&manager_of(key), [(case, token, InvalidReason::Signature.into())]);
                    }
                    (false, _) => {
                        assert_refused(&manager_of(key), [(case, token, InvalidReason::Algorithm.into())]);
                    }
                }
            }
        }
    }
}

#[test]
fn a_part_of_a_tag_is_not_a_tag() {
    for algorithm in HASHES {
        let message = message(algorithm);
        let whole = tag(&message, algorithm, SECRET);
        let mut parts: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        parts.extend([
            [&*whole, &[0]].concat(),
            [&[0], &*whole].concat(),
            [&*whole, &*whole].concat(),
            whole[1..].to_vec(),
            vec![0; whole.len()],
            vec![0xff; whole.len()],
            whole.iter().map(|byte| !byte).collect(),
            whole.iter().rev().copied().collect(),
        ]);
        let cases = parts.iter().map(|part| -> Case {
            let token = format!("{message}.{}", encoded(part));
            (format!("{algorithm}: {} bytes", part.len()), token, InvalidReason::Signature.into())
        });
        assert_refused(&manager_of(algorithm), cases);
    }
}

#[test]
fn a_tag_over_another_message_is_rejected() {
    let good = with_claims(Members::claims().json());
    let [header, claims, _] = segments(&good);
    let other = encoded(Members::claims().with("user_id", "1").json());
    let messages = [
        String::new(),
        header.to_owned(),
        claims.to_owned(),
        format!("{header}{claims}"),
        format!("{header}.{claims}."),
        format!("{claims}.{header}"),
        format!("{header}.{other}"),
        format!("{HEADER}.{}", Members::claims().json()),
        good.clone(),
    ];
    let cases = messages.map(|message| {
        let token = format!("{header}.{claims}.{}", encoded(tag(&message, Algorithm::HS256, SECRET)));
        (message, token, InvalidReason::Signature.into())
    });
    assert_refused(&manager(), cases);
    let swapped = signed(&format!("{claims}.{header}"), Algorithm::HS256, SECRET);
    assert_refused(&manager(), [("swapped".to_owned(), swapped, InvalidReason::Algorithm.into())]);
}

#[test]
fn a_secret_that_is_similar_to_ours_is_rejected() {
    let secrets = [
        String::new(),
        " ".to_owned(),
        "secret".to_owned(),
        format!("{SECRET}\n"),
        format!(" {SECRET}"),
        SECRET[..SECRET.len() - 1].to_owned(),
        SECRET.to_ascii_uppercase(),
        SECRET.chars().rev().collect(),
        encoded(SECRET),
        format!("\"{SECRET}\""),
    ];
    let cases = secrets.map(|secret| {
        let token = forge(HEADER, Members::claims().json(), &secret);
        (secret, token, InvalidReason::Signature.into())
    });
    assert_refused(&manager(), cases);
}

/// Public keys in the forms that libraries have mistaken for HMAC secrets.
const PUBLIC_KEYS: [&str; 4] = [
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
    "-----BEGIN PUBLIC KEY-----\r\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\r\n-----END PUBLIC KEY-----",
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh",
];

#[test]
fn a_token_keyed_with_a_public_key_is_rejected() {
    let algorithms = ["HS256", "RS256", "PS256", "ES256", "EdDSA"];
    let cases = algorithms.iter().flat_map(|algorithm| {
        PUBLIC_KEYS.iter().map(move |key| -> Case {
            let header = Members::header().with("alg", &format!("\"{algorithm}\"")).json();
            let ours = *algorithm == "HS256";
            let reason = if ours { InvalidReason::Signature } else { InvalidReason::Algorithm };
            let token = forge(header, Members::claims().json(), key);
            (format!("{algorithm} with {key}"), token, reason.into())
        })
    });
    assert_refused(&manager(), cases);
}
