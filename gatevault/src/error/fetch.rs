//! Errors of fetching the keys of another issuer.

use std::error::Error;
use std::sync::Arc;

/// The keys of another issuer could not be fetched. [`source`](Error::source) has the cause.
///
/// The message names the configured URL, and the URL that failed if it is another one. It contains no credentials.
///
/// Feature `jwks-http`.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the keys of {source_url} could not be fetched{}", self.failed_url())]
pub struct FetchError {
    /// The configured URL.
    pub(crate) source_url: String,
    /// The URL of the request or of the unusable document.
    pub(crate) url: String,
    #[source]
    pub(crate) reason: Arc<dyn Error + Send + Sync>,
}

impl FetchError {
    /// Returns the URL that failed: the URL of the issuer's configuration or of its key set.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn failed_url(&self) -> String {
        if self.url == self.source_url {
            String::new()
        } else {
            format!(": no usable response from {}", self.url)
        }
    }
}
