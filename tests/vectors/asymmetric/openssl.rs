//! Keys of every kind that the command `openssl` makes: each is accepted, or rejected by its name.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatevault::{Algorithm, ConfigError};

use super::formats::assert_pair;
use super::keys::*;

/// Runs `openssl` with the arguments, which are separated by blanks. Returns what it writes.
pub(crate) fn openssl(arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the tests need openssl: sudo apt-get install openssl");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {errors}");
    output.stdout
}

/// How a key is generated, the algorithms that take it, and the name of one that none takes.
struct Kind {
    generate: &'static str,
    algorithms: &'static [Algorithm],
    name: &'static str,
    /// Signs certificates and requests.
    signs: bool,
    /// Has a form from before PKCS#8.
    traditional: bool,
}

const RSA_FAMILY: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

const fn kind(
    generate: &'static str,
    algorithms: &'static [Algorithm],
    name: &'static str,
    (signs, traditional): (bool, bool),
) -> Kind {
    Kind { generate, algorithms, name, signs, traditional }
}

const KINDS: [Kind; 14] = [
    kind("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", RSA_FAMILY, "an RSA key", (true, true)),
    kind("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", &[], "fewer than 2048 bits", (true, true)),
    kind(
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
        &[Algorithm::PS256, Algorithm::PS384, Algorithm::PS512],
        "an RSA-PSS key",
        (true, false),
    ),
    kind(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        &[Algorithm::ES256],
        "P-256",
        (true, true),
    ),
    kind(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        &[Algorithm::ES384],
        "P-384",
        (true, true),
    ),
    kind(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
        &[Algorithm::ES512],
        "P-521",
        (true, true),
    ),
    kind("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", &[], "secp256k1", (true, true)),
    kind(
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
        &[],
        "brainpoolP256r1",
        (true, true),
    ),
    kind("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2", &[], "SM2", (false, false)),
    kind("genpkey -algorithm ED25519", &[Algorithm::EdDSA], "Ed25519", (true, false)),
    kind("genpkey -algorithm ED448", &[], "Ed448", (true, false)),
    kind("genpkey -algorithm X25519", &[], "X25519", (false, false)),
    kind("dsaparam -noout -genkey 1024", &[], "DSA", (true, true)),
    kind("genpkey -algorithm DH -pkeyopt group:ffdhe2048", &[], "Diffie-Hellman", (false, false)),
];

/// A private key in all of its forms, and the public one.
fn forms(kind: &Kind) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let private = openssl(kind.generate, b"");
    let pem = openssl("pkey", &private);
    let mut privates = vec![private, openssl("pkey -outform DER", &pem), pem.clone()];
    if kind.traditional {
        privates.push(openssl("pkey -traditional", &pem));
        privates.push(openssl("pkey -traditional -outform DER", &pem));
    }
    let mut publics = vec![openssl("pkey -pubout", &pem), openssl("pkey -pubout -outform DER", &pem)];
    if kind.signs {
        let request = "req -x509 -new -subj /CN=gatevault -days 1 -key /dev/stdin";
        publics.push(openssl(request, &pem));
        publics.push(openssl(&format!("{request} -outform DER"), &pem));
        publics.push(openssl(&format!("{request} -text"), &pem));
    }
    (privates, publics)
}

#[test]
fn every_kind_of_key_is_accepted_by_its_algorithms_and_rejected_by_its_name_elsewhere() {
    for kind in &KINDS {
        let (privates, publics) = forms(kind);
        for algorithm in ALGORITHMS {
            let case = format!("{algorithm} with {}", kind.generate);
            if kind.algorithms.contains(&algorithm) {
                let public = || verify_with(algorithm, &publics[0]).unwrap();
                for (number, private) in privates.iter().enumerate() {
                    let key = sign_with(algorithm, private)
                        .unwrap_or_else(|error| panic!("{case} {number}: {error}"));
                    assert_pair(key, public(), &format!("{case}, private form {number}"));
                }
                for (number, form) in publics.iter().enumerate() {
                    let key = verify_with(algorithm, form)
                        .unwrap_or_else(|error| panic!("{case} {number}: {error}"));
                    let signing = sign_with(algorithm, &privates[0]).unwrap();
                    assert_pair(signing, key, &format!("{case}, public form {number}"));
                }
                continue;
            }
            let errors = privates.iter().map(|key| sign_with(algorithm, key).unwrap_err());
            let errors = errors.chain(publics.iter().map(|key| verify_with(algorithm, key).unwrap_err()));
            for (number, error) in errors.enumerate() {
                let ConfigError::InvalidKey { found, instead, .. } = &error else {
                    panic!("{case}: {error:?}")
                };
                assert!(found.contains(kind.name) && !instead.is_empty(), "{case}, form {number}: {error}");
            }
        }
    }
}

