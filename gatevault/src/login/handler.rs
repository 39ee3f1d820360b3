//! The handler: what it is made of, and its settings. What it does is in `steps`, once for both of its forms.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::sessions::Sessions;
use super::{AuthUser, UserLookup};
use crate::claims::{Payload, ToClaims};
use crate::password::PasswordHasher;
use crate::session::SessionStore;
use crate::throttle::LoginThrottle;
use crate::token::TokenManager;

/// Logs users in, refreshes their tokens, and ends their sessions.
///
/// [`new`](OAuthHandler::new) takes a lookup that is an ordinary function and gives `login`, `refresh`, `logout` and so
/// on; [`new_async`](OAuthHandler::new_async) takes one that returns a future and gives `async_login` and the others. The
/// wrong one does not compile.
///
/// An unknown user and a wrong password are the same answer after the same work; only the event tells them apart.
///
/// A login begins a session, to which its refresh token belongs. A refresh looks the user up again, by `lookup_by_id`, and
/// exchanges the token for its successor. The same token within [`refresh_grace`](Self::refresh_grace) gets the same
/// successor again, so that a second tab or a lost answer does no harm. Any older one was stolen or copied: the session
/// ends, for whoever holds its tokens. A session ends also with its user, with a change of the user's password, after
/// [`session_lifetime`](Self::session_lifetime), when it is not refreshed for as long as a refresh token lives, and when
/// somebody ends it.
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
///
/// let next = oauth.refresh(&pair.refresh_token)?;
/// assert_ne!(next.refresh_token, pair.refresh_token);
/// oauth.logout(&next.refresh_token)?;
/// assert!(tokens.decode_access_token::<Payload>(&next.access_token).is_err());
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct OAuthHandler<L: UserLookup> {
    pub(super) lookup: L,
    pub(super) hasher: PasswordHasher,
    pub(super) tokens: TokenManager,
    pub(super) sessions: Sessions,
    pub(super) throttle: Option<LoginThrottle>,
    pub(super) claims: Box<ClaimsOf<L::User>>,
}

/// Chooses the claims of a user's access tokens.
type ClaimsOf<U> = dyn Fn(&U) -> Box<dyn ToClaims> + Send + Sync;

impl<L: UserLookup<User: AuthUser>> OAuthHandler<L> {
    pub(super) fn with_lookup(tokens: TokenManager, lookup: L) -> Self {
        let claims = |user: &L::User| -> Box<dyn ToClaims> { Box::new(Payload::new(user.id())) };
        let (hasher, sessions) = (PasswordHasher::default(), Sessions::default());
        Self { lookup, hasher, tokens, sessions, throttle: None, claims: Box::new(claims) }
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

    /// Slows down whoever guesses passwords; nobody is unless this is set.
    ///
    /// Say with [`LoginRequest::from_address`](crate::LoginRequest::from_address) where an attempt comes from.
    #[must_use]
    pub fn throttle(self, throttle: LoginThrottle) -> Self {
        Self { throttle: Some(throttle), ..self }
    }

    /// Where sessions are kept; in the memory of the process unless set, which a warning says at the first login.
    ///
    /// A store that other processes share brings a [`RevocationFeed`](crate::RevocationFeed) of default settings with it,
    /// so that guards of the same [`TokenManager`] hear of sessions that others end.
    #[must_use]
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.sessions = self.sessions.kept_in(Arc::new(store), &self.tokens);
        self
    }

    /// Keeps no sessions: a refresh token stands for itself.
    ///
    /// # Security
    ///
    /// An old refresh token stays good until it expires, its reuse is not noticed, and a logout is known to this process
    /// alone.
    #[must_use]
    pub fn stateless(mut self) -> Self {
        self.sessions = self.sessions.stateless();
        self
    }

    /// How long a session lives, however often it is refreshed; 30 days unless set.
    ///
    /// How long it lives without being refreshed is the life of a refresh token,
    /// [`refresh_expiry`](crate::token::TokenManagerBuilder::refresh_expiry).
    #[must_use]
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.sessions.lifetime = lifetime;
        self
    }

    /// For how long a refresh token still gives its successor after it was first used; 10 s unless set, a minute at most.
    ///
    /// It begins with the first use and is never prolonged.
    #[must_use]
    pub fn refresh_grace(mut self, grace: Duration) -> Self {
        self.sessions.grace = grace.min(LONGEST_GRACE);
        self
    }

    /// Makes its tokens, and verifies them.
    #[must_use]
    pub fn tokens(&self) -> &TokenManager {
        &self.tokens
    }
}

impl<L: UserLookup> fmt::Debug for OAuthHandler<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthHandler").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

const LONGEST_GRACE: Duration = Duration::from_mins(1);
