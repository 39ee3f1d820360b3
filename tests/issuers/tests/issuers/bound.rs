//! Access tokens bound to a key of the client (RFC 7800), which are more than bearer tokens.

use std::fmt::Write;
use std::sync::LazyLock;
use std::time::SystemTime;

use gatevault::error::InvalidReason;
use gatevault::{Issuer, TokenError};
use gatevault_issuers::{Provider, resource, segment, service_token_with};
use jsonwebtoken::crypto::rust_crypto;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::json;

use crate::{AUDIENCE, accepting, accepting_issuer, es256, keys_of, refusal, status};

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| Provider::start(&[es256("1")]));

#[test]
fn a_token_bound_by_dpop_opens_a_guard_only_where_something_checks_the_proof() {
    let token = service_token_with(&PROVIDER, "service", &resource("ES256"), &[("dpop", &proof())]);
    assert!(segment(&token, 1)["cnf"]["jkt"].is_string());
    assert_bound(&token);
}

#[test]
fn a_token_bound_to_a_certificate_opens_a_guard_only_where_something_checks_it() {
    let headers = [("client-certificate", certificate())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let token = service_token_with(&PROVIDER, "service-with-certificate", &resource("ES256"), &headers);
    assert!(segment(&token, 1)["cnf"]["x5t#S256"].is_string());
    assert_bound(&token);
}

/// Asserts that a token is rejected for its binding, and accepted behind a proxy that checks it.
fn assert_bound(token: &str) {
    let tokens = accepting(&PROVIDER);
    assert_eq!(refusal(&tokens, token), TokenError::Invalid(InvalidReason::Bound));
    let issuer = Issuer::new(PROVIDER.issuer(), keys_of(PROVIDER.issuer())).audience(AUDIENCE);
    assert_eq!(status(&accepting_issuer(issuer.accept_bound()), token), 200);
}

/// Returns a proof for a request to the token endpoint (RFC 9449 section 4.2).
fn proof() -> String {
    let _installed_already = rust_crypto::DEFAULT_PROVIDER.install_default();
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let key = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
    let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    let header = Header { typ: Some("dpop+jwt".to_owned()), jwk: Some(jwk), ..Header::new(Algorithm::ES256) };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({"htm": "POST", "htu": PROVIDER.url("/token"), "iat": now, "jti": "once"});
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

/// Returns the certificate of a client as a proxy passes it on: in PEM, percent-encoded.
fn certificate() -> String {
    let certificate = CertificateParams::new(["client.example".to_owned()]).unwrap();
    let pem = certificate.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    pem.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").unwrap();
        encoded
    })
}
