//! The route of the public keys.

use std::sync::Arc;

use super::AuthRoutes;
use crate::key::KeyRing;

/// Public keys (feature `asymmetric`).
impl<S> AuthRoutes<S> {
    /// Publishes the public keys of a ring that verify now at `/.well-known/jwks.json`: a retired key is in the set until its
    /// end. Private parts and secrets are never published.
    #[must_use]
    pub fn publish_keys(mut self, ring: &KeyRing) -> Self {
        let ring = ring.clone();
        self.key_set = Some(Arc::new(move || ring.public_keys().to_json()));
        self
    }
}
