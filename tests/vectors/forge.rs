//! Makes tokens that no honest issuer makes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::Algorithm;
use gatevault_tests::{SECRET, START};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

/// The header that an HS256 manager writes.
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// An HS256 token, signed with `secret` whatever the header says.
pub(crate) fn forge(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>, secret: impl AsRef<[u8]>) -> String {
    signed(&format!("{}.{}", encoded(header), encoded(claims)), Algorithm::HS256, secret)
}

/// A token with these claims and nothing wrong elsewhere.
pub(crate) fn with_claims(claims: impl AsRef<[u8]>) -> String {
    forge(HEADER, claims, SECRET)
}

/// A token with this header and nothing wrong elsewhere.
pub(crate) fn with_header(header: impl AsRef<[u8]>) -> String {
    forge(header, Members::claims().json(), SECRET)
}

/// The message and its signature, as a token.
pub(crate) fn signed(message: &str, algorithm: Algorithm, secret: impl AsRef<[u8]>) -> String {
    format!("{message}.{}", encoded(tag(message, algorithm, secret)))
}

pub(crate) fn tag(message: &str, algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Vec<u8> {
    fn hmac<M: Mac + KeyInit>(message: &str, secret: &[u8]) -> Vec<u8> {
        let mac = <M as KeyInit>::new_from_slice(secret).unwrap();
        mac.chain_update(message).finalize().into_bytes().to_vec()
    }
    let secret = secret.as_ref();
    match algorithm {
        Algorithm::HS384 => hmac::<Hmac<Sha384>>(message, secret),
        Algorithm::HS512 => hmac::<Hmac<Sha512>>(message, secret),
        _ => hmac::<Hmac<Sha256>>(message, secret),
    }
}

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn segments(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// The members of an object as raw JSON, so that it can be spelled wrongly.
#[derive(Debug, Clone)]
pub(crate) struct Members(pub(crate) Vec<(String, String)>);

impl Members {
    /// The header of a good HS256 token.
    pub(crate) fn header() -> Self {
        Self(Vec::new()).with("alg", r#""HS256""#).with("typ", r#""JWT""#)
    }

    /// The claims of a good access token that is made at [`START`] and lives for 15 minutes.
    pub(crate) fn claims() -> Self {
        Self(Vec::new())
            .with("user_id", "42")
            .with("exp", &(START + 900).to_string())
            .with("iat", &START.to_string())
            .with("type", r#""access""#)
            .with("jti", r#""8a6e3f0c""#)
    }

    /// The same members with `name` set to the JSON `value`, in its old place if it has one.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|member| member.0 == name) {
            Some(member) => value.clone_into(&mut member.1),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|member| member.0 != name);
        self
    }

    /// The object; names are not escaped, so that they may bring escapes of their own.
    pub(crate) fn json(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// A token whose claim `name` has the JSON `value` and nothing else wrong.
pub(crate) fn claiming(name: &str, value: &str) -> String {
    with_claims(Members::claims().with(name, value).json())
}

/// A token whose claim `name` is missing and nothing else wrong.
pub(crate) fn lacking(name: &str) -> String {
    with_claims(Members::claims().without(name).json())
}

/// A token whose header has the JSON `value` under `name` and nothing else wrong.
pub(crate) fn heading(name: &str, value: &str) -> String {
    with_header(Members::header().with(name, value).json())
}
