//! Input of other tools in place of a key: each is rejected by its name, with the command or method that converts it.

use gatevault::{Algorithm, ConfigError, SigningKey, VerifyingKey};

use super::keys::*;

/// Returns the errors of both constructors.
fn errors(input: &[u8]) -> [String; 2] {
    let public = verify_with(Algorithm::ES256, input).unwrap_err();
    [sign_with(Algorithm::ES256, input).unwrap_err(), public].map(|error| {
        assert!(matches!(error, ConfigError::InvalidKey { .. }), "{error:?}");
        error.to_string()
    })
}

fn assert_named(input: impl AsRef<[u8]>, name: &str, remedy: &str) {
    let input = input.as_ref();
    let bom = ["\u{feff}".as_bytes(), input].concat();
    let blanks = [b" \r\n\t", input, b"\n\n"].concat();
    for input in [input, &bom, &blanks] {
        for error in errors(input) {
            assert!(
                error.contains(name) && error.contains(remedy),
                "{}: {error}",
                String::from_utf8_lossy(input)
            );
        }
    }
}

#[test]
fn a_key_of_another_tool_is_rejected_with_the_command_that_converts_it() {
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n";
    let rfc4716 = "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"key\"\nAAAAC3NzaC1lZDI1NTE5\n---- END SSH2 PUBLIC KEY ----\n";
    let pgp =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjMEY4mCoBYJ\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n";
    assert_named(openssh, "an OpenSSH private key", "`ssh-keygen -p -m PKCS8 -f key`");
    assert_named("ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB root@host", "an SSH public key", "ssh-keygen -e -m PKCS8");
    assert_named("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbm", "an SSH public key", "ssh-keygen -e -m PKCS8");
    assert_named("restrict ssh-ed25519 AAAAC3NzaC1lZDI1", "an SSH public key", "openssl pkey -pubout");
    assert_named("ssh-dss AAAAB3NzaC1kc3MAAACBAP1", "an SSH public key", "openssl genpkey");
    assert_named(rfc4716, "an SSH public key", "ssh-keygen -i");
    assert_named("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "a PuTTY key", "puttygen key.ppk");
    assert_named(pgp, "an OpenPGP key", "openssl genpkey");
}

#[test]
fn json_is_rejected_with_the_method_that_reads_it() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert_named(jwk, "a JWK:", "`from_jwk`");
    assert_named(format!(r#"{{"keys":[{jwk}]}}"#), "a JWK set", "`JwkSet::from_json`");
    assert_named(format!("[{jwk}]"), "a JWK set", "`from_jwk`");
}

#[test]
fn damaged_pem_and_der_are_rejected_with_what_is_missing() {
    let (begin, rest) = P256.split_once('\n').unwrap();
    let (body, _) = rest.split_once("-----END").unwrap();
    let end = "-----END PRIVATE KEY-----\n";
    assert_named(format!("{begin}\n{body}"), "PEM without an END line", "END line");
    assert_named("-----BEGIN PRIVATE KEY", "whose BEGIN line is incomplete", "END line");
    assert_named(format!("{begin}\n{body}-----END PUBLIC KEY-----\n"), "different labels", "END line");
    assert_named(
        format!("{begin}\n{}\n{end}", body.replace(['=', '\n'], "")[1..].trim()),
        "invalid base64",
        "END line",
    );
    assert_named(format!("{begin}\n{}\n{end}", body.replacen('M', "?", 1)), "invalid base64", "END line");
    assert_named(format!("{begin}\n{}\n{end}", &body[..60]), "DER that is cut off", "the whole key");
    assert_named(format!("{begin}\n{end}"), "PEM without contents", "END line");
    assert_named(format!("{begin}\naGVsbG8gd29ybGQ=\n{end}"), "PEM that does not contain a key", "");
    for length in [8, 100, der(P256).len() - 1] {
        for error in errors(&der(P256)[..length]) {
            assert!(error.contains("DER that is cut off"), "{length}: {error}");
        }
    }
}

#[test]
fn a_key_in_another_encoding_is_rejected_with_the_one_that_is_read() {
    let body: String = P256.lines().filter(|line| !line.starts_with('-')).collect();
    assert_named(&body, "the base64 of a key without its PEM lines", "BEGIN and END lines");
    assert_named("LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrdw==", "PEM in base64", "the decoded text");
    assert_named("/run/secrets/jwt.pem", "the name of a file", "`std::fs::read`");
    assert_named("data that is no key at all", "data without a PEM or DER key", "");
    let utf16: Vec<u8> = P256.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for error in [errors(&utf16), errors(&[&[0xff, 0xfe], &*utf16].concat())].concat() {
        assert!(error.contains("text in UTF-16") && error.contains("UTF-8"), "{error}");
    }
}

#[test]
fn pem_on_one_line_with_escaped_line_breaks_is_read() {
    for escape in ["\\n", "\\r\\n", " ", ""] {
        let line = |pem: &str| pem.replace('\n', escape);
        for around in ["KEY", "\"KEY\"", "export KEY='KEY'\n", "{\"key\": \"KEY\"}\n"] {
            assert!(SigningKey::es256(around.replace("KEY", &line(P256))).is_ok(), "{escape} {around}");
            assert!(
                VerifyingKey::es256(around.replace("KEY", &line(P256_PUBLIC))).is_ok(),
                "{escape} {around}"
            );
            assert!(
                VerifyingKey::rs256(around.replace("KEY", &line(RSA_CERTIFICATE))).is_ok(),
                "{escape} {around}"
            );
        }
        let both = format!("{}{}", line(P384_PUBLIC), line(P256));
        assert!(SigningKey::es256(&both).is_ok() && VerifyingKey::es384(&both).is_ok());
    }
    let encrypted = RSA_ENCRYPTED.replace('\n', "\\n");
    assert!(SigningKey::rs256(encrypted).unwrap_err().to_string().contains("an encrypted key"));
    // Beside real line breaks, a backslash is damage.
    assert!(SigningKey::es256(P256.replacen('\n', "\\n\n", 2)).is_err());
}
