//! Issuers that share keys: the `iss` of a token, then its `aud`, decide which of them it is from.

use gatevault::error::InvalidReason;
use gatevault::{Issuer, KeyRing, Payload, TokenKind};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, issuer_of, refusal, service, services};
use super::signer::{Signer, claims, of_each_kind, with};

const ONE: &str = "https://id.example/tenants/one";
const TWO: &str = "https://id.example/tenants/two";

#[test]
fn tenants_of_one_provider_share_its_keys() {
    for (signer, other) in of_each_kind() {
        let tenants = [ONE, TWO].map(|name| Issuer::new(name, signer.ring()).audience("orders"));
        for tokens in services(tenants) {
            for name in [ONE, TWO] {
                assert_eq!(issuer_of(&tokens, &signer.sign(&claims(name, "orders"))).as_deref(), Some(name));
                refusal(&tokens, &signer.sign(&claims(name, "billing")));
                assert_eq!(refusal(&tokens, &other.sign(&claims(name, "orders"))), InvalidReason::Signature);
            }
            let third = refusal(&tokens, &signer.sign(&claims("https://id.example/tenants/three", "orders")));
            assert!(matches!(third, InvalidReason::Issuer { .. }), "{third:?}");
        }
    }
}

#[test]
fn one_issuer_can_be_accepted_for_two_audiences_with_settings_of_their_own() {
    for (signer, _) in of_each_kind() {
        let orders = Issuer::new(ONE, signer.ring()).audience("orders");
        let billing =
            Issuer::new(ONE, signer.ring()).audience("api://billing").subject_claim("oid").any_kind();
        for tokens in services([orders, billing]) {
            let token = |audience: &str, changes: Value| signer.sign(&with(claims(ONE, audience), changes));
            let user = |token: &str| decode(&tokens, token).unwrap().user_id().to_string();
            assert_eq!(user(&token("orders", json!({ "oid": "o-1" }))), "f3b1-ada");
            assert_eq!(user(&token("api://billing", json!({ "oid": "o-1" }))), "o-1");
            // The rules of one audience are not those of the other.
            assert_eq!(user(&token("api://billing", json!({ "oid": "o-1", "at_hash": "x" }))), "o-1");
            let reason = refusal(&tokens, &token("orders", json!({ "oid": "o-1", "at_hash": "x" })));
            assert!(matches!(reason, InvalidReason::NotAccess { .. }), "{reason:?}");
            let reason = refusal(&tokens, &token("else", json!({})));
            assert!(matches!(reason, InvalidReason::Audience { .. }), "{reason:?}");
        }
    }
}

#[test]
fn two_audiences_of_one_issuer_may_have_different_keys() {
    for (signer, other) in of_each_kind() {
        let orders = Issuer::new(ONE, signer.ring()).audience("orders");
        let billing = Issuer::new(ONE, other.ring()).audience("billing");
        for tokens in services([orders, billing]) {
            assert!(decode(&tokens, &signer.sign(&claims(ONE, "orders"))).is_ok());
            assert!(decode(&tokens, &other.sign(&claims(ONE, "billing"))).is_ok());
            // The key of one audience does not sign for the other.
            assert!(decode(&tokens, &signer.sign(&claims(ONE, "billing"))).is_err());
            assert!(decode(&tokens, &other.sign(&claims(ONE, "orders"))).is_err());
        }
    }
}

#[test]
fn names_that_differ_by_a_slash_are_two_issuers() {
    for (signer, _) in of_each_kind() {
        let names = ["https://id.example", "https://id.example/"];
        for tokens in services(names.map(|name| Issuer::new(name, signer.ring()).audience("orders"))) {
            for name in names {
                assert_eq!(issuer_of(&tokens, &signer.sign(&claims(name, "orders"))).as_deref(), Some(name));
            }
        }
        // If only one is accepted, the other is refused.
        let only = service([Issuer::new(names[1], signer.ring()).audience("orders")]);
        refusal(&only, &signer.sign(&claims(names[0], "orders")));
    }
}

/// An issuer that publishes the public key of another gains nothing and takes nothing.
#[test]
fn an_issuer_that_copies_a_public_key_cannot_shut_its_owner_out() {
    for (owner, thief) in of_each_kind() {
        let mut copies = vec![vec![thief.key(), owner.key().with_id("2").unwrap()]];
        if thief.is_key_pair() {
            // Two secrets of one id are an error of the ring.
            copies.extend([vec![thief.key(), owner.key()], vec![owner.key(), thief.key()]]);
        }
        for copy in copies {
            let thief_issuer = Issuer::new(TWO, KeyRing::verifying(copy).unwrap()).audience("orders");
            let owner_issuer = Issuer::new(ONE, owner.ring()).audience("orders");
            for tokens in services([thief_issuer, owner_issuer]) {
                assert_eq!(issuer_of(&tokens, &owner.sign(&claims(ONE, "orders"))).as_deref(), Some(ONE));
                assert_eq!(issuer_of(&tokens, &thief.sign(&claims(TWO, "orders"))).as_deref(), Some(TWO));
                assert!(decode(&tokens, &thief.sign(&claims(ONE, "orders"))).is_err());
            }
        }
    }
}

