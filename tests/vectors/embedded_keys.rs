//! A token never brings its own key, and no URL in it is fetched.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gatevault::error::InvalidReason;
use gatevault::{Algorithm, KeyRing, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::{SECRET, timed};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::{rust_crypto, sign};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512,
    PKCS_ED25519, PKCS_RSA_SHA256, SigningKey as _,
};

use crate::asymmetric::keys::{ALGORITHMS, manager_with, shared_algorithms, signing, verify_with};
use crate::asymmetric::peer::{manager_of, signature};
use crate::forge::{Members, encoded, forge};
use crate::verdicts::{assert_accepted, assert_refused, manager};

const THEIRS: &str = "a secret that only the attacker knows, long enough";

/// Returns header members that contain a key, or the `url` of one.
fn offers(url: &str) -> Vec<(String, Members)> {
    let oct = format!(r#"{{"kty":"oct","alg":"HS256","use":"sig","k":"{}"}}"#, encoded(THEIRS));
    let rsa = r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#;
    let location = format!("\"{url}\"");
    let offers = [
        ("jwk", oct.clone()),
        ("jwk", rsa.to_owned()),
        ("jwk", format!(r#"{{"keys":[{oct}]}}"#)),
        ("jwk", location.clone()),
        ("jwks", format!(r#"{{"keys":[{oct}]}}"#)),
        ("jku", location.clone()),
        ("x5u", location.clone()),
        ("x5c", format!("[\"{}\"]", encoded("not a certificate"))),
        ("x5t", location.clone()),
        ("x5t#S256", location.clone()),
        ("kid", location.clone()),
        ("url", location.clone()),
        ("iss", location),
        ("k", format!("\"{THEIRS}\"")),
    ];
    offers.map(|(name, value)| (format!("{name}: {value}"), Members::header().with(name, &value))).into()
}

#[test]
fn a_key_in_the_header_is_neither_used_nor_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/keys.json", listener.local_addr().unwrap());
    let claims = Members::claims().with("iss", &format!("\"{url}\"")).json();
    let signature = || InvalidReason::Signature.into();

    let theirs =
        |(name, header): (String, Members)| (name, forge(header.json(), &claims, THEIRS), signature());
    assert_refused(&manager(), offers(&url).into_iter().map(theirs));
    let ours = |(name, header): (String, Members)| (name, forge(header.json(), &claims, SECRET));
    assert_accepted(&manager(), offers(&url).into_iter().map(ours));

    sleep(Duration::from_millis(50));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "{url} was fetched");
}

#[test]
fn a_manager_with_a_named_key_uses_no_key_from_the_header() {
    let key = SigningKey::hs256(SECRET).unwrap().with_id("ours").unwrap();
    let tokens = TokenManager::builder().key(key).clock(timed().1).build().unwrap();
    let cases = offers("http://127.0.0.1:9/").into_iter().map(|(name, header)| {
        let named = header.with("kid", "\"ours\"");
        (name, forge(named.json(), Members::claims().json(), THEIRS), InvalidReason::Signature.into())
    });
    assert_refused(&tokens, cases);
}

/// A key pair of an attacker.
struct Attacker {
    algorithm: Algorithm,
    pair: KeyPair,
}

impl Attacker {
    fn new(algorithm: Algorithm) -> Self {
        let kind = match algorithm {
            Algorithm::ES256 => &PKCS_ECDSA_P256_SHA256,
            Algorithm::ES384 => &PKCS_ECDSA_P384_SHA384,
            Algorithm::ES512 => &PKCS_ECDSA_P521_SHA512,
            Algorithm::EdDSA => &PKCS_ED25519,
            _ => &PKCS_RSA_SHA256,
        };
        Self { algorithm, pair: KeyPair::generate_for(kind).unwrap() }
    }

    fn public(&self) -> VerifyingKey {
        verify_with(self.algorithm, self.pair.public_key_pem()).unwrap()
    }

    /// Returns headers that bring the public key: as a JWK, and in a self-signed certificate.
    fn headers(&self) -> [Members; 2] {
        let header = Members::header().with("alg", &format!("\"{}\"", self.algorithm));
        let names = CertificateParams::new(["attacker.example".to_owned()]).unwrap();
        let certificate = names.self_signed(&self.pair).unwrap();
        let jwk = self.public().to_jwk().unwrap();
        assert_eq!(verify_with(self.algorithm, certificate.pem()).unwrap().to_jwk().as_ref(), Some(&jwk));
        let chain = format!("[\"{}\"]", STANDARD.encode(certificate.der()));
        [header.clone().with("jwk", &jwk), header.with("x5c", &chain)]
    }

    fn signature(&self, message: &str) -> String {
        let pem = self.pair.serialize_pem();
        let key = match self.algorithm {
            Algorithm::ES512 => return encoded(fixed(&self.pair.sign(message.as_bytes()).unwrap())),
            Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        // With both back ends in the build, jsonwebtoken does not choose one. Only the first call has an effect.
        rust_crypto::DEFAULT_PROVIDER.install_default().ok();
        sign(message.as_bytes(), &key.unwrap(), self.algorithm.name().parse().unwrap()).unwrap()
    }
}

/// Returns a signature on P-521 as a JWS has it (RFC 7518 section 3.4), from an `ECDSA-Sig-Value` (RFC 3279 section 2.2.3).
fn fixed(asn1: &[u8]) -> Vec<u8> {
    // The sequence has a length of two bytes.
    let (r, rest) = asn1[5..].split_at(usize::from(asn1[4]));
    [r, &rest[2..]].into_iter().flat_map(|number| [&vec![0; 66 - number.len()], number].concat()).collect()
}

#[test]
fn the_public_key_of_a_pair_in_the_header_verifies_nothing() {
    for algorithm in ALGORITHMS {
        let attacker = Attacker::new(algorithm);
        let token = |header: &Members, sign: &dyn Fn(&str) -> String| {
            let message = format!("{}.{}", encoded(header.json()), encoded(Members::claims().json()));
            format!("{message}.{}", sign(&message))
        };
        let bare = attacker.headers();
        let named = attacker.headers().map(|header| header.with("kid", "\"ours\""));
        let all: Vec<_> = bare.iter().chain(&named).collect();
        let theirs =
            |header: &&Members| (header.json(), token(header, &|message| attacker.signature(message)));
        let refusal = |(name, token): (String, String)| (name, token, InvalidReason::Signature.into());

        // A verifier that trusts the header accepts them.
        let ring = KeyRing::verifying([attacker.public().with_id("ours").unwrap()]).unwrap();
        let trusting = TokenManager::builder().key_ring(ring).clock(timed().1).build().unwrap();
        assert_accepted(&trusting, all.iter().map(theirs));

        assert_refused(&manager_of(algorithm), all[..2].iter().map(theirs).map(refusal));
        let with_id = manager_with(signing(algorithm).with_id("ours").unwrap());
        assert_refused(&with_id, all.iter().map(theirs).map(refusal));
        if shared_algorithms().any(|shared| shared == algorithm) {
            let ours =
                |header: &&Members| (header.json(), token(header, &|message| signature(message, algorithm)));
            assert_accepted(&with_id, all.iter().map(ours));
        }
    }
}
