//! Keys with the fingerprint of ROCA (CVE-2017-15361), whose private key follows from the public one.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatevault::{ConfigError, SigningKey, VerifyingKey};
use serde_json::json;

/// Returns the DER inside of a key in PEM.
fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

/// Returns the public key as a JWK of RS256. The modulus is the 257 bytes before the exponent, which has 5 with its length.
fn jwk(spki: &[u8]) -> String {
    let (rest, exponent) = spki.split_at(spki.len() - 3);
    let modulus = &rest[rest.len() - 2 - 257..rest.len() - 2];
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    json!({ "kty": "RSA", "alg": "RS256", "n": encoded(modulus), "e": encoded(exponent) }).to_string()
}

fn assert_names_roca<K: std::fmt::Debug>(refused: Result<K, ConfigError>) {
    let error = refused.unwrap_err();
    assert!(matches!(error, ConfigError::InvalidKey { .. }), "{error:?}");
    assert!(error.to_string().contains("ROCA"), "{error}");
}

#[test]
fn a_public_key_with_the_fingerprint_of_roca_is_refused_in_every_form() {
    let spki = der(PUBLIC);
    for read in [VerifyingKey::rs256, VerifyingKey::rs512, VerifyingKey::ps256] {
        assert_names_roca(read(PUBLIC.as_bytes()));
        assert_names_roca(read(&spki));
    }
    assert_names_roca(VerifyingKey::from_jwk(&jwk(&spki)));
    // The modulus with another last byte has all but the fingerprint.
    let mut other = spki.clone();
    let last = other.len() - 6;
    other[last] ^= 2;
    assert!(VerifyingKey::rs256(&other).is_ok() && VerifyingKey::from_jwk(&jwk(&other)).is_ok());
}

#[test]
fn a_private_key_with_the_fingerprint_of_roca_is_refused() {
    assert_names_roca(SigningKey::rs256(PRIVATE));
    assert_names_roca(SigningKey::ps256(der(PRIVATE)));
}

/// `pubkey03.pem` of the tests of `roca-detect` (<https://github.com/crocs-muni/roca>, MIT license).
const PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEBqcWmh9uPsqMPgt/43aFU
wpHvJ7BLJeGFuKsgxMal9gSFn+We3lSgr3wOcoiACtcZO7cxpb8eEXDXocZpMNQe
o+sh3t97ivXUKpHDT3IEW5bv1XyxgjAd3MJpZ+VQjpq4iZhtV+g33+cPmfw3xJj0
PBfDubBkz3BEQ9egM+A6ghaXqr8w+ynufTOzdnllqJBY47OXVL06HAB9KKI7DPp5
+dcRrG5MS093sGNLHs1oWRrwPH1TtipfLZEWPU70+PJoMa5GHthexfeIxRI//BLI
dCD9z+odG0pSw1IYJPs5mDSHObYqmG2OdrIom8Lri8BtE4FHhRuDoHGD0hBVn5Bj
IQIDAQAB
-----END PUBLIC KEY-----
";

/// `privkey05.pem` of the same tests: the other half of the pair.
const PRIVATE: &str = "\
-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEBqcWmh9uPsqMPgt/43aFUwpHvJ7BLJeGFuKsgxMal9gSFn+We
3lSgr3wOcoiACtcZO7cxpb8eEXDXocZpMNQeo+sh3t97ivXUKpHDT3IEW5bv1Xyx
gjAd3MJpZ+VQjpq4iZhtV+g33+cPmfw3xJj0PBfDubBkz3BEQ9egM+A6ghaXqr8w
+ynufTOzdnllqJBY47OXVL06HAB9KKI7DPp5+dcRrG5MS093sGNLHs1oWRrwPH1T
tipfLZEWPU70+PJoMa5GHthexfeIxRI//BLIdCD9z+odG0pSw1IYJPs5mDSHObYq
mG2OdrIom8Lri8BtE4FHhRuDoHGD0hBVn5BjIQIDAQABAoIBADRqRKoM+Y/ASzSN
ZhHCvrCFTq/QIDA1p0SorIwM+Hlk7R5WIky0lmOEHjMzYq/y8wRK9S22bXkwLxuX
VXPRaUQ8uhq54Hem88uZzjWFj8vGtRfPFfs0+TgoJtnHfTdRDM7DmRJtYBOMWntW
dXcabVbIhivh70cqRv0jGnHIdOt2kgzOOgLL2qPD46lhsvmRsJ2qa8eTBOGVkTCr
aL/AVTL5K7NSnjO07YzINu4b63k7nrvH24DXPVPd0trFo8P+GL0u9onbDPeXvjAj
cISpK37nzYXOfvPqcQ+nG4rvAZxuIEdL7kFDSRcdegbLJAuyYDsBFIVINUNKWGI9
wwOeDsECgYEBFc0LykL2bABN6n6F3xQkg8X7PFFPdItKj6ipx++x/GHfVjCUq18j
HtNmBdjVmq9r3PPElljFHVesmnczQ3LnJFLPTgQTu06NILf69Hagga2RY8VRQXhW
kTCsPOo+tlrskpj5knSpyHEtjDMqPsuAQDYdjyXUYFDMdiqptuUw3IUCgYEBiFva
BdiiRC6ByhINyX2N56rClxxX7UW/3dFO1oUygMnmQmKlamZMi5PTpktVzT7YU2X1
TcdqI2ceBPTtKOeWWPZcYEfm0VP7a7xRRvLtARfwjlBGt0KzoUS2gjFj54ZlYPkx
sXxvCt0TXG6GTt2/GUZwTOwCpYxTU5GhF0JmDO0CgYBvYTqs6ZQrUSPsNLYv7r+F
JcfJM0CMFZzbZGBODUhrTEJjKC8zVn2aSl/JUFq0Hkk82W+kaAr/7LsDY29mR5ds
9NaxDOlsW94xlBJGGZnY5GI6gk5F1Z2/sKgd9D0Yl/PqAvNtSOEZwGbmo0z4yFav
aAMJ9bzksQCJECnjbpjckQKBgQDjchOOBgnyql8Uq6iQYBct78BD5utVoXRa+uXP
14DyRZgUbajkaA8Bbp1nrg48H605k0ZDY1E02qb9Sppcdvuh8JaWPbghKqT5zD31
egdH9f++D+0eeS02VGXUTRtT8IW+VFapQ6//RS7fCzcSattHpJyfCsVyAEmhjS8s
E5Ki9QKBgGs75w9+SZiZiOlaBhuCf5KK4gwvlRDUSMycvT/aWh1LZO71VT1nwths
7Lx10xdWa76mJhvjbWMUZKbOgEPECoqPV20O7U52Jmwh/a0l4+8optwPUa8vdvy7
KZVkVth/xCL4mJOF3UGN0qUlwm3d9H6VXCUYcxf0idonxCD1ndzQ
-----END RSA PRIVATE KEY-----
";