#[test]
fn issuers_with_keys_of_one_id_are_distinguished() {
    for (one, two) in of_each_kind() {
        let issuers = [
            Issuer::new(ONE, one.ring()).audience("orders"),
            Issuer::new(TWO, two.ring()).audience("orders"),
        ];
        for tokens in services(issuers) {
            assert_eq!(issuer_of(&tokens, &one.sign(&claims(ONE, "orders"))).as_deref(), Some(ONE));
            assert_eq!(issuer_of(&tokens, &two.sign(&claims(TWO, "orders"))).as_deref(), Some(TWO));
            assert_eq!(refusal(&tokens, &one.sign(&claims(TWO, "orders"))), InvalidReason::Signature);
            assert_eq!(refusal(&tokens, &two.sign(&claims(ONE, "orders"))), InvalidReason::Signature);
        }
    }
}

/// A sister service signs with our secret, and has a name.
fn sister() -> Issuer {
    Issuer::new("https://sister.example", Signer::hs256(SECRET).ring()).audience("orders")
}

fn ours() -> Value {
    json!({ "user_id": 42, "sub": "42", "iat": START, "exp": START + 300, "type": "access", "jti": "1" })
}

#[test]
fn a_sister_service_may_sign_with_our_secret() {
    let signer = Signer::hs256(SECRET);
    let named =
        || timed().0.issuer("https://us.example").audience("orders").accept(sister()).build().unwrap();
    let nameless = || timed().0.accept(sister()).build().unwrap();
    for (tokens, own) in
        [(named(), json!({ "iss": "https://us.example", "aud": "orders" })), (nameless(), json!({}))]
    {
        let own = signer.sign(&with(ours(), own));
        assert_eq!(issuer_of(&tokens, &own), None);
        let created = tokens.create_access_token(&Payload::new(7)).unwrap();
        assert_eq!(issuer_of(&tokens, &created), None);
        let theirs = signer.sign(&with(ours(), json!({ "iss": "https://sister.example", "aud": "orders" })));
        assert_eq!(issuer_of(&tokens, &theirs).as_deref(), Some("https://sister.example"));
        let refresh =
            with(ours(), json!({ "iss": "https://sister.example", "aud": "orders", "type": "refresh" }));
        let refresh = signer.sign(&refresh);
        assert!(decode(&tokens, &refresh).is_err());
        assert!(tokens.decode_refresh_token::<Payload>(&refresh).is_err());
        // Our own refresh tokens are exchanged as before.
        let own = tokens.create_refresh_token(&Payload::new(7)).unwrap();
        assert_eq!(tokens.decode_refresh_token::<Payload>(&own).unwrap().kind(), TokenKind::Refresh);
    }
}

/// Otherwise the user 42 of the sister service would be our user 42.
#[test]
fn a_token_that_names_another_issuer_is_never_ours() {
    let signer = Signer::hs256(SECRET);
    let tokens = timed().0.accept(sister()).build().unwrap();
    for changes in [
        json!({ "iss": "https://sister.example" }),
        json!({ "iss": "https://sister.example", "type": "refresh" }),
    ] {
        let token = signer.sign(&with(ours(), changes.clone()));
        assert!(decode(&tokens, &token).is_err(), "{changes}");
        assert!(tokens.decode_refresh_token::<Payload>(&token).is_err(), "{changes}");
        assert!(tokens.decode_token::<Payload>(&token).is_err(), "{changes}");
    }
}

/// One user in the tokens of two tenants is two users, also for a revocation.
#[test]
fn a_revocation_names_the_tenant() {
    for (signer, _) in of_each_kind() {
        for tokens in services([ONE, TWO].map(|name| Issuer::new(name, signer.ring()).audience("orders"))) {
            let token = |name: &str| {
                signer.sign(&with(claims(name, "orders"), json!({ "jti": "t-1", "sid": "s-1" })))
            };
            assert!(decode(&tokens, &token(ONE)).is_ok() && decode(&tokens, &token(TWO)).is_ok());
            let expires_at = decode(&tokens, &token(ONE)).unwrap().expires_at();
            tokens.revoke_token(Some(ONE), "t-1", expires_at).unwrap();
            assert_eq!(refusal(&tokens, &token(ONE)), InvalidReason::Revoked);
            assert!(decode(&tokens, &token(TWO)).is_ok());
            tokens.revoke_session(Some(TWO), "s-1").unwrap();
            assert_eq!(refusal(&tokens, &token(TWO)), InvalidReason::Revoked);
        }
    }
}
