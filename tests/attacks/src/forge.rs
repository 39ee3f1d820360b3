//! Creates tokens that no honest issuer creates.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::Algorithm;
use gatevault_tests::START;
use serde_json::{Map, Value};

use crate::keys::sign;

/// The name of the manager under attack, as an issuer.
pub const ISSUER: &str = "https://id.ours.example";

/// The audience of its tokens.
pub const AUDIENCE: &str = "api";

/// The members of an object as raw JSON, so that it can be malformed.
#[derive(Debug, Clone)]
pub struct Members(Vec<(String, String)>);

impl Members {
    /// Returns the header of a valid token of this algorithm.
    #[must_use]
    pub fn header(algorithm: Algorithm) -> Self {
        let name = format!("\"{algorithm}\"");
        Self(Vec::new()).with("alg", &name).with("typ", r#""JWT""#).with("kid", &name)
    }

    /// Returns the claims of a valid access token that is created at [`START`] and lives for 15 minutes.
    #[must_use]
    pub fn claims() -> Self {
        Self(Vec::new())
            .with("user_id", "42")
            .with("exp", &(START + 900).to_string())
            .with("iat", &START.to_string())
            .with("type", r#""access""#)
            .with("jti", r#""8a6e3f0c""#)
            .with("iss", &format!("\"{ISSUER}\""))
            .with("aud", &format!("\"{AUDIENCE}\""))
            .with("role", r#""member""#)
            .with("scope", r#""notes:write""#)
    }

    /// Returns the claims of a token.
    #[must_use]
    pub fn of_token(token: &str) -> Self {
        let claims: Map<String, Value> = serde_json::from_slice(&decoded(segments(token)[1])).unwrap();
        Self(claims.into_iter().map(|(name, value)| (name, value.to_string())).collect())
    }

    /// Sets the member `name` to the JSON `value`, at its old position if it has one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|member| member.0 == name) {
            Some(member) => value.clone_into(&mut member.1),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Removes the member `name`.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|member| member.0 != name);
        self
    }

    /// Returns the object. Names are not escaped, so that an attack can write its own escapes.
    #[must_use]
    pub fn json(&self) -> String {
        let members: Vec<_> = self.0.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
        format!("{{{}}}", members.join(","))
    }

    /// Returns the object with one more member, which is written as it is.
    #[must_use]
    pub fn json_with(&self, member: &str) -> String {
        let json = self.json();
        format!("{},{member}}}", &json[..json.len() - 1])
    }
}

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decoded(segment: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(segment).unwrap()
}

/// Returns the encoded header and claims.
pub(crate) fn message(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    format!("{}.{}", encoded(header), encoded(claims))
}

/// Signs a message with the key of an algorithm, which its header need not name.
pub(crate) fn signed(algorithm: Algorithm, message: &str) -> String {
    format!("{message}.{}", encoded(sign(algorithm, message)))
}

/// Creates a token of this algorithm with these claims, signed with the right key.
pub(crate) fn with_claims(algorithm: Algorithm, claims: impl AsRef<[u8]>) -> String {
    signed(algorithm, &message(Members::header(algorithm).json(), claims))
}

pub(crate) fn segments(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}
