//! What comes with an attempt to log in.

use std::fmt;
use std::net::IpAddr;

/// A name and a password, and what else is known of who sent them.
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
#[must_use = "a request is given to `login_with` or `async_login_with`"]
pub struct LoginRequest<'r> {
    pub(super) username: &'r str,
    pub(super) password: &'r str,
    pub(super) address: Option<IpAddr>,
    pub(super) label: Option<&'r str>,
}

impl<'r> LoginRequest<'r> {
    /// A name and a password.
    pub fn new(username: &'r str, password: &'r str) -> Self {
        Self { username, password, address: None, label: None }
    }

    /// The address that the request has come from, for a [`LoginThrottle`](crate::LoginThrottle).
    ///
    /// # Security
    ///
    /// Take it from the connection, or from a header that a proxy of your own has written: `X-Forwarded-For` as a
    /// client sends it is whatever the client likes.
    pub fn from_address(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// What the user's list of sessions is to call this one, such as the name of a device; up to 200 bytes of it are kept.
    pub fn label(self, label: &'r str) -> Self {
        Self { label: Some(label), ..self }
    }

    /// The label as it is kept: without control characters, and not too long.
    pub(super) fn kept_label(&self) -> Option<String> {
        let mut label: String = self.label?.chars().filter(|character| !character.is_control()).collect();
        label.truncate(label.floor_char_boundary(LONGEST_LABEL));
        Some(label)
    }
}

/// Shows neither the name, which now and then is a password, nor the password.
impl fmt::Debug for LoginRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequest")
            .field("address", &self.address)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// In bytes.
const LONGEST_LABEL: usize = 200;
