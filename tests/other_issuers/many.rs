//! Many issuers and many keys: a valid token finds its key, and the work for a forged one is bounded.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Issuer, JwkSet, KeyRing, TokenManager};
use gatevault_tests::timed;
use serde_json::json;

use super::service::{decode, issuer_of, refusal, service};
use super::signer::{ED25519, Signer, claims};

const ISSUER: &str = "https://id.example";

fn signers(count: usize) -> Vec<Signer> {
    (0..count)
        .map(|number| Signer::hs256(&format!("the key with the number {number:04} of an issuer")))
        .collect()
}

fn name(number: usize) -> String {
    format!("https://id{number}.example")
}

/// Returns a service with an issuer for each signer.
fn accepting(signers: &[Signer]) -> TokenManager {
    service(
        signers
            .iter()
            .enumerate()
            .map(|(number, signer)| Issuer::new(name(number), signer.ring()).audience("orders")),
    )
}

/// Asserts that the keys of the first sixteen signers are tried for a token, and no others.
fn assert_sixteen_are_tried(tokens: &TokenManager, signers: &[Signer]) {
    let opens = |signer: &Signer| decode(tokens, &signer.sign(&claims(ISSUER, "orders"))).is_ok();
    let opened: Vec<bool> = signers.iter().map(opens).collect();
    assert_eq!(opened, (0..40).map(|number| number < 16).collect::<Vec<_>>());
}

/// Keys without ids say nothing about which of them signed: the first sixteen are tried.
#[test]
fn sixteen_of_many_keys_without_an_id_are_tried() {
    let signers: Vec<Signer> = (0..40).map(|_| Signer::fresh()).collect();
    let ring = KeyRing::verifying(signers.iter().map(Signer::key)).unwrap();
    let tokens = service([Issuer::new(ISSUER, ring).audience("orders")]);
    assert_sixteen_are_tried(&tokens, &signers);
    let reason = refusal(&tokens, &signers[39].sign(&claims(ISSUER, "orders")));
    assert_eq!(reason, InvalidReason::Signature);
}

/// The bound is one for the token, not for each issuer whose name it has.
#[test]
fn sixteen_signatures_are_tried_for_a_token_of_an_issuer_that_is_accepted_often() {
    let signers: Vec<Signer> = (0..40).map(|_| Signer::fresh()).collect();
    let tokens = service(signers.iter().map(|signer| Issuer::new(ISSUER, signer.ring()).audience("orders")));
    assert_sixteen_are_tried(&tokens, &signers);
}

#[test]
fn keys_with_ids_are_found_however_many_there_are() {
    let signers: Vec<_> =
        signers(500).into_iter().enumerate().map(|(n, signer)| signer.named(&n.to_string())).collect();
    let ring = KeyRing::verifying(signers.iter().map(Signer::key)).unwrap();
    let tokens = service([Issuer::new(ISSUER, ring).audience("orders")]);
    for number in [0, 1, 15, 16, 17, 255, 499] {
        let signer = &signers[number];
        assert!(decode(&tokens, &signer.sign(&claims(ISSUER, "orders"))).is_ok(), "{number}");
        let forged = signers[(number + 1) % 500].clone().named(&number.to_string());
        assert_eq!(
            refusal(&tokens, &forged.sign(&claims(ISSUER, "orders"))),
            InvalidReason::Signature,
            "{number}"
        );
    }
    assert_eq!(
        refusal(&tokens, &signers[0].clone().named("500").sign(&claims(ISSUER, "orders"))),
        InvalidReason::KeyId
    );
}

#[test]
fn a_token_finds_its_issuer_among_a_hundred_without_key_ids() {
    let signers = signers(100);
    let tokens = accepting(&signers);
    for number in [0, 15, 16, 50, 99] {
        let token = signers[number].sign(&claims(&name(number), "orders"));
        assert_eq!(issuer_of(&tokens, &token), Some(name(number)));
        // The key of another issuer, and a name that none has.
        let forged = signers[(number + 1) % 100].sign(&claims(&name(number), "orders"));
        assert_eq!(refusal(&tokens, &forged), InvalidReason::Signature);
        let reason = refusal(&tokens, &signers[number].sign(&claims("https://evil.example", "orders")));
        assert!(matches!(reason, InvalidReason::Issuer { .. }), "{reason:?}");
    }
}

#[test]
fn a_hundred_tenants_share_one_key() {
    let signer = Signer::new(Algorithm::EdDSA, ED25519).named("1");
    let tokens = service((0..100).map(|number| Issuer::new(name(number), signer.ring()).audience("orders")));
    for number in [0, 15, 16, 99] {
        assert_eq!(issuer_of(&tokens, &signer.sign(&claims(&name(number), "orders"))), Some(name(number)));
    }
}

/// Our own key is one of many, and our tokens need no name.
#[test]
fn our_own_tokens_are_found_beside_a_hundred_issuers() {
    let signers = signers(100);
    let issuers = signers.iter().enumerate();
    let builder = issuers.fold(timed().0, |builder, (number, signer)| {
        builder.accept(Issuer::new(name(number), signer.ring()).audience("orders"))
    });
    let tokens = builder.build().unwrap();
    let own = tokens.create_access_token(&gatevault::Payload::new(42)).unwrap();
    assert_eq!(issuer_of(&tokens, &own), None);
    assert!(decode(&tokens, &signers[99].sign(&claims(&name(99), "orders"))).is_ok());
}

/// A key that is tried twice takes the turn of another one.
#[test]
fn a_header_with_any_id_costs_no_more_than_one_signature_for_each_candidate() {
    let signers: Vec<Signer> = (0..40).map(|_| Signer::fresh()).collect();
    let nameless = KeyRing::verifying(signers.iter().map(Signer::key)).unwrap();
    let of_one_name: Vec<_> = signers.iter().map(|signer| signer.clone().named("1").jwk()).collect();
    let of_one_name = JwkSet::from_json(&json!({ "keys": of_one_name }).to_string()).unwrap();
    let of_one_name = KeyRing::verifying(of_one_name).unwrap();
    for (ring, kid) in [(&nameless, "junk"), (&nameless, &"x".repeat(4000)), (&of_one_name, "1")] {
        let tokens = service([Issuer::new(ISSUER, ring.clone()).audience("orders")]);
        let signers: Vec<Signer> = signers.iter().map(|signer| signer.clone().named(kid)).collect();
        assert_sixteen_are_tried(&tokens, &signers);
    }
}
