//! The thumbprint of a public key: an id that follows from the key alone (RFC 7638).

use std::any::Any;
use std::collections::BTreeMap;

use aws_lc_rs::digest::{self, SHA256};
use serde_json::Value;

use super::public::PublicKey;
use crate::base64url;
use crate::key::VerifyingKey;

/// Ids of public keys (feature `asymmetric`).
impl VerifyingKey {
    /// Returns the SHA-256 thumbprint of the public key in base64url (RFC 7638): an id for [`with_id`](Self::with_id) that
    /// every program computes alike from the same key. It does not depend on the algorithm, nor on the id.
    ///
    /// Returns `None` for an HMAC key: the thumbprint of a secret would help to guess it (RFC 7638 section 7).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::VerifyingKey;
    ///
    /// let key = VerifyingKey::from_jwk(
    ///     r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// )?;
    /// let id = key.jwk_thumbprint().unwrap_or_default();
    /// assert_eq!(id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); // RFC 8037 appendix A.3
    /// assert_eq!(key.with_id(id)?.id(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    #[must_use]
    pub fn jwk_thumbprint(&self) -> Option<String> {
        let verifier: &dyn Any = &*self.verifier;
        // The members of the key type are exactly the required ones, and the map writes them in lexicographic order.
        let members = format!("{{{}}}", verifier.downcast_ref::<PublicKey>()?.jwk());
        let members: BTreeMap<String, Value> = serde_json::from_str(&members).ok()?;
        let canonical = serde_json::to_vec(&members).ok()?;
        Some(base64url::encoded(digest::digest(&SHA256, &canonical).as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 7638 section 3.1.
    const RSA: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    #[test]
    fn the_thumbprint_of_a_key_is_that_of_its_required_members() {
        let jwk = format!(r#"{{"kty":"RSA","n":"{RSA}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
        let key = VerifyingKey::from_jwk(&jwk).unwrap();
        assert_eq!(key.jwk_thumbprint().unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(key.with_id("other").unwrap().jwk_thumbprint().unwrap().len(), 43);
    }

    #[test]
    fn a_secret_has_no_thumbprint() {
        let key = VerifyingKey::hs256("a secret of at least thirty-two bytes").unwrap();
        assert_eq!(key.jwk_thumbprint(), None);
    }
}
