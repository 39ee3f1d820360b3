//! The surroundings of a test under `#[gatevault::test]`: a manager, its gate and its tokens.

use std::panic::Location;

use super::fault::fail;
use super::mint::mint;
use crate::claims::ToClaims;
use crate::error::Error;
use crate::guard::GateVault;
use crate::guard::test_gate::TestGate;
use crate::random::generate_secret;
use crate::token::TokenManager;

/// A manager with a random secret, whose gate is installed until this is dropped.
#[derive(Debug)]
pub struct TestRun {
    tokens: TokenManager,
    _gate: TestGate,
}

impl TestRun {
    /// Creates the manager and installs its gate.
    ///
    /// # Panics
    ///
    /// If the system's random source fails.
    #[must_use]
    #[track_caller]
    pub fn begin() -> Self {
        match new_manager() {
            Ok(tokens) => Self { _gate: GateVault::new(tokens.clone()).install_for_test(), tokens },
            Err(error) => fail(Location::caller(), error),
        }
    }

    /// Returns the manager.
    #[must_use]
    pub fn tokens(&self) -> &TokenManager {
        &self.tokens
    }

    /// Creates an access token.
    ///
    /// # Panics
    ///
    /// If the claims cannot be written.
    #[must_use]
    #[track_caller]
    pub fn token<C: ToClaims + ?Sized>(&self, claims: &C) -> String {
        mint(&self.tokens).token(claims)
    }
}

fn new_manager() -> Result<TokenManager, Error> {
    Ok(TokenManager::new(generate_secret()?)?)
}
