//! The public keys, for whoever verifies our tokens.

use std::sync::Arc;

use super::AuthRoutes;
use crate::key::KeyRing;
use crate::login::UserLookup;

/// Public keys (feature `asymmetric`).
impl<L: UserLookup> AuthRoutes<L> {
    /// Publishes the public keys of a ring at `/.well-known/jwks.json`, as they are at each call; never a private part, and
    /// never a secret.
    #[must_use]
    pub fn publish_keys(mut self, ring: &KeyRing) -> Self {
        let ring = ring.clone();
        self.key_set = Some(Arc::new(move || ring.public_keys().to_json()));
        self
    }
}
