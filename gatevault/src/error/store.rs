//! The failure of a store.

use std::error::Error;
use std::fmt;

use super::{BoxError, ConfigError};

/// The failure of a session store or of a store of login attempts.
///
/// After it the caller cannot know whether the operation took effect, and may retry. It displays the cause.
///
/// # Examples
///
/// A store of your own wraps the errors of its database:
///
/// ```
/// use gatevault::StoreError;
///
/// fn rows(text: &str) -> Result<u64, StoreError> {
///     text.parse().map_err(StoreError::new)
/// }
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     assert_eq!(rows("7")?, 7);
///     Ok(())
/// }
/// ```
pub struct StoreError(BoxError);

impl StoreError {
    /// Creates the error from its cause: an error, or a text.
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self(cause.into())
    }

    /// Returns the cause as an error of this type, if it is one.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.0).finish()
    }
}

/// Has the sources of the cause, which it displays itself.
impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<BoxError> for StoreError {
    fn from(cause: BoxError) -> Self {
        Self(cause)
    }
}

/// Creates the conversions, one for each type: a conversion from any error would include this one.
macro_rules! store_error_from {
    ($($cause:ty),+) => {
        $(impl From<$cause> for StoreError {
            fn from(cause: $cause) -> Self {
                Self::new(cause)
            }
        })+
    };
}

store_error_from!(&str, String, ConfigError, std::io::Error, serde_json::Error);
