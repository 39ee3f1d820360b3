//! Keys of other kinds as HMAC secrets: every form of a key, in every encoding and behind everything that a file, an
//! environment variable or a vault writes around it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use gatevault::{ConfigError, SigningKey, VerifyingKey};
use gatevault_tests::hex;

use crate::asymmetric::keys::*;

/// Named bytes: the form of a key, or the form in a carrier.
type Named = (String, Vec<u8>);

const JWK: &str = r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// `OpenPGP` armour (RFC 9580 section 6) is not DER inside.
const PGP: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjMEY4mCoBYJKwYBBAHaRw8BAQdAJ2nPzhuxF2Pr/eZqW3f3Vnd6Y1k0m5Pp\n=abcd\n\
                   -----END PGP PUBLIC KEY BLOCK-----\n";

/// The algorithms of SSH (RFC 4253, RFC 5656, RFC 8709, and OpenSSH's PROTOCOL.u2f).
const SSH: [&str; 9] = [
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ssh-ed448",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Encodes the key blob of SSH (RFC 4253 section 6.6): the name, and a string of 32 bytes.
fn ssh_blob(name: &str) -> String {
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    STANDARD.encode([string(name.as_bytes()), string(&[0x5a; 32])].concat())
}

fn ssh_forms() -> Vec<Named> {
    let forms = SSH.iter().flat_map(|name| {
        let blob = ssh_blob(name);
        [
            format!("{name} {blob}"),
            format!("{name} {blob} root@host\n"),
            format!(r#"restrict,command="/bin/true" {name} {blob} backup"#),
            format!("github.com,140.82.121.4 {name} {blob}\n"),
            format!("|1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM= {name} {blob}\n"),
            format!("@cert-authority *.example.com {name} {blob}\n"),
            format!("{name}\t{blob}"),
            format!(
                "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"1024-bit\"\n{}\n---- END SSH2 PUBLIC KEY ----\n",
                wrapped(&blob, 72)
            ),
            blob,
        ]
    });
    forms.map(|form| (form.clone(), form.into_bytes())).collect()
}

fn pem_forms() -> Vec<Named> {
    let keys = [
        RSA,
        RSA_PKCS1,
        RSA_ENCRYPTED,
        RSA_PUBLIC,
        RSA_PKCS1_PUBLIC,
        RSA_CERTIFICATE,
        RSA_1024_PUBLIC,
        P256,
        P256_SEC1,
        P256_PUBLIC,
        P256_COMPRESSED,
        P256_CERTIFICATE,
        P384_PUBLIC,
        P521_PUBLIC,
        SECP256K1_PUBLIC,
        ED25519,
        ED25519_PUBLIC,
        ED25519_CERTIFICATE,
        ED448_PUBLIC,
        X25519,
        RSA_PSS,
    ];
    let label = |pem: &str| pem.lines().next().unwrap().to_owned();
    let trusted = RSA_CERTIFICATE.replace(" CERTIFICATE-", " TRUSTED CERTIFICATE-");
    let mut forms: Vec<Named> = keys.iter().map(|pem| (label(pem), pem.as_bytes().to_vec())).collect();
    forms.push(("trusted certificate".to_owned(), trusted.into_bytes()));
    forms.push(("OpenPGP".to_owned(), PGP.into()));
    let encoded = [RSA_PKCS1, RSA_PKCS1_PUBLIC, P256_SEC1, P256_PUBLIC, P256_CERTIFICATE, ED25519_PUBLIC];
    forms.extend(encoded.iter().flat_map(|pem| {
        let (der, name) = (der(pem), label(pem));
        let colons: Vec<String> = der.iter().map(|byte| format!("{byte:02X}")).collect();
        let array: Vec<String> = der.iter().map(|byte| format!("{byte:#04x}")).collect();
        let texts = [
            STANDARD.encode(&der),
            STANDARD_NO_PAD.encode(&der),
            URL_SAFE.encode(&der),
            URL_SAFE_NO_PAD.encode(&der),
            wrapped(&STANDARD.encode(&der), 64),
            wrapped(&STANDARD.encode(&der), 76),
            wrapped(&hex(&der), 60),
            hex(&der),
            colons.join(":"),
            colons.join(" "),
            array.join(", "),
            numbers(&der, ","),
            der.iter().map(|byte| byte.cast_signed().to_string()).collect::<Vec<_>>().join(", "),
            octal(&der),
        ];
        texts
            .into_iter()
            .enumerate()
            .map(move |(number, text)| (format!("DER {number} of {name}"), text.into_bytes()))
    }));
    forms
}

fn jwk_forms() -> Vec<Named> {
    let spaced = JWK.replace(':', " : ").replace(',', " ,\n  ");
    let forms = [
        JWK.to_owned(),
        spaced,
        format!(r#"{{"keys":[{JWK}]}}"#),
        format!("[{JWK},{JWK}]"),
        JWK.replace('"', "'"),
        JWK.replace('"', "\\\""),
        "('kty', 'EC'), ('crv', 'P-256'), ('x', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')".to_owned(),
        "<jwk><kty>RSA</kty><e>AQAB</e><n>0vx7agoebGcQSuuPiLJXZptN</n></jwk>".to_owned(),
        "kty,OKP\ncrv,Ed25519\nx,11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\n".to_owned(),
        "kty: RSA\nn: 0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78Lhw\ne: AQAB\n".to_owned(),
        "<RSAKeyValue><Modulus>0vx7agoebGcQSuuPiLJXZptN</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"
            .to_owned(),
    ];
    forms.into_iter().map(|form| (form.clone(), form.into_bytes())).collect()
}

/// Writes each byte as a decimal number.
pub(crate) fn numbers(bytes: &[u8], separator: &str) -> String {
    let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
    numbers.join(separator)
}

pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
    lines.join("\n") + "\n"
}

/// Returns the text in each carrier: what surrounds it in a file, and how a file encodes it.
fn carried(text: &[u8]) -> Vec<Named> {
    let around = |before: &str, after: &str| [before.as_bytes(), text, after.as_bytes()].concat();
    let string = String::from_utf8(text.to_vec()).unwrap();
    let json = serde_json::to_string(&string).unwrap();
    let percent = |safe: &[u8]| -> String {
        let byte = |byte: &u8| match byte {
            byte if byte.is_ascii_alphanumeric() || safe.contains(byte) => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        text.iter().map(byte).collect()
    };
    let utf16: Vec<u16> = string.encode_utf16().collect();
    let little = || utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("plain", text.to_vec()),
        ("BOM", around("\u{feff}", "")),
        ("blanks", around(" \t\r\n\n", "\n\n ")),
        ("vertical tab", around("\u{b}\u{c}\u{a0}", "\0")),
        ("comment", around("# the key of the issuer, é\n", "")),
        ("comment of another language", around("// key\r\n", "")),
        ("one word", around("key", "")),
        ("two letters", around("ab", "cd")),
        ("bag attributes", around("Bag Attributes\n    localKeyID: 01 02\nsubject=CN = example\n", "")),
        ("variable", around("export PUBLIC_KEY=\"", "\"\n")),
        ("member", around("{\"secret\": '", "'}")),
        ("data URL", around("data:application/x-pem-file;base64,", "")),
        ("block of YAML", around("key: |\n  ", "\n")),
        ("CRLF", string.replace('\n', "\r\n").into_bytes()),
        ("CR", string.replace('\n', "\r").into_bytes()),
        ("one line", string.replace('\n', " ").into_bytes()),
        ("escaped", string.replace('\n', "\\n").into_bytes()),
        ("escaped CRLF", string.replace('\n', "\\r\\n").into_bytes()),
        ("escaped twice", string.replace('\n', "\\\\n").into_bytes()),
        ("indented", string.replace('\n', "\n    ").into_bytes()),
        ("JSON", json.clone().into_bytes()),
        ("JSON with escaped slashes", json.replace('/', "\\/").into_bytes()),
        ("JSON in JSON", serde_json::to_string(&json).unwrap().into_bytes()),
        ("JSON in ASCII", json.replace('-', "\\u002d").replace('=', "\\u003D").into_bytes()),
        ("percent-encoding", percent(b"-._~").into_bytes()),
        ("percent-encoding of a form", percent(b"-._ ").replace(' ', "+").into_bytes()),
        ("percent-encoding of all", percent(b"").into_bytes()),
        ("base64", STANDARD.encode(text).into_bytes()),
        ("base64url", URL_SAFE_NO_PAD.encode(text).into_bytes()),
        ("base64 in lines", wrapped(&STANDARD.encode(text), 76).into_bytes()),
        ("variable of base64", format!("PUBLIC_KEY={}\n", STANDARD.encode(text)).into_bytes()),
        ("base64 in JSON", format!("{{\"data\": \"{}\"}}", STANDARD.encode(text)).into_bytes()),
        ("base64 of JSON", STANDARD.encode(&json).into_bytes()),
        ("base64 twice", STANDARD.encode(STANDARD.encode(text)).into_bytes()),
        ("hexadecimal", hex(text).into_bytes()),
        ("numbers", format!("[{}]", numbers(text, ", ")).into_bytes()),
        ("numbers in lines", numbers(text, "\n").into_bytes()),
        ("buffer of Node.js", format!(r#"{{"type":"Buffer","data":[{}]}}"#, numbers(text, ",")).into_bytes()),
        ("octal", octal(text).into_bytes()),
        ("UTF-16", little()),
        ("UTF-16 with BOM", [&[0xff, 0xfe], &*little()].concat()),
        ("UTF-16BE", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("base64 of UTF-16", STANDARD.encode(little()).into_bytes()),
    ];
    cases.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

fn assert_rejected(case: &str, secret: &[u8]) {
    let shown = String::from_utf8_lossy(secret);
    assert_eq!(SigningKey::hs256(secret).err(), Some(ConfigError::KeyAsSecret), "{case}: {shown}");
}

#[test]
fn no_constructor_for_secrets_accepts_a_key_of_another_kind() {
    for (form, text) in [pem_forms(), ssh_forms(), jwk_forms()].concat() {
        for key in [SigningKey::hs256(&text), SigningKey::hs384(&text), SigningKey::hs512(&text)] {
            assert_eq!(key.unwrap_err(), ConfigError::KeyAsSecret, "{form}");
        }
        for key in [VerifyingKey::hs256(&text), VerifyingKey::hs384(&text), VerifyingKey::hs512(&text)] {
            assert_eq!(key.unwrap_err(), ConfigError::KeyAsSecret, "{form}");
        }
    }
}

#[test]
fn a_key_of_another_kind_is_no_secret_in_any_form_and_any_carrier() {
    let forms = [pem_forms(), ssh_forms(), jwk_forms()].concat();
    for (form, text) in &forms {
        for (carrier, secret) in carried(text) {
            assert_rejected(&format!("{form} in {carrier}"), &secret);
        }
    }
}

#[test]
fn a_key_in_der_is_no_secret_behind_and_before_other_bytes() {
    for pem in [
        RSA,
        RSA_PKCS1,
        RSA_PUBLIC,
        RSA_PKCS1_PUBLIC,
        RSA_CERTIFICATE,
        P256_SEC1,
        P256_PUBLIC,
        ED25519_PUBLIC,
    ] {
        let der = der(pem);
        for (before, after) in
            [("", ""), ("", "\n"), ("\n", "\r\n"), ("\u{feff}", ""), ("key=", "\0\0"), ("0", "0")]
        {
            let secret = [before.as_bytes(), &der, after.as_bytes()].concat();
            assert_rejected(&format!("{before:?}, {pem}, {after:?}"), &secret);
        }
    }
}

/// Returns the bytes as octal escapes of a C string.
fn octal(bytes: &[u8]) -> String {
    let escapes: Vec<String> = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    escapes.concat()
}
