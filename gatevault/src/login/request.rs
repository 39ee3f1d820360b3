//! A request to log in.

use std::fmt;
use std::net::IpAddr;

use crate::claims::RequestedScopes;

/// A name and a password, with the address of the client and a label for the session if they are known.
///
/// # Examples
///
/// ```
/// use std::net::{IpAddr, Ipv4Addr};
/// use gatevault::LoginRequest;
///
/// let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// let request = LoginRequest::new("ada", "correct horse").from_address(peer).label("Firefox on Linux");
/// ```
#[derive(Clone, Copy)]
#[must_use = "pass the request to `login_with` or `async_login_with`"]
pub struct LoginRequest<'r> {
    pub(super) username: &'r str,
    pub(super) password: &'r str,
    pub(super) address: Option<IpAddr>,
    pub(super) label: Option<&'r str>,
    /// The scopes to which the session is limited.
    pub(super) scopes: Option<&'r RequestedScopes>,
}

impl<'r> LoginRequest<'r> {
    /// Creates a request from a name and a password.
    pub fn new(username: &'r str, password: &'r str) -> Self {
        Self { username, password, address: None, label: None, scopes: None }
    }

    /// Sets the address of the client, for a [`LoginThrottle`](crate::LoginThrottle). Without one, or with `None`, the throttle
    /// counts by account only.
    ///
    /// # Security
    ///
    /// Take it from the connection, or from a header that your own proxy writes. A client can send any `X-Forwarded-For`.
    /// [`AuthRoutes::client_address`](crate::AuthRoutes::client_address) has the rules.
    pub fn from_address(self, address: impl Into<Option<IpAddr>>) -> Self {
        Self { address: address.into(), ..self }
    }

    /// Sets the label of the session in the user's list of sessions, such as the name of a device. At most 200 bytes are
    /// kept.
    pub fn label(self, label: &'r str) -> Self {
        Self { label: Some(label), ..self }
    }
}

/// Shows neither the password nor the name, into which users sometimes type their password.
impl fmt::Debug for LoginRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequest")
            .field("address", &self.address)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// Returns a label without control characters, cut to the limit.
pub(super) fn kept_label(label: &str) -> String {
    let mut label: String = label.chars().filter(|character| !character.is_control()).collect();
    label.truncate(label.floor_char_boundary(LONGEST_LABEL));
    label
}

/// In bytes.
const LONGEST_LABEL: usize = 200;
