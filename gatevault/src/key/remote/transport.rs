//! `Transport`: the client that performs the requests.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::client::Client;
use super::failure::FetchFailure;
use crate::error::BoxError;

/// A function that returns the body of the resource at a URL.
pub(super) type Fetch = dyn FnMut(&str) -> Result<String, BoxError> + Send;

/// The client that performs the requests.
pub(super) enum Transport {
    /// The client of this library.
    BuiltIn(Box<Client>),
    /// A function given to `fetch_with`.
    Custom(Box<Fetch>),
}

impl Transport {
    /// Fetches one document, at most [`MAX_BYTES`].
    pub(super) fn get(&mut self, url: &str) -> Result<String, FetchFailure> {
        let text = match self {
            Self::BuiltIn(client) => client.get(url)?,
            // The function's errors do not say which of them mean that the document has another URL.
            Self::Custom(fetch) => {
                call("fetch_with", || fetch(url)).map_err(|reason| FetchFailure::absent(url, reason))?
            }
        };
        let is_bounded = u64::try_from(text.len()).is_ok_and(|bytes| bytes <= MAX_BYTES);
        if is_bounded {
            Ok(text)
        } else {
            Err(FetchFailure::new(url, "the response is longer than a mebibyte"))
        }
    }
}

/// Calls a function that was given to `setting`. A panic in it is caught, because the thread must survive it.
pub(super) fn call(
    setting: &str,
    function: impl FnOnce() -> Result<String, BoxError>,
) -> Result<String, BoxError> {
    let result = catch_unwind(AssertUnwindSafe(function));
    result.unwrap_or_else(|_| Err(format!("the `{setting}` function panicked").into()))
}

/// The maximum size of a response in bytes. A set of a hundred RSA keys with certificates needs a fifth of it.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;
