//! What else is bound to the session of a refresh token.

use super::steps::Presented;

impl Presented {
    /// What tells the session from all others; the user, where none are kept.
    pub(crate) fn binding(&self) -> String {
        self.session.as_ref().map_or_else(|| format!("user:{:?}", self.user), |session| session.id.clone())
    }
}
