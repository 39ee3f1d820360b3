//! Errors of fetching the keys of another issuer.

use std::error::Error;
use std::sync::Arc;

/// The keys of another issuer could not be fetched. [`source`](Error::source) has the cause.
///
/// Feature `jwks-http`.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the keys of {url} could not be fetched")]
pub struct FetchError {
    pub(crate) url: String,
    #[source]
    pub(crate) reason: Arc<dyn Error + Send + Sync>,
}
