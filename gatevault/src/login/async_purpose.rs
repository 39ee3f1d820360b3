//! Redeeming purpose tokens, awaited.

use super::purpose::logged;
use super::{OAuthHandler, UserStore};
use crate::error::GuardError;
use crate::event::KeptCaller;
use crate::token::{Purpose, VerifiedPurpose};

impl<S: UserStore> OAuthHandler<S> {
    /// Verifies a purpose token of this handler's pool, and uses it up if its purpose is [`once`](Purpose::once). Of several
    /// calls with such a token, one succeeds, in any process.
    ///
    /// A token of a session must also find its session active in the store. Arguments as for
    /// [`TokenManager::decode_purpose_token`](crate::TokenManager::decode_purpose_token).
    ///
    /// The token is used up last, after all checks. If the store fails then, or the future is dropped, the token may be used up
    /// all the same: it serves at most once, and the user asks for another one.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Token`] for the token, also if it was used before or its session has ended.
    /// - [`GuardError::Unavailable`] if the session store failed.
    /// - [`GuardError::Config`] for a purpose that is `once` if the handler is [`stateless`](Self::stateless).
    ///
    /// # Security
    ///
    /// If an id beside the token has found the state, compare it with [`VerifiedPurpose::user_id`]: it is not signed, and two
    /// accounts may have the same state.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::token::Purpose;
    /// use gatevault::{OAuthHandler, UserId, UserStore};
    ///
    /// const MAGIC_LINK: Purpose = Purpose::new("magic-link", Duration::from_mins(10)).once();
    ///
    /// # async fn links<S: UserStore>(oauth: OAuthHandler<S>) -> Result<(), gatevault::Error> {
    /// let link = oauth.tokens().create_purpose_token(&MAGIC_LINK, &UserId::from(42), "")?;
    /// let redeemed = oauth.async_redeem_purpose_token(&MAGIC_LINK, &link, "").await?;
    /// assert_eq!(redeemed.user_id(), &42.into());
    /// # Ok(()) }
    /// ```
    pub async fn async_redeem_purpose_token(
        &self,
        purpose: &Purpose,
        token: &str,
        state: impl AsRef<[u8]>,
    ) -> Result<VerifiedPurpose, GuardError> {
        let mut caller = KeptCaller::default();
        let verified = self.decode_purpose(purpose, token, state.as_ref(), &mut caller);
        drop(state);
        logged(purpose, &caller, self.redeem(purpose, verified).await)
    }
}
