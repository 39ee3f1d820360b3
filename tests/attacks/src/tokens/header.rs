//! The other members of the header: extensions, types, key ids, and keys that an attacker brings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gatevault::Algorithm;
use gatevault::error::InvalidReason;
use gatevault_tests::Outline;

use super::FAMILIES;
use crate::attack::{Attacks, Category};
use crate::forge::{Members, encoded, message};
use crate::keys::{PAIRS, attackers_pair, der, sign_with, tag, verifying_with};

const EXTENSIONS: Category = Category {
    name: "extensions in `crit`, and payloads that are not encoded",
    source: "RFC 7515 section 4.1.11, RFC 7797, CVE-2025-59420",
};
const TYPES: Category =
    Category { name: "the `typ` of another kind of token", source: "RFC 8725 section 3.11" };
const KEY_IDS: Category = Category {
    name: "`kid` as a path, SQL, a command, control characters or another type",
    source: "RFC 8725 section 3.10",
};
/// Tokens that bring their own key. The attacker has signed each of them.
pub const EMBEDDED: Category = Category {
    name: "a key, or the URL of a key, in the header",
    source: "RFC 8725 section 3.10, CVE-2018-0114",
};

fn header(attacks: &mut Attacks, category: Category, name: &str, value: &str, refusal: impl Into<Outline>) {
    let refusal = refusal.into();
    for key in FAMILIES {
        let header = Members::header(key).with(name, value);
        let token = attacks.with_header(key, header.json());
        let shown: String = value.chars().take(40).collect();
        attacks.add(category, format!("{key}, {name}: {shown}"), token, refusal.clone());
    }
}

pub(super) fn extensions(attacks: &mut Attacks) {
    for value in ["[]", r#"["exp"]"#, r#"["b64"]"#, r#"["http://example.com/UNDEFINED"]"#, r#""b64""#, "null"]
    {
        header(attacks, EXTENSIONS, "crit", value, InvalidReason::Extension("crit"));
    }
    header(attacks, EXTENSIONS, r"\u0063rit", r#"["exp"]"#, InvalidReason::Extension("crit"));
    for value in ["false", "true", "null"] {
        header(attacks, EXTENSIONS, "b64", value, InvalidReason::Extension("b64"));
    }
}

pub(super) fn types(attacks: &mut Attacks) {
    for value in [
        r#""""#,
        r#""JWS""#,
        r#""JOSE+JSON""#,
        r#""id_token+jwt""#,
        r#""dpop+jwt""#,
        r#""logout+jwt""#,
        r#""secevent+jwt""#,
        r#""JWT\u0000""#,
    ] {
        header(attacks, TYPES, "typ", value, InvalidReason::Type);
    }
    for value in ["null", "1", "[]", r#"["JWT"]"#] {
        header(attacks, TYPES, "typ", value, Outline::DECODE);
    }
}

pub(super) fn key_ids(attacks: &mut Attacks) {
    for value in [
        r#""""#,
        r#""../../../../dev/null""#,
        r#""/proc/sys/kernel/randomize_va_space""#,
        r#""' OR 1=1 --""#,
        r#""x' UNION SELECT 'secret""#,
        r#""a\r\nSet-Cookie: admin=1""#,
        r#""HS256\u0000""#,
        r#""hs256""#,
        r#""\u001b[2J\u001b]0;owned\u0007""#,
        r#""${jndi:ldap://127.0.0.1/a}|$(id)""#,
    ] {
        header(attacks, KEY_IDS, "kid", value, InvalidReason::KeyId);
    }
    for value in ["null", "0", "true", "[]", r#"["HS256"]"#, r#"{"kid":"HS256"}"#] {
        header(attacks, KEY_IDS, "kid", value, Outline::DECODE);
    }
}

/// The attacker's secret. Each header offers it, or a place where it is.
const THEIRS: &str = "a secret that only the attacker knows, long enough";

pub(super) fn embedded_keys(attacks: &mut Attacks) {
    let key = format!(r#"{{"kty":"oct","alg":"HS256","use":"sig","k":"{}"}}"#, encoded(THEIRS));
    // Nothing listens there.
    let url = r#""http://127.0.0.1:9/keys.json""#;
    for (name, value) in [
        ("jwk", key.clone()),
        ("jwk", format!(r#"{{"keys":[{key}]}}"#)),
        ("jwks", format!(r#"{{"keys":[{key}]}}"#)),
        ("jku", url.to_owned()),
        ("x5u", url.to_owned()),
        ("x5c", format!("[\"{}\"]", encoded("not a certificate"))),
        ("x5t", url.to_owned()),
        ("x5t#S256", url.to_owned()),
        ("k", format!("\"{THEIRS}\"")),
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Members::header(algorithm).with(name, &value);
            let message = message(header.json(), attacks.claims().json());
            let token = format!("{message}.{}", encoded(tag(algorithm, THEIRS, &message)));
            let shown: String = value.chars().take(40).collect();
            attacks.add(EMBEDDED, format!("{algorithm}, {name}: {shown}"), token, InvalidReason::Signature);
        }
    }
    embedded_pairs(attacks);
}

/// Each header has the public half of the key pair that signed the token, with the id of our key and without one.
fn embedded_pairs(attacks: &mut Attacks) {
    for algorithm in PAIRS {
        let (private, certificate) = attackers_pair(*algorithm);
        let jwk = verifying_with(*algorithm, certificate).to_jwk().unwrap();
        // RFC 7515 section 4.1.6: base64, not base64url.
        let chain = format!("[\"{}\"]", STANDARD.encode(der(certificate)));
        for (name, value) in [("jwk", &jwk), ("x5c", &chain)] {
            let named = Members::header(*algorithm).with(name, value);
            for (kid, header) in [("our kid", named.clone()), ("no kid", named.without("kid"))] {
                let message = message(header.json(), attacks.claims().json());
                let token = format!("{message}.{}", encoded(sign_with(private, *algorithm, &message)));
                attacks.add(
                    EMBEDDED,
                    format!("{algorithm}, {name} of a pair, {kid}"),
                    token,
                    InvalidReason::Signature,
                );
            }
        }
    }
}
