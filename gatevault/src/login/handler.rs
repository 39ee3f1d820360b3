//! The handler: what it is made of, and the steps that its sync and async forms share.

use std::error::Error;
use std::fmt;

use crate::claims::{Payload, ToClaims, UserId};
use crate::error::{GuardError, TokenError};
use crate::guard::TokenSource;
use crate::password::PasswordHasher;
use crate::token::TokenManager;

use super::{AuthUser, Lookup, TokenPair};

/// Logs users in and refreshes their tokens.
///
/// [`new`](OAuthHandler::new) takes a lookup that is an ordinary function and gives `login` and `refresh`;
/// [`new_async`](OAuthHandler::new_async) takes one that returns a future and gives `async_login` and
/// `async_refresh`. The wrong one does not compile.
///
/// An unknown user and a wrong password are the same answer after the same work; only the event tells them
/// apart. A refresh looks the user up again, so it needs `lookup_by_id`. It is stateless: a refresh token is good
/// until it expires.
///
/// # Examples
///
/// ```
/// use gatevault::{AuthUser, OAuthHandler, Payload, TokenManager, UserId, hash_password};
///
/// struct Account { id: u64, hash: String, role: &'static str }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId { self.id.into() }
///     fn hashed_password(&self) -> &str { &self.hash }
/// }
///
/// let hash = hash_password("correct horse")?;
/// let ada = move || Account { id: 1, hash: hash.clone(), role: "admin" };
/// let by_id = ada.clone();
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens.clone(), move |name| (name == "ada").then(&ada))
///     .lookup_by_id(move |id| (id.as_u64() == Some(1)).then(&by_id))
///     .claims(|account| Payload::new(account.id()).with("role", account.role));
///
/// let pair = oauth.login("ada", "correct horse")?;
/// assert_eq!(tokens.decode_access_token::<Payload>(&pair.access_token)?["role"], "admin");
/// assert_eq!(oauth.login("ada", "wrong").unwrap_err().status(), 401);
/// let next = oauth.refresh(&pair.refresh_token)?;
/// assert_ne!(next.refresh_token, pair.refresh_token);
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct OAuthHandler<L: Lookup> {
    pub(super) lookup: L,
    pub(super) hasher: PasswordHasher,
    tokens: TokenManager,
    claims: Box<ClaimsOf<L::User>>,
}

/// Chooses the claims of a user's access tokens.
type ClaimsOf<U> = dyn Fn(&U) -> Box<dyn ToClaims> + Send + Sync;

impl<L: Lookup<User: AuthUser>> OAuthHandler<L> {
    pub(super) fn with_lookup(tokens: TokenManager, lookup: L) -> Self {
        let claims = |user: &L::User| -> Box<dyn ToClaims> { Box::new(Payload::new(user.id())) };
        Self { lookup, tokens, hasher: PasswordHasher::default(), claims: Box::new(claims) }
    }

    /// Chooses the claims of access tokens; the user's id alone unless set. Refresh tokens carry only the id.
    #[must_use]
    pub fn claims<C: ToClaims + 'static>(
        self,
        claims: impl Fn(&L::User) -> C + Send + Sync + 'static,
    ) -> Self {
        Self { claims: Box::new(move |user| Box::new(claims(user))), ..self }
    }

    /// The hasher that verifies passwords; [`PasswordHasher::default`] unless set.
    ///
    /// # Security
    ///
    /// Use the hasher that made the stored hashes: an unknown user costs the work of its settings.
    #[must_use]
    pub fn hasher(self, hasher: PasswordHasher) -> Self {
        Self { hasher, ..self }
    }

    /// The end of a login: tokens when the password was right, the one answer for everything else.
    pub(super) fn admit(&self, user: Option<&L::User>, matches: bool) -> Result<TokenPair, GuardError> {
        match (user, matches) {
            (Some(user), true) => {
                let pair = self.pair_for(user)?;
                tracing::info!(target: "gatevault", user = ?user.id(), "logged in");
                Ok(pair)
            }
            (known, _) => {
                // The name that was typed is not logged: now and then it is a password.
                let user = known.map(AuthUser::id);
                let user = user.as_ref().map(tracing::field::debug);
                tracing::info!(target: "gatevault", user, "login refused");
                Err(GuardError::invalid_credentials("the user name or the password is wrong"))
            }
        }
    }

    /// The start of a refresh: whom the token was made for.
    pub(super) fn subject_of(&self, refresh_token: &impl TokenSource) -> Result<UserId, GuardError> {
        let token = refresh_token.token().ok_or(GuardError::MissingToken);
        let payload = token.and_then(|token| Ok(self.tokens.decode_refresh_token::<Payload>(&token)?));
        let payload = payload.inspect_err(|denial| {
            tracing::info!(target: "gatevault", %denial, reason = denial.source(), "refresh refused");
        })?;
        Ok(payload.into_claims().into_user_id())
    }

    /// The end of a refresh: tokens for the user of the token, if the lookup still knows that very user.
    pub(super) fn renew(&self, id: &UserId, user: Option<L::User>) -> Result<TokenPair, GuardError> {
        let Some(user) = user.filter(|user| user.id() == *id) else {
            tracing::info!(target: "gatevault", user = ?id, "refresh refused: no such user");
            return Err(GuardError::invalid_credentials("the user of the refresh token is gone"));
        };
        let pair = self.pair_for(&user)?;
        tracing::info!(target: "gatevault", user = ?id, "refreshed");
        Ok(pair)
    }

    fn pair_for(&self, user: &L::User) -> Result<TokenPair, TokenError> {
        let create = || {
            let access_token = self.tokens.create_access_token(&*(self.claims)(user))?;
            let refresh_token = self.tokens.create_refresh_token(&Payload::new(user.id()))?;
            Ok(TokenPair::bearer(access_token, refresh_token, self.tokens.access_expiry()))
        };
        create().inspect_err(|error: &TokenError| {
            tracing::error!(target: "gatevault", %error, reason = error.source(), "no tokens can be created");
        })
    }
}

impl<L: Lookup> fmt::Debug for OAuthHandler<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthHandler").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}
