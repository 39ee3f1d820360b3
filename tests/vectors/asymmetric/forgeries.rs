//! Forgeries without the private key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Payload};
use serde_json::Value;

use super::keys::*;
use super::peer::{manager_of, message, signature, signed_with};
use crate::forge::{segments, signed};
use crate::verdicts::{Case, assert_refused};

/// Returns the public forms of a key that libraries have mistaken for HMAC secrets.
fn public_forms(algorithm: Algorithm) -> Vec<Vec<u8>> {
    let pem = pair(algorithm).1;
    let jwk = verifying(algorithm).to_jwk().unwrap();
    let members: Value = serde_json::from_str(&jwk).unwrap();
    let numbers = ["n", "x", "y"].into_iter().filter_map(|name| members[name].as_str());
    let mut forms = vec![
        pem.into(),
        pem.trim_end().into(),
        pem.replace('\n', "\r\n").into(),
        der(pem),
        jwk.clone().into(),
        format!(r#"{{"keys":[{jwk}]}}"#).into(),
    ];
    for number in numbers {
        forms.extend([number.into(), URL_SAFE_NO_PAD.decode(number).unwrap()]);
    }
    if pem == RSA_PUBLIC {
        forms.extend([
            RSA_PKCS1_PUBLIC.into(),
            der(RSA_PKCS1_PUBLIC),
            RSA_CERTIFICATE.into(),
            der(RSA_CERTIFICATE),
        ]);
    }
    forms
}

#[test]
fn a_public_key_is_not_a_secret_for_hmac() {
    for algorithm in ALGORITHMS {
        let tokens = manager_of(algorithm);
        for (number, form) in public_forms(algorithm).iter().enumerate() {
            for hash in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let cases = [(hash, InvalidReason::Algorithm), (algorithm, InvalidReason::Signature)];
                let cases = cases.map(|(named, reason)| -> Case {
                    let token = signed(&message(named.name()), hash, form);
                    (format!("{algorithm}, form {number}, {named} signed by {hash}"), token, reason.into())
                });
                assert_refused(&tokens, cases);
            }
        }
    }
}

#[test]
fn the_algorithm_in_a_header_chooses_nothing() {
    let others = ["HS256", "HS384", "HS512", "none", "None", "ES256K", "Ed448", "EdDSA "];
    for algorithm in ALGORITHMS {
        let tokens = manager_of(algorithm);
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        let [_, claims, signature] = segments(&token);
        let names = ALGORITHMS.iter().map(|other| other.name()).chain(others);
        let cases = names.filter(|name| *name != algorithm.name()).map(|name| -> Case {
            let message = message(name);
            let header = message.split('.').next().unwrap();
            let token = format!("{header}.{claims}.{signature}");
            (format!("{algorithm} as {name}"), token, InvalidReason::Algorithm.into())
        });
        assert_refused(&tokens, cases);
    }
}

#[test]
fn one_key_pair_under_another_algorithm_is_another_key() {
    let family = &ALGORITHMS[..6];
    for (verifier, signer) in family.iter().flat_map(|one| family.iter().map(move |other| (*one, *other))) {
        if verifier == signer {
            continue;
        }
        let case = format!("signed by {signer}, verified by {verifier}");
        let honest = message(signer.name());
        let named = message(verifier.name());
        let cases = [
            (
                case.clone(),
                format!("{honest}.{}", signature(&honest, signer)),
                InvalidReason::Algorithm.into(),
            ),
            (case, format!("{named}.{}", signature(&named, signer)), InvalidReason::Signature.into()),
        ];
        assert_refused(&manager_of(verifier), cases);
    }
}

#[test]
fn a_signature_by_another_key_is_rejected() {
    let others = [
        (Algorithm::RS256, OTHER_RSA),
        (Algorithm::PS256, OTHER_RSA),
        (Algorithm::RS256, RSA_3072),
        (Algorithm::ES256, OTHER_P256),
        (Algorithm::EdDSA, OTHER_ED25519),
    ];
    for (algorithm, other) in others {
        let theirs = manager_with(sign_with(algorithm, other).unwrap());
        let token = theirs.create_access_token(&Payload::new(42)).unwrap();
        assert_refused(
            &manager_of(algorithm),
            [(algorithm.to_string(), token, InvalidReason::Signature.into())],
        );
    }
}

#[test]
fn empty_copied_and_malformed_signatures_are_rejected() {
    for algorithm in ALGORITHMS {
        let tokens = manager_of(algorithm);
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        let other = tokens.create_access_token(&Payload::new(43)).unwrap();
        let whole = URL_SAFE_NO_PAD.decode(segments(&token)[2]).unwrap();
        let copied = URL_SAFE_NO_PAD.decode(segments(&other)[2]).unwrap();
        let length = whole.len();
        let signatures = [
            vec![],
            copied,
            vec![0; length],
            vec![0xff; length],
            vec![0; 1],
            vec![1; 1024],
            vec![1; 1026],
            vec![1; 4096],
            whole[1..].to_vec(),
            whole[..length - 1].to_vec(),
            whole[..length / 2].to_vec(),
            [&*whole, &[0]].concat(),
            [&[0], &*whole].concat(),
            [&*whole, &*whole].concat(),
            whole.iter().rev().copied().collect(),
        ];
        let cases = signatures.iter().enumerate().map(|(number, signature)| -> Case {
            let forged = signed_with(&token, signature);
            (format!("{algorithm}, signature {number}"), forged, InvalidReason::Signature.into())
        });
        assert_refused(&tokens, cases);
    }
}

#[test]
fn every_flipped_bit_of_a_signature_is_detected() {
    for algorithm in ALGORITHMS {
        let tokens = manager_of(algorithm);
        let token = tokens.create_access_token(&Payload::new(42)).unwrap();
        let whole = URL_SAFE_NO_PAD.decode(segments(&token)[2]).unwrap();
        let cases = (0..whole.len() * 8).map(|bit| -> Case {
            let mut signature = whole.clone();
            signature[bit / 8] ^= 1 << (bit % 8);
            (
                format!("{algorithm}, bit {bit}"),
                signed_with(&token, signature),
                InvalidReason::Signature.into(),
            )
        });
        assert_refused(&tokens, cases);
    }
}
