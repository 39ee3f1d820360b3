//! The time in which an exchanged refresh token still gets its successor.

use std::time::Duration;

use crate::error::ConfigError;

/// A choice of how long an exchanged refresh token still gets its successor, so that a second tab or a lost answer does no
/// harm. The time begins with the exchange, and later uses do not prolong it.
///
/// Only the predecessor of the current token has a grace. An older one ends the session.
///
/// # Security
///
/// A thief who uses a stolen token within the grace is not found at once. The next exchange by either party makes the other's
/// token an older one, and the session ends when that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshGrace {
    /// The predecessor gets its successor for this long: zero to one minute, by default 10 s.
    Window(Duration),
    /// The predecessor gets its successor until the successor is exchanged, and for at most this long: one second to one day.
    ///
    /// For clients that lose answers and retry late, such as phones.
    ///
    /// # Security
    ///
    /// A thief who exchanges each token in step with the client may never be found: set a short
    /// [`session_lifetime`](crate::OAuthHandler::session_lifetime) as well.
    UntilSuccessorUsed {
        /// The longest time after the exchange.
        at_most: Duration,
    },
}

impl RefreshGrace {
    /// Returns the grace as a duration, or an error for one that is out of bounds.
    pub(crate) fn validated(self) -> Result<Duration, ConfigError> {
        let (setting, given, least, most) = match self {
            Self::Window(window) => ("RefreshGrace::Window", window, Duration::ZERO, Duration::from_mins(1)),
            Self::UntilSuccessorUsed { at_most } => (
                "RefreshGrace::UntilSuccessorUsed",
                at_most,
                Duration::from_secs(1),
                Duration::from_hours(24),
            ),
        };
        ConfigError::within(setting, given, least, most).map(|()| given)
    }
}

impl Default for RefreshGrace {
    /// Returns a window of 10 s.
    fn default() -> Self {
        Self::Window(Duration::from_secs(10))
    }
}
