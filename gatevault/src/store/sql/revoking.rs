//! `RevokingRequest`: a request to a database that revokes something, or may have to.

use std::pin::Pin;

use super::dialect::{Dialect, Parameter};
use super::statements::Script;
use crate::error::StoreError;

/// A request that takes the next revocation number, if there is something to revoke.
pub(super) struct RevokingRequest {
    pub(super) kind: RevokingKind,
    /// The parameters of its statement.
    pub(super) parameters: Vec<Parameter>,
}

/// The statement of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RevokingKind {
    /// `revoke_one`.
    One,
    /// `revoke_all`.
    All,
    /// `revoke_logins`.
    Logins,
    /// `revoke_others`.
    Others,
    /// `record_revocation`.
    Record,
    /// `open`.
    Open,
    /// `open_and_restamp`.
    OpenAndRestamp,
    /// `end_excess`.
    Excess,
}

impl RevokingRequest {
    pub(super) fn new(kind: RevokingKind, parameters: impl Into<Vec<Parameter>>) -> Self {
        Self { kind, parameters: parameters.into() }
    }

    /// Returns the script that serves this request alone.
    pub(super) fn script<D: Dialect>(&self) -> Script {
        match self.kind {
            RevokingKind::One => D::STATEMENTS.revoke_one,
            RevokingKind::All => D::STATEMENTS.revoke_all,
            RevokingKind::Logins => D::STATEMENTS.revoke_logins,
            RevokingKind::Others => D::STATEMENTS.revoke_others,
            RevokingKind::Record => D::STATEMENTS.record_revocation,
            RevokingKind::Open => D::STATEMENTS.open,
            RevokingKind::OpenAndRestamp => D::STATEMENTS.open_and_restamp,
            RevokingKind::Excess => D::STATEMENTS.end_excess,
        }
    }
}

/// A future of the rows that the last statement of a request returns.
pub(super) type Revoking<'a, R> = Pin<Box<dyn Future<Output = Result<Vec<R>, StoreError>> + Send + 'a>>;
