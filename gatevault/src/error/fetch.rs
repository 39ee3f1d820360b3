//! Why the keys of another issuer are not here.

use std::error::Error;
use std::sync::Arc;

/// The keys of another issuer that could not be fetched; [`source`](Error::source) says what went wrong.
///
/// Feature `jwks-http`.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the keys of {url} could not be fetched")]
pub struct FetchError {
    pub(crate) url: String,
    #[source]
    pub(crate) reason: Arc<dyn Error + Send + Sync>,
}
