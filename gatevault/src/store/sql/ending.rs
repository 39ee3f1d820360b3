//! `Ending`: a request to a database that revokes something, or may have to.

use std::pin::Pin;

use super::dialect::{Dialect, Parameter};
use super::statements::Script;
use crate::error::StoreError;

/// A request that takes the next revocation number, if there is something to revoke.
pub(super) struct Ending {
    pub(super) kind: EndingKind,
    /// The parameters of its statement.
    pub(super) parameters: Vec<Parameter>,
}

/// The statement of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndingKind {
    /// `revoke_one`.
    One,
    /// `revoke_all`.
    All,
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

impl Ending {
    pub(super) fn new(kind: EndingKind, parameters: impl Into<Vec<Parameter>>) -> Self {
        Self { kind, parameters: parameters.into() }
    }

    /// Returns the script that serves this request alone.
    pub(super) fn script<D: Dialect>(&self) -> Script {
        match self.kind {
            EndingKind::One => D::STATEMENTS.revoke_one,
            EndingKind::All => D::STATEMENTS.revoke_all,
            EndingKind::Others => D::STATEMENTS.revoke_others,
            EndingKind::Record => D::STATEMENTS.record_revocation,
            EndingKind::Open => D::STATEMENTS.open,
            EndingKind::OpenAndRestamp => D::STATEMENTS.open_and_restamp,
            EndingKind::Excess => D::STATEMENTS.end_excess,
        }
    }
}

/// A future of the rows that the last statement of a request returns.
pub(super) type Ended<'a, R> = Pin<Box<dyn Future<Output = Result<Vec<R>, StoreError>> + Send + 'a>>;
