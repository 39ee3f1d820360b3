//! RSA-PSS keys (RFC 4055): with every set of parameters that `openssl` writes.

use gatevault::{Algorithm, ConfigError};

use super::formats::assert_pair;
use super::keys::*;
use super::openssl::openssl;

const PSS: [Algorithm; 3] = [Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// Generates a key with these parameters, and returns it in PKCS#8 and its public half as SPKI and in a certificate.
fn generate(options: &str) -> (Vec<u8>, [Vec<u8>; 2]) {
    let options = options.split_whitespace().map(|option| format!(" -pkeyopt rsa_pss_keygen_{option}"));
    let options = options.collect::<Vec<_>>().concat();
    let private = openssl(&format!("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048{options}"), b"");
    let public = openssl("pkey -pubout", &private);
    // The issuer is another key, because a certificate is signed with the parameters of its issuer.
    (private, [public.clone(), openssl("pkey -pubin -outform DER", &public)])
}

#[test]
fn a_key_that_fixes_a_hash_serves_the_algorithm_of_that_hash_only() {
    let cases = [
        ("", &PSS[..]),
        ("md:sha256 mgf1_md:sha256", &PSS[..1]),
        ("md:sha256 mgf1_md:sha256 saltlen:0", &PSS[..1]),
        ("md:sha256 mgf1_md:sha256 saltlen:32", &PSS[..1]),
        ("md:sha384 mgf1_md:sha384 saltlen:48", &PSS[1..2]),
        ("md:sha512 mgf1_md:sha512 saltlen:64", &PSS[2..]),
    ];
    for (options, allowed) in cases {
        let (private, publics) = generate(options);
        for algorithm in PSS {
            if allowed.contains(&algorithm) {
                for public in &publics {
                    let public = verify_with(algorithm, public).unwrap();
                    assert_pair(sign_with(algorithm, &private).unwrap(), public, options);
                }
                continue;
            }
            let name = allowed[0].name();
            for error in [
                sign_with(algorithm, &private).unwrap_err(),
                verify_with(algorithm, &publics[0]).unwrap_err(),
                verify_with(algorithm, &publics[1]).unwrap_err(),
            ] {
                let text = error.to_string();
                assert!(text.contains(&format!("fix SHA-{}", &name[2..])), "{options}: {text}");
                assert!(text.contains(&format!("`{}`", name.to_ascii_lowercase())), "{options}: {text}");
            }
        }
    }
}

#[test]
fn parameters_that_jose_does_not_have_are_rejected_with_a_reason() {
    let cases = [
        // The default of openssl for the mask is SHA-1.
        ("md:sha256", "a mask generation function other"),
        ("md:sha256 mgf1_md:sha384", "a mask generation function other"),
        ("md:sha256 mgf1_md:sha256 saltlen:33", "a salt longer than the hash"),
        ("md:sha512 mgf1_md:sha512 saltlen:128", "a salt longer than the hash"),
        ("md:sha1", "a hash that JOSE does not use"),
        ("md:sha224 mgf1_md:sha224", "a hash that JOSE does not use"),
    ];
    for (options, reason) in cases {
        let (private, [public, _]) = generate(options);
        for algorithm in [Algorithm::PS256, Algorithm::PS512, Algorithm::RS256] {
            for error in
                [sign_with(algorithm, &private).unwrap_err(), verify_with(algorithm, &public).unwrap_err()]
            {
                let ConfigError::InvalidKey { found, instead, .. } = error else { panic!("{error:?}") };
                assert!(found.contains("an RSA-PSS key") && found.contains(reason), "{options}: {found}");
                assert!(instead.contains("rsa_pss_keygen_mgf1_md"), "{instead}");
            }
        }
    }
}

#[test]
fn pkcs1_algorithms_reject_an_rsa_pss_key_and_name_the_constructor_that_takes_it() {
    for (key, constructor) in [("", "`ps256`"), ("md:sha384 mgf1_md:sha384", "`ps384`")] {
        let (private, [public, _]) = generate(key);
        for algorithm in [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::ES256] {
            for error in
                [sign_with(algorithm, &private).unwrap_err(), verify_with(algorithm, &public).unwrap_err()]
            {
                let text = error.to_string();
                assert!(text.contains("an RSA-PSS key") && text.contains(constructor), "{text}");
            }
        }
    }
}

#[test]
fn the_published_jwk_of_an_rsa_pss_key_has_the_type_rsa() {
    let key = sign_with(Algorithm::PS256, RSA_PSS).unwrap().with_id("pss").unwrap();
    let jwk = key.verifying_key().to_jwk().unwrap();
    assert!(jwk.contains(r#""kty":"RSA""#) && jwk.contains(r#""alg":"PS256""#), "{jwk}");
    let public = openssl("pkey -pubout", RSA_PSS.as_bytes());
    assert_eq!(jwk, verify_with(Algorithm::PS256, public).unwrap().with_id("pss").unwrap().to_jwk().unwrap());
}

#[test]
fn an_rsa_pss_key_with_any_byte_missing_or_changed_never_causes_a_panic() {
    let (private, [_, public]) = generate("md:sha256 mgf1_md:sha256 saltlen:32");
    let private = der(str::from_utf8(&private).unwrap());
    for length in 0..public.len() {
        assert!(verify_with(Algorithm::PS256, &public[..length]).is_err());
    }
    for place in 0..90 {
        for bit in [0x01, 0x41, 0x80, 0xff] {
            let (mut private, mut public) = (private.clone(), public.clone());
            private[place] ^= bit;
            public[place] ^= bit;
            drop(sign_with(Algorithm::PS256, private));
            drop(verify_with(Algorithm::PS256, public));
        }
    }
}
