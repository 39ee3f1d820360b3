//! Issuers whose names overlap: the more specific name decides, and no issuer speaks for another.

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, Issuer, KeyRing, Payload};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, issuer_of, refusal, services};
use super::signer::{ED25519, OTHER_ED25519, Signer, claims, of_each_kind, with};

const TEMPLATE: &str = "https://id.example/{tid}/v2.0";
const PARTNER: &str = "https://id.example/partner/v2.0";

fn tenants(keys: impl Into<KeyRing>) -> Issuer {
    Issuer::multi_tenant(TEMPLATE, keys).audience("orders")
}

fn partner(keys: impl Into<KeyRing>) -> Issuer {
    Issuer::new(PARTNER, keys).audience("orders")
}

#[test]
fn tenants_never_sign_for_an_issuer_that_is_accepted_by_name() {
    for (signer, other) in of_each_kind() {
        for tokens in services([tenants(signer.ring()), partner(other.ring())]) {
            assert_eq!(issuer_of(&tokens, &other.sign(&claims(PARTNER, "orders"))).as_deref(), Some(PARTNER));
            for audience in ["orders", "billing"] {
                let forged = signer.sign(&claims(PARTNER, audience));
                assert_eq!(refusal(&tokens, &forged), InvalidReason::Signature);
            }
            let another = PARTNER.replace("partner", "contoso");
            assert_eq!(issuer_of(&tokens, &signer.sign(&claims(&another, "orders"))), Some(another));
        }
    }
}

#[test]
fn tenants_never_sign_for_us() {
    let signer = Signer::new(Algorithm::EdDSA, ED25519).named("1");
    let tokens = timed().0.issuer(PARTNER).audience("orders").accept(tenants(signer.ring())).build().unwrap();
    let forged = signer.sign(&claims(PARTNER, "orders"));
    assert!(decode(&tokens, &forged).is_err());
    let ours = tokens.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(issuer_of(&tokens, &ours), None);
}

/// The settings of one tenant hold, wherever the template is.
#[test]
fn a_tenant_that_is_accepted_by_name_has_its_own_rules_only() {
    let signer = Signer::new(Algorithm::EdDSA, ED25519).named("1");
    let lenient = || tenants(signer.ring()).audience("billing").any_kind();
    for tokens in services([lenient(), partner(signer.ring())]) {
        assert!(decode(&tokens, &signer.sign(&claims(PARTNER, "orders"))).is_ok());
        let id_token = with(claims(PARTNER, "orders"), json!({ "at_hash": "x" }));
        let reason = refusal(&tokens, &signer.sign(&id_token));
        assert!(matches!(reason, InvalidReason::NotAccess { .. }), "{reason:?}");
        let reason = refusal(&tokens, &signer.sign(&claims(PARTNER, "billing")));
        assert!(matches!(reason, InvalidReason::Audience { .. }), "{reason:?}");
    }
}

#[test]
fn an_issuer_with_many_keys_without_ids_shuts_no_other_out() {
    let signer = Signer::new(Algorithm::EdDSA, ED25519).named("1");
    let many =
        || (0..17).map(|_| Signer::fresh().key()).chain([Signer::new(Algorithm::EdDSA, OTHER_ED25519).key()]);
    let nameless = Signer::fresh();
    for tokens in services([tenants(KeyRing::verifying(many()).unwrap()), partner(nameless.ring())]) {
        assert_eq!(issuer_of(&tokens, &nameless.sign(&claims(PARTNER, "orders"))).as_deref(), Some(PARTNER));
    }
    let tokens =
        timed().0.accept(tenants(KeyRing::verifying(many()).unwrap())).accept(partner(signer.ring()));
    let tokens = tokens.build().unwrap();
    let ours = tokens.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(issuer_of(&tokens, &ours), None);
}

/// The issuer has our secret, and our tokens need no name.
#[test]
fn a_token_whose_tenant_disagrees_with_its_issuer_is_never_ours() {
    let signer = Signer::hs256(SECRET);
    let tokens = timed().0.accept(tenants(signer.ring())).build().unwrap();
    let ours = json!({
        "user_id": 42, "sub": "42", "iat": START, "exp": START + 300, "type": "access", "jti": "1", "iss": PARTNER,
    });
    let tenants: [Value; 4] = [json!("contoso"), json!(7), json!(["partner"]), json!("")];
    for tid in tenants {
        for kind in ["access", "refresh"] {
            let token = signer.sign(&with(ours.clone(), json!({ "tid": tid, "type": kind })));
            assert!(tokens.decode_token::<Payload>(&token).is_err(), "{tid} {kind}");
        }
    }
    assert!(decode(&tokens, &signer.sign(&with(ours, json!({ "iss": null })))).is_ok());
}
