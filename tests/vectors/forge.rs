//! Creates tokens that no honest issuer creates.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::Algorithm;
use gatevault_tests::{SECRET, START};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

/// The header that an HS256 manager writes.
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Creates an HS256 token, signed with `secret` regardless of the header.
pub(crate) fn forge(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>, secret: impl AsRef<[u8]>) -> String {
    signed(&format!("{}.{}", encoded(header), encoded(claims)), Algorithm::HS256, secret)
}

/// Creates a token with these claims that is otherwise valid.
pub(crate) fn with_claims(claims: impl AsRef<[u8]>) -> String {
    forge(HEADER, claims, SECRET)
}

/// Creates a token with this header that is otherwise valid.
pub(crate) fn with_header(header: impl AsRef<[u8]>) -> String {
    forge(header, Members::claims().json(), SECRET)
}

/// Signs a message and returns the token.
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

/// The members of an object as raw JSON, so that it can be malformed.
#[derive(Debug, Clone)]
pub(crate) struct Members(pub(crate) Vec<(String, String)>);

impl Members {
    /// Returns the header of a valid HS256 token.
    pub(crate) fn header() -> Self {
        Self(Vec::new()).with("alg", r#""HS256""#).with("typ", r#""JWT""#)
    }

    /// Returns the claims of a valid access token that is created at [`START`] and lives for 15 minutes.
    pub(crate) fn claims() -> Self {
        Self(Vec::new())
            .with("user_id", "42")
            .with("exp", &(START + 900).to_string())
            .with("iat", &START.to_string())
            .with("type", r#""access""#)
            .with("jti", r#""8a6e3f0c""#)
    }

    /// Sets the member `name` to the JSON `value`, at its old position if it has one.
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

    /// Returns the object. Names are not escaped, so that a test can write its own escapes.
    pub(crate) fn json(&self) -> String {
        let members: Vec<String> =
            self.0.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Creates a token whose claim `name` has the JSON `value`, otherwise valid.
pub(crate) fn claiming(name: &str, value: &str) -> String {
    with_claims(Members::claims().with(name, value).json())
}

/// Creates a token without the claim `name`, otherwise valid.
pub(crate) fn lacking(name: &str) -> String {
    with_claims(Members::claims().without(name).json())
}

/// Creates a token whose header has the JSON `value` in the member `name`, otherwise valid.
pub(crate) fn heading(name: &str, value: &str) -> String {
    with_header(Members::header().with(name, value).json())
}
