//! Key sets as jose, joserfc and Authlib write them: with the ids, certificates and other members of each.

use gatevault::{JwkSet, KeyRing};
use serde_json::{Value, json};

use crate::issuer::{USER, claims, decode, ring_of};
use crate::peer::Peer;
use crate::report;

/// Algorithms whose keys differ in their type or curve.
const ONE_OF_EACH: [&str; 5] = ["RS256", "ES256", "ES384", "ES512", "EdDSA"];

/// Reads a set, of which every key can be used.
fn whole(set: &Value) -> KeyRing {
    let read = JwkSet::from_json(&set.to_string()).unwrap();
    assert_eq!(read.skipped(), [], "{set}");
    assert_eq!(read.keys().len(), set["keys"].as_array().unwrap().len());
    read.into()
}

/// Signs with the peer's key for the algorithm.
fn sign(peer: Peer, key: &str, header: &Value) -> String {
    let tokens = json!([{"key": key, "header": header, "claims": claims()}]);
    let token = peer.ask_all("sign", json!({"tokens": tokens})).remove(0).unwrap();
    token.as_str().unwrap().to_owned()
}

fn assert_verifies(ring: &KeyRing, token: &str) {
    assert_eq!(decode(ring.clone(), token).as_deref(), Ok(USER), "{token}");
}

/// joserfc and Authlib use the thumbprint of RFC 7638 as the id, and write no `alg`.
#[test]
fn keys_with_thumbprints_as_ids_are_found() {
    for peer in [Peer::Joserfc, Peer::Authlib] {
        let written = peer.ask("keys", json!({"algorithms": ONE_OF_EACH}));
        let ring = whole(&written["set"]);
        for (algorithm, key) in ONE_OF_EACH.iter().zip(written["set"]["keys"].as_array().unwrap()) {
            assert!(key["alg"].is_null() && key["kid"].as_str().unwrap().len() == 43, "{key}");
            assert_verifies(&ring, &sign(peer, algorithm, &json!({"alg": algorithm, "kid": key["kid"]})));
        }
    }
    report("keys with thumbprints as ids", 2 * ONE_OF_EACH.len());
}

/// A key without `alg` serves every algorithm of RSA, as at its peer.
#[test]
fn an_rsa_key_without_an_algorithm_serves_the_family() {
    let family = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    for peer in [Peer::Joserfc, Peer::Authlib] {
        let written = peer.ask("keys", json!({"algorithms": ["RS256"]}));
        let ring = whole(&written["set"]);
        let kid = &written["set"]["keys"][0]["kid"];
        for algorithm in family {
            assert_verifies(&ring, &sign(peer, "RS256", &json!({"alg": algorithm, "kid": kid})));
        }
    }
    report("RSA keys without an algorithm", 2 * family.len());
}

/// `exportJWK` of jose writes neither an id nor an algorithm, and `SignJWT` no id.
#[test]
fn keys_and_tokens_without_ids_are_matched_by_their_algorithm() {
    // Two keys for RS256, so both are candidates.
    let algorithms = [&ONE_OF_EACH[..], &["PS256"]].concat();
    let bare = Peer::Jose.ask("bare", json!({"algorithms": algorithms, "claims": claims()}));
    let ring = whole(&bare["set"]);
    let tokens = bare["tokens"].as_array().unwrap();
    for token in tokens {
        assert_verifies(&ring, token.as_str().unwrap());
    }
    report("keys and tokens without ids", tokens.len());
}

#[test]
fn a_key_is_found_by_the_thumbprint_of_its_certificate() {
    let certified = Peer::Joserfc.ask("certified", json!({"claims": claims()}));
    let members = certified["set"]["keys"].as_array().unwrap();
    let certificate = |key: &Value| ["x5c", "x5t", "x5t#S256"].iter().all(|name| !key[name].is_null());
    assert!(members.len() == 2 && members.iter().all(certificate), "{certified}");
    let (ring, tokens) = (whole(&certified["set"]), certified["tokens"].as_array().unwrap());
    for token in tokens {
        assert_verifies(&ring, token.as_str().unwrap());
    }
    for key in ["RS256", "PS256"] {
        let written = Peer::Joserfc.ask("keys", json!({"algorithms": [key]}));
        let header = json!({"alg": "RS256", "kid": written["set"]["keys"][0]["kid"]});
        assert_verifies(&ring, &sign(Peer::Joserfc, key, &header));
    }
    report("keys with certificates", tokens.len() + 2);
}

#[test]
fn a_usable_key_is_used_beside_those_of_other_kinds() {
    let written = Peer::Joserfc.ask("foreign_kinds", json!({"claims": claims()}));
    let (set, members) = (written["set"].to_string(), written["set"]["keys"].as_array().unwrap());
    let read = JwkSet::from_json(&set).unwrap();
    assert_eq!((read.keys().len(), read.skipped().len()), (1, members.len() - 1), "{:?}", read.skipped());
    assert_verifies(&ring_of(&written["set"]).unwrap(), written["token"].as_str().unwrap());
    report("keys of other kinds", members.len());
}

/// RFC 7518 section 6.2.1.2 requires the length of the curve; Authlib writes a number without its leading zeros.
#[test]
fn an_ec_key_with_shortened_numbers_is_skipped_with_the_reason() {
    let written = Peer::Authlib.ask("short_numbers", json!({"claims": claims()}));
    let refused = JwkSet::from_json(&written["set"].to_string()).unwrap_err().to_string();
    assert!(refused.contains("and not 66"), "{refused}");

    let whole = Peer::Authlib.ask("keys", json!({"algorithms": ["ES256"]}));
    let both = json!({"keys": [written["set"]["keys"][0], whole["set"]["keys"][0]]});
    let read = JwkSet::from_json(&both.to_string()).unwrap();
    let [skipped] = read.skipped() else { panic!("{read:?}") };
    assert!(skipped.reason.to_string().contains("and not 66"), "{skipped:?}");
    let kid = &whole["set"]["keys"][0]["kid"];
    let token = sign(Peer::Authlib, "ES256", &json!({"alg": "ES256", "kid": kid}));
    assert_verifies(&ring_of(&both).unwrap(), &token);
    report("EC keys with shortened numbers", 2);
}

/// A set with a repeated id is used: the header's algorithm, then each of the candidates, decides.
#[test]
fn a_repeated_id_is_no_obstacle() {
    for peer in Peer::OTHERS {
        let algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
        let written = peer.ask("keys", json!({"algorithms": algorithms}));
        let mut set = written["set"].clone();
        for key in set["keys"].as_array_mut().unwrap() {
            key["kid"] = "current".into();
        }
        let ring = whole(&set);
        for algorithm in algorithms {
            assert_verifies(&ring, &sign(peer, algorithm, &json!({"alg": algorithm, "kid": "current"})));
        }
    }
    report("repeated ids", 3 * 4);
}