#[test]
fn an_encrypted_key_is_rejected_by_its_name_in_every_form() {
    let encryptions = [
        "pkcs8 -topk8 -passout pass:secret",
        "pkcs8 -topk8 -passout pass:secret -outform DER",
        "pkcs8 -topk8 -passout pass:secret -scrypt",
        "pkcs8 -topk8 -passout pass:secret -v2 aes-256-cbc -v2prf hmacWithSHA512",
        "pkey -aes256 -passout pass:secret",
        "pkey -traditional -aes256 -passout pass:secret",
    ];
    for pem in [RSA, P256, P384] {
        for encryption in encryptions {
            let key = openssl(encryption, pem.as_bytes());
            for algorithm in ALGORITHMS {
                let error = sign_with(algorithm, &key).unwrap_err().to_string();
                assert!(
                    error.contains("an encrypted key") && error.contains("openssl pkey"),
                    "{encryption}: {error}"
                );
            }
        }
    }
}

#[test]
fn files_that_hold_more_than_a_key_are_rejected_with_the_command_that_extracts_it() {
    let request = "req -new -subj /CN=gatevault -key /dev/stdin";
    let pkcs12 = "pkcs12 -export -nocerts -inkey /dev/stdin -passout pass:secret";
    let cases = [
        (openssl(request, P256.as_bytes()), "a certificate request", "openssl req"),
        (
            openssl(&format!("{request} -outform DER"), P256.as_bytes()),
            "a certificate request",
            "openssl req",
        ),
        (openssl(&format!("{request} -text"), P256.as_bytes()), "a certificate request", "openssl req"),
        (openssl(pkcs12, P256.as_bytes()), "a PKCS#12 file", "openssl pkcs12"),
        (
            openssl("crl2pkcs7 -nocrl -certfile /dev/stdin", P256_CERTIFICATE.as_bytes()),
            "a PKCS#7 file",
            "openssl pkcs7",
        ),
        (
            openssl("crl2pkcs7 -nocrl -certfile /dev/stdin -outform DER", P256_CERTIFICATE.as_bytes()),
            "a PKCS#7 file",
            "openssl pkcs7",
        ),
        (openssl("ecparam -name prime256v1", b""), "parameters without a key", "genpkey"),
        (openssl("dhparam -dsaparam 512", b""), "parameters without a key", "genpkey"),
    ];
    for (input, name, command) in cases {
        for error in [
            sign_with(Algorithm::ES256, &input).unwrap_err().to_string(),
            verify_with(Algorithm::ES256, &input).unwrap_err().to_string(),
            verify_with(Algorithm::RS256, &input).unwrap_err().to_string(),
        ] {
            assert!(error.contains(name) && error.contains(command), "{error}");
        }
    }
    // openssl skips the parameters that it writes in front of a key.
    assert!(sign_with(Algorithm::ES256, openssl("ecparam -name prime256v1 -genkey", b"")).is_ok());
}

/// About one signature in forty ends so. The byte belongs to the file, and white space after it does not.
#[test]
fn a_file_in_der_whose_last_byte_is_white_space_is_recognized() {
    let request: Vec<u8> = STANDARD.decode(REQUEST_THAT_ENDS_WITH_A_TAB.replace('\n', "")).unwrap();
    assert_eq!(request.last(), Some(&b'\t'));
    for after in ["", "\n", "\t\r\n"] {
        let input = [&request, after.as_bytes()].concat();
        let error = sign_with(Algorithm::ES256, &input).unwrap_err().to_string();
        assert!(error.contains("a certificate request"), "{error}");
    }
    for length in 1..request.len() {
        let error = sign_with(Algorithm::ES256, &request[..length]).unwrap_err().to_string();
        assert!(!error.contains("a certificate request"), "{error}");
    }
}

const REQUEST_THAT_ENDS_WITH_A_TAB: &str = "\
MIHOMHYCAQAwFDESMBAGA1UEAwwJZ2F0ZXZhdWx0MFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEymMB5mBqG9Gvd+xtmKQg2Y8a2f6qWpibSNtnLtZGAGZEa7EuFM35
QcV3Ao9lFdWaTcMumvy+x7i4t5riSdJdu6AAMAoGCCqGSM49BAMCA0gAMEUCIGpB
zYD3iq3jOlJv9KUA8AtdveKSyOVFB1apfMetGpgXAiEAiSouqaYpqfi7jX15vNgF
5LGuS7l2hLVZ9Bzm7bGEWgk=";
