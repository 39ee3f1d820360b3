//! Tokens as products make them, from their public documentation, with invented values.
//!
//! Each file has the tokens of some products, and the settings that the guide gives for them.

mod auth0;
mod cloud;
mod continuous_integration;
mod entra;
mod id_tokens;
mod keycloak;
mod libraries;
mod self_hosted;

use gatevault::error::InvalidReason;
use gatevault::{Issuer, KeyRing};
use serde_json::{Value, json};

use super::service::{decode, open, refusal, service};
use super::signer::{Signer, with};

/// The tokens of a product.
struct Product {
    signer: Signer,
    /// The settings of the guide, for the keys of the product.
    accept: fn(KeyRing) -> Issuer,
}

impl Product {
    fn new(accept: fn(KeyRing) -> Issuer) -> Self {
        Self { signer: Signer::hs256("the key of the product, at least 32 bytes").named("k1"), accept }
    }

    fn issuer(&self) -> Issuer {
        (self.accept)(self.signer.ring())
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.signer.sign_with(&with(self.signer.header(), header.clone()), claims)
    }

    /// Asserts that the token opens a guard with the settings of the guide.
    fn opens(&self, header: &Value, claims: &Value) {
        let user =
            open(&service([self.issuer()]), &self.sign(header, claims)).map_err(|error| (error, claims));
        assert_eq!(user.unwrap(), claims["sub"].as_str().unwrap());
    }

    /// Asserts that the token opens nothing with the settings of the guide.
    fn refuses(&self, claims: &Value) {
        self.refuses_with(&json!({}), claims);
    }

    fn refuses_with(&self, header: &Value, claims: &Value) {
        let (tokens, token) = (service([self.issuer()]), self.sign(header, claims));
        assert_eq!(open(&tokens, &token).unwrap_err().status(), 401, "{claims}");
        refusal(&tokens, &token);
    }

    /// Asserts that the token is refused because of its kind, even if it is for us, and opens a guard with `any_kind()`.
    fn needs_any_kind(&self, claims: &Value, audience: &str) {
        self.refuses(claims);
        let token = self.sign(&json!({}), claims);
        let for_us = service([self.issuer().audience(audience)]);
        let reason = refusal(&for_us, &token);
        assert!(matches!(reason, InvalidReason::NotAccess { .. }), "{reason:?}: {claims}");
        let any = service([self.issuer().audience(audience).any_kind()]);
        assert_eq!(
            decode(&any, &token).unwrap().user_id().to_string(),
            claims["sub"].as_str().unwrap(),
            "{claims}"
        );
    }
}
