//! Guarded functions without a prelude.
#![no_implicit_prelude]

use ::core::result::Result::{self, Ok};
use ::vault::{protected, AuthUser, ClaimValue, Claims, GateVault, GuardError, Verified};

/// The number of a guest.
#[derive(ClaimValue)]
#[claims(crate = ::vault)]
#[expect(missing_debug_implementations, reason = "`Debug` is a derive of the prelude")]
pub struct Number(pub u64);

/// The claims of a guest.
#[derive(Claims)]
#[claims(crate = ::vault)]
#[expect(missing_debug_implementations, reason = "`Debug` is a derive of the prelude")]
pub struct Guest {
    /// The guest's id.
    pub user_id: Number,
}

/// The account of a guest.
#[derive(AuthUser)]
#[auth(crate = ::vault)]
#[expect(missing_debug_implementations, reason = "`Debug` is a derive of the prelude")]
pub struct Account<'a, Hash> {
    /// The guest's id.
    #[auth(id)]
    pub number: u64,
    /// The hash of the guest's password, if there is one.
    #[auth(password)]
    pub hash: ::core::option::Option<Hash>,
    /// The version of the account.
    #[auth(security_stamp)]
    pub version: &'a str,
}

/// Returns the guest's id.
///
/// # Errors
///
/// The denial.
#[protected(crate = ::vault, gate = gate, require(payload.user_id.0 != 0, true), max_age = "5m")]
pub fn visit(gate: &GateVault, payload: Verified<Guest>) -> Result<u64, GuardError> {
    Ok(payload.user_id.0)
}

/// Returns asynchronously whether the visitor has a token.
///
/// # Errors
///
/// The denial.
#[protected(crate = ::vault, gate = gate, optional)]
pub async fn visit_later(
    gate: &GateVault,
    payload: ::core::option::Option<Guest>,
) -> Result<bool, GuardError> {
    ::core::future::ready(()).await;
    Ok(payload.is_some())
}

/// Returns whether the visitor of a web framework has a token.
///
/// # Errors
///
/// The denial.
#[protected(crate = ::vault, handler, optional, require = true)]
pub async fn visit_handler(user: ::core::option::Option<Guest>) -> Result<bool, GuardError> {
    ::core::future::ready(()).await;
    Ok(user.is_some())
}
