//! Guarded functions in a crate of edition 2021 that knows the library by another name, with a prelude and without.
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]

use std::future::Future;

use vault::{guarded, protected, ClaimValue, Claims, GateVault, GuardError};

pub mod bare;

/// Where somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
#[claims(crate = vault)]
pub enum Site {
    /// Up the river.
    Mill,
    /// Down the river.
    Harbour,
}

/// Somebody who works.
#[derive(Debug, Clone, PartialEq, Eq, Claims)]
#[claims(crate = vault)]
pub struct Worker {
    /// The id.
    pub user_id: u64,
    /// The place, if there is one.
    pub site: Option<Site>,
}

/// Tells the id.
///
/// # Errors
///
/// The denial.
#[protected(crate = vault, gate = gate, require = payload.site == Some(site))]
pub fn enter(gate: &GateVault, site: Site, payload: Worker) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

/// Tells the id, later.
///
/// # Errors
///
/// The denial.
#[protected(crate = vault, gate = gate)]
pub async fn enter_later(gate: &GateVault, payload: Worker) -> Result<u64, GuardError> {
    std::future::ready(()).await;
    Ok(payload.user_id)
}

/// Tells the id by a future of its own making, which captures no lifetime in this edition.
///
/// # Errors
///
/// The denial, as what the future resolves to.
#[protected(crate = vault, gate = gate)]
pub fn enter_by_future(gate: &GateVault, payload: Worker) -> impl Future<Output = Result<u64, GuardError>> {
    async move { Ok(payload.user_id) }
}

/// A place with a gate of its own.
#[derive(Debug)]
pub struct Yard(pub GateVault);

#[guarded(crate = vault, gate = self.0)]
impl Yard {
    /// Tells the id.
    ///
    /// # Errors
    ///
    /// The denial.
    #[protected]
    pub fn enter(&self, payload: Worker) -> Result<u64, GuardError> {
        Ok(payload.user_id)
    }

    /// Tells whether the yard is open.
    #[public(reason = "it is written on the door")]
    #[must_use]
    pub const fn is_open(&self) -> bool {
        true
    }
}
