//! Guarded functions in a crate of edition 2021 that renames the library, with and without a prelude.
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]

use std::future::Future;

use vault::{guarded, protected, ClaimValue, Claims, GateVault, GuardError, Verified};

pub mod bare;

/// A place of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
#[claims(crate = vault)]
pub enum Site {
    /// Up the river.
    Mill,
    /// Down the river.
    Harbor,
}

/// The claims of a worker.
#[derive(Debug, Clone, PartialEq, Eq, Claims)]
#[claims(crate = vault)]
pub struct Worker {
    /// The worker's id.
    pub user_id: u64,
    /// The place of work, if the worker has one.
    pub site: Option<Site>,
}

/// Returns the worker's id.
///
/// # Errors
///
/// The denial.
#[protected(crate = vault, gate = gate, require = payload.site == Some(site))]
pub fn enter(gate: &GateVault, site: Site, payload: Worker) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

/// Returns the worker's id asynchronously.
///
/// # Errors
///
/// The denial.
#[protected(crate = vault, gate = gate)]
pub async fn enter_later(gate: &GateVault, payload: Worker) -> Result<u64, GuardError> {
    std::future::ready(()).await;
    Ok(payload.user_id)
}

/// Returns the worker's id through an `impl Future`, which captures no lifetime in this edition.
///
/// # Errors
///
/// The future resolves to the denial.
#[protected(crate = vault, gate = gate)]
pub fn enter_by_future(gate: &GateVault, payload: Worker) -> impl Future<Output = Result<u64, GuardError>> {
    async move { Ok(payload.user_id) }
}

/// Returns the worker's id, for a web framework.
///
/// # Errors
///
/// The denial.
#[protected(crate = vault, handler, require(user.site == Some(site), user.user_id != 0))]
pub fn clock_in(site: Site, user: Worker) -> Result<u64, GuardError> {
    Ok(user.user_id)
}

/// Returns the worker's id, for a web framework.
///
/// # Errors
///
/// The denial.
#[protected(crate = vault, handler)]
pub async fn clock_out(user: Worker) -> Result<u64, GuardError> {
    std::future::ready(()).await;
    Ok(user.user_id)
}

/// A place with its own gate.
#[derive(Debug)]
pub struct Yard(pub GateVault);

#[guarded(crate = vault, gate = self.0)]
impl Yard {
    /// Returns the worker's id.
    ///
    /// # Errors
    ///
    /// The denial.
    #[protected]
    pub fn enter(&self, payload: Worker) -> Result<u64, GuardError> {
        Ok(payload.user_id)
    }

    /// Returns the id of a worker whose token is verified.
    #[must_use]
    pub fn leave(&self, worker: &Verified<Worker>) -> u64 {
        worker.user_id
    }

    /// Returns whether the yard is open.
    #[public(reason = "the sign on the door says it")]
    #[must_use]
    pub const fn is_open(&self) -> bool {
        true
    }
}
