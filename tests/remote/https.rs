//! The certificate authorities that are trusted.

use std::error::Error;

use gatevault::RemoteKeys;

use crate::server::{Answer, SecureServer};
use crate::signer::{Signer, set};
use crate::{accepting, arrived, failure, verdict};

#[test]
fn a_certificate_of_a_trusted_private_authority_is_accepted() {
    let signer = Signer::es256("a");
    let server = SecureServer::of("127.0.0.1", Answer::Body(set(&[&signer])));
    let keys = RemoteKeys::jwks(server.url("/jwks")).trust_only(&server.authority).build().unwrap();
    arrived(&keys);
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
    // The process-wide cryptography provider is the application's choice.
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[test]
fn a_certificate_of_an_untrusted_authority_is_rejected() {
    let answer = Answer::Body(set(&[&Signer::es256("a")]));
    let server = SecureServer::of("127.0.0.1", answer.clone());
    let another = SecureServer::of("127.0.0.1", answer);
    let by_system = RemoteKeys::jwks(server.url("/jwks")).build().unwrap();
    let by_another = RemoteKeys::jwks(server.url("/jwks")).trust_only(&another.authority).build().unwrap();
    for keys in [by_system, by_another] {
        assert!(!failure(&keys).is_empty());
        assert!(server.server.requests().is_empty());
    }
}

#[test]
fn a_certificate_for_another_name_is_rejected() {
    let server = SecureServer::of("id.example", Answer::Body(set(&[&Signer::es256("a")])));
    let keys = RemoteKeys::jwks(server.url("/jwks")).trust_only(&server.authority).build().unwrap();
    let reason = failure(&keys);
    assert!(reason.contains("certificate"), "{reason}");
    assert!(server.server.requests().is_empty());
}

#[test]
fn https_does_not_fall_back_to_plain_http() {
    let server = crate::server::Server::answering(Answer::Body(set(&[&Signer::es256("a")])));
    let url = server.url("/jwks").replace("http://", "https://");
    let second = std::time::Duration::from_secs(1);
    let keys = RemoteKeys::jwks(url).timeout(second).build().unwrap();
    assert!(!failure(&keys).is_empty());
    let error = keys.wait(std::time::Duration::ZERO).unwrap_err();
    assert!(error.to_string().contains("could not be fetched") && error.source().is_some(), "{error}");
}
