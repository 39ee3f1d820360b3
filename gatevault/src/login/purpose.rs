//! Redeeming purpose tokens: the checks that need the handler's pool and its session store.

use std::error::Error as _;

use super::{OAuthHandler, SyncUserStore};
use crate::error::{GuardError, InvalidReason, Mismatch, TokenError, excerpt};
use crate::event::{Decision, Event, KeptCaller};
use crate::future::wait;
use crate::session::{FindSession, SpendToken, store_failed};
use crate::token::{Purpose, VerifiedPurpose};

impl<S: SyncUserStore> OAuthHandler<S> {
    /// Verifies a purpose token of this handler's pool, and uses it up if its purpose is [`once`](Purpose::once). Of several
    /// calls with such a token, one succeeds, in any process.
    ///
    /// A token of a session must also find its session active in the store. Arguments as for
    /// [`TokenManager::decode_purpose_token`](crate::TokenManager::decode_purpose_token).
    ///
    /// The token is used up last, after all checks. If the store fails then, or the caller is stopped, the token may be used up
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
    /// use gatevault::{OAuthHandler, SyncUserStore, UserId};
    ///
    /// const MAGIC_LINK: Purpose = Purpose::new("magic-link", Duration::from_mins(10)).once();
    ///
    /// # fn links<S: SyncUserStore>(oauth: OAuthHandler<S>) -> Result<(), gatevault::Error> {
    /// let link = oauth.tokens().create_purpose_token(&MAGIC_LINK, &UserId::from(42), "")?;
    /// let redeemed = oauth.redeem_purpose_token(&MAGIC_LINK, &link, "")?;
    /// assert_eq!(redeemed.user_id(), &42.into());
    /// assert_eq!(oauth.redeem_purpose_token(&MAGIC_LINK, &link, "").unwrap_err().status(), 401);
    /// # Ok(()) }
    /// ```
    pub fn redeem_purpose_token(
        &self,
        purpose: &Purpose,
        token: &str,
        state: impl AsRef<[u8]>,
    ) -> Result<VerifiedPurpose, GuardError> {
        let mut caller = KeptCaller::default();
        let verified = self.decode_purpose(purpose, token, state.as_ref(), &mut caller);
        logged(purpose, &caller, wait(self.redeem(purpose, verified)))
    }
}

impl<S> OAuthHandler<S> {
    /// Verifies a purpose token of the handler's pool, and keeps in `caller` whom it names once its signature is verified. A token that
    /// may be used once needs a store, and one of a session too.
    pub(super) fn decode_purpose(
        &self,
        purpose: &Purpose,
        token: &str,
        state: &[u8],
        caller: &mut KeptCaller,
    ) -> Result<VerifiedPurpose, GuardError> {
        let keeper = self.ready()?;
        if purpose.is_once() {
            keeper.required_store()?;
        }
        let verified = self.issuer.tokens.decode_presented_purpose(purpose, token, state, caller)?;
        let pool = self.issuer.membership.pool();
        if verified.user_pool() != pool {
            return Err(TokenError::from(wrong_pool(verified.user_pool(), pool)).into());
        }
        if verified.session_id().is_some() && keeper.store()?.is_none() {
            let reason = "the purpose token belongs to a session, and none are kept";
            return Err(TokenError::from(InvalidReason::Session(reason)).into());
        }
        Ok(verified)
    }

    /// Requires the session of a verified token to be active, then uses the token up.
    pub(super) async fn redeem(
        &self,
        purpose: &Purpose,
        verified: Result<VerifiedPurpose, GuardError>,
    ) -> Result<VerifiedPurpose, GuardError> {
        let (verified, keeper) = (verified?, self.ready()?);
        let revoked = || GuardError::from(TokenError::from(InvalidReason::Revoked));
        let tokens = &self.issuer.tokens;
        if let Some(id) = verified.session_id() {
            let request = FindSession { pool: self.pool(), ..FindSession::new(id.to_owned(), tokens.now()?) };
            let found = keeper.required_store()?.find(request).await.map_err(store_failed)?;
            found.filter(|session| session.user == *verified.user_id()).ok_or_else(revoked)?;
        }
        if purpose.is_once() {
            let id = verified.token_id().to_owned();
            let request = SpendToken::new(id, verified.expires(), tokens.now()?);
            let is_first = keeper.required_store()?.spend(request).await.map_err(store_failed)?;
            is_first.then_some(()).ok_or(TokenError::from(InvalidReason::Spent))?;
        }
        // The store takes time, in which the user may have been logged out everywhere.
        tokens.validate_purpose_not_revoked(&verified)?;
        Ok(verified)
    }
}

fn wrong_pool(found: Option<&str>, ours: Option<&str>) -> InvalidReason {
    InvalidReason::Pool(Box::new(Mismatch {
        claim: "pool".to_owned(),
        found: found.map(excerpt).into_iter().collect(),
        accepted: ours.map(excerpt).into_iter().collect(),
        set_by: "OAuthHandler::user_pool",
    }))
}

/// Emits the event of the outcome.
pub(super) fn logged(
    purpose: &Purpose,
    caller: &KeptCaller,
    redeemed: Result<VerifiedPurpose, GuardError>,
) -> Result<VerifiedPurpose, GuardError> {
    let purpose = purpose.name();
    let decision = match &redeemed {
        Ok(_) => Decision::PurposeRedeemed { purpose },
        Err(denial) => {
            let reason = denial.source().map(ToString::to_string);
            Decision::PurposeRefused { purpose, denial: denial.to_string(), reason }
        }
    };
    Event::new(decision).of_caller(caller.claims()).emit();
    redeemed
}
