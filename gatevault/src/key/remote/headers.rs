//! The headers that the caller adds to requests for keys, such as credentials.

use ureq::http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, HeaderValue, TE,
    TRANSFER_ENCODING, UPGRADE,
};

use super::transport::call;
use crate::error::{BoxError, ConfigError};

/// The headers for requests to the origin of the configured URL. No value is ever logged.
#[derive(Default)]
pub(super) struct RequestHeaders(Vec<(HeaderName, Value)>);

enum Value {
    Fixed(HeaderValue),
    /// A function that returns the current value.
    Current(Box<ReadValue>),
}

/// A function that returns the current value of a header.
pub(super) type ReadValue = dyn FnMut() -> Result<String, BoxError> + Send;

impl RequestHeaders {
    /// Adds a header whose value never changes.
    pub(super) fn with_fixed(self, name: &str, value: &str) -> Result<Self, ConfigError> {
        let name = header_name("header", name)?;
        let value = header_value(value)
            .ok_or(ConfigError::InvalidHeader { setting: "header", reason: "the value is not valid" })?;
        Ok(self.with(name, Value::Fixed(value)))
    }

    /// Adds a header whose value a function returns for each request.
    pub(super) fn with_current(self, name: &str, read: Box<ReadValue>) -> Result<Self, ConfigError> {
        Ok(self.with(header_name("header_with", name)?, Value::Current(read)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the headers with their current values.
    pub(super) fn current(&mut self) -> Result<Vec<(HeaderName, HeaderValue)>, BoxError> {
        self.0.iter_mut().map(|(name, value)| Ok((name.clone(), value.current()?))).collect()
    }

    /// Adds a header, which replaces another one of the same name.
    fn with(mut self, name: HeaderName, value: Value) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value));
        self
    }
}

impl Value {
    fn current(&mut self) -> Result<HeaderValue, BoxError> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Current(read) => {
                let value = call("header_with", read)?;
                header_value(&value).ok_or_else(|| {
                    "the value from the `header_with` function is not a valid header value".into()
                })
            }
        }
    }
}

/// Parses the name of a header. The error does not repeat it: it may be a value in the wrong place.
fn header_name(setting: &'static str, name: &str) -> Result<HeaderName, ConfigError> {
    let error = |reason| ConfigError::InvalidHeader { setting, reason };
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| error("the name is not valid; write it as in `authorization`"))?;
    if RESERVED.contains(&name) {
        return Err(error("the HTTP client sets this header itself; remove the call"));
    }
    Ok(name)
}

/// Parses the value of a header and marks it as sensitive, so that `Debug` hides it.
fn header_value(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Headers that frame the message or decide how its body is encoded.
const RESERVED: [HeaderName; 8] =
    [ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRANSFER_ENCODING, UPGRADE];
