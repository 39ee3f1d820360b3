//! A token never brings its own key, and no URL in it is fetched.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{SigningKey, TokenManager};
use gatevault_tests::{SECRET, timed};

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
