//! `FetchFailure`: a failed request or an unusable response, with its URL.

use crate::error::{BoxError, FetchError};

/// A failed step of a fetch.
#[derive(Debug)]
pub(super) struct FetchFailure {
    /// The URL of the request or of the unusable document.
    pub(super) url: String,
    pub(super) reason: BoxError,
    /// Set if there is no document at this URL, so that it may have another one.
    pub(super) is_absent: bool,
}

impl FetchFailure {
    /// Creates a failure that another URL would not mend.
    pub(super) fn new(url: &str, reason: impl Into<BoxError>) -> Self {
        Self { url: url.to_owned(), reason: reason.into(), is_absent: false }
    }

    /// Creates the failure of a URL that has no such document.
    pub(super) fn absent(url: &str, reason: impl Into<BoxError>) -> Self {
        Self { is_absent: true, ..Self::new(url, reason) }
    }

    /// Creates the failure of a fetch whose two possible URLs failed.
    pub(super) fn both(self, second: &Self) -> Self {
        let reason = format!("{}; {}: {}", self.reason, second.url, second.reason);
        Self::new(&self.url, reason)
    }

    /// Converts into the error for the callers. `source` is the configured URL.
    pub(super) fn into_error(self, source: &str) -> FetchError {
        FetchError { source_url: source.to_owned(), url: self.url, reason: self.reason.into() }
    }
}
