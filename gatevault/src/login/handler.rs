//! The handler: its parts and its settings. Its operations are in `steps`, once for both of its forms.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::authenticator::Authenticator;
use super::issuer::TokenIssuer;
use super::sessions::SessionKeeper;
use crate::password::PasswordHasher;
use crate::session::SessionStore;
use crate::throttle::LoginThrottle;
use crate::token::TokenManager;

/// Logs users in, refreshes their tokens, and ends their sessions.
///
/// `S` is the store of users. The methods follow from its kind; the methods of the other kind do not compile:
///
/// | users | constructor | type | methods |
/// |---|---|---|---|
/// | a [`UserStore`](crate::UserStore), over a pool of connections | [`with_users`](OAuthHandler::with_users) | `OAuthHandler<MyUsers>` | `async_login`, `async_refresh`, .. |
/// | a [`SyncUserStore`](crate::SyncUserStore) | [`with_sync_users`](OAuthHandler::with_sync_users) | `OAuthHandler<MyUsers>` | `login`, `refresh`, .. |
/// | an async closure | [`new_async`](OAuthHandler::new_async) | `OAuthHandler<AsyncLookup<User>>` | `async_login`, `async_refresh`, .. |
/// | a closure | [`new`](OAuthHandler::new) | `OAuthHandler<SyncLookup<User>>` | `login`, `refresh`, .. |
///
/// An unknown user and a wrong password give the same error after the same work. Only the event distinguishes them.
///
/// # Sessions
///
/// A login begins a session, to which its refresh token belongs. A refresh looks the user up again by id and exchanges the
/// token for its successor (refresh token rotation). The same token gets the same successor again within
/// [`refresh_grace`](Self::refresh_grace), so that a second tab or a lost answer does no harm. An older token was stolen or
/// copied: the session ends for every holder of its tokens.
///
/// A session also ends
/// - when the user is gone or the user's password has changed, at the next refresh,
/// - after [`session_lifetime`](Self::session_lifetime),
/// - if it is not refreshed for the lifetime of a refresh token,
/// - by a logout or a revocation.
///
/// # Examples
///
/// With closures, for a small program; see [`SyncUserStore`](crate::SyncUserStore) and [`UserStore`](crate::UserStore) for the
/// others.
///
/// ```
/// use gatevault::{AuthUser, OAuthHandler, Payload, TokenManager, UserId, hash_password};
///
/// #[derive(Clone)]
/// struct Account { id: u64, hash: String, role: &'static str }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId { self.id.into() }
///     fn hashed_password(&self) -> Option<&str> { Some(&self.hash) }
/// }
///
/// let ada = Account { id: 1, hash: hash_password("correct horse")?, role: "admin" };
/// let by_id = ada.clone();
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens.clone(), move |name| (name == "ada").then(|| ada.clone()))
///     .lookup_by_id(move |id| (id.as_u64() == Some(1)).then(|| by_id.clone()))
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
pub struct OAuthHandler<S> {
    pub(super) authenticator: Authenticator<S>,
    pub(super) issuer: TokenIssuer,
    pub(super) sessions: SessionKeeper,
    pub(super) throttle: Option<LoginThrottle>,
}

impl<S> OAuthHandler<S> {
    /// Creates a handler over a store of users, with default settings.
    pub(super) fn over(tokens: TokenManager, users: S) -> Self {
        Self {
            authenticator: Authenticator::new(users),
            sessions: SessionKeeper::new(tokens.clone()),
            issuer: TokenIssuer { tokens },
            throttle: None,
        }
    }

    /// Computes no new hashes, since the users of this handler keep outdated ones.
    pub(super) fn keeping_outdated_hashes(mut self) -> Self {
        self.authenticator.replaces_hashes = false.into();
        self
    }

    pub(super) fn replacing_outdated_hashes(mut self) -> Self {
        self.authenticator.replaces_hashes = true.into();
        self
    }

    /// Sets the hasher that verifies passwords. The default is [`PasswordHasher::default`].
    ///
    /// # Security
    ///
    /// Use the hasher that made the stored hashes: an unknown user costs the work of its settings.
    #[must_use]
    pub fn hasher(mut self, hasher: PasswordHasher) -> Self {
        self.authenticator.hasher = hasher;
        self
    }

    /// Sets a throttle, which slows down password guessing. Without one, the number of attempts is not limited.
    ///
    /// Name the address of an attempt with [`LoginRequest::from_address`](crate::LoginRequest::from_address).
    #[must_use]
    pub fn throttle(self, throttle: LoginThrottle) -> Self {
        Self { throttle: Some(throttle), ..self }
    }

    /// Sets the store of sessions. The default is the memory of the process, and the first login warns about it.
    ///
    /// If other processes share the store, this starts a [`RevocationFeed`](crate::RevocationFeed) with default settings:
    /// the guards of this [`TokenManager`] then refuse the sessions that other processes end.
    #[must_use]
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.sessions = self.sessions.with_store(Arc::new(store));
        self
    }

    /// Keeps no sessions.
    ///
    /// # Security
    ///
    /// An exchanged refresh token stays valid until it expires, its reuse is not detected, and only this process knows of a
    /// logout.
    #[must_use]
    pub fn stateless(mut self) -> Self {
        self.sessions = self.sessions.stateless();
        self
    }

    /// Sets the lifetime of a session, however often it is refreshed. The default is 30 days.
    ///
    /// A session that is not refreshed ends with its refresh token, after
    /// [`refresh_expiry`](crate::token::TokenManagerBuilder::refresh_expiry).
    #[must_use]
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.sessions.lifetime = lifetime;
        self
    }

    /// Sets how long an exchanged refresh token still gets its successor. The default is 10 s, and the maximum one minute.
    ///
    /// The time begins with the first use of the token. Later uses do not prolong it.
    #[must_use]
    pub fn refresh_grace(mut self, grace: Duration) -> Self {
        self.sessions.grace = grace.min(LONGEST_GRACE);
        self
    }

    /// Returns the manager that signs and verifies the tokens.
    #[must_use]
    pub fn tokens(&self) -> &TokenManager {
        &self.issuer.tokens
    }
}

impl<S> fmt::Debug for OAuthHandler<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthHandler").field("tokens", &self.issuer.tokens).finish_non_exhaustive()
    }
}

const LONGEST_GRACE: Duration = Duration::from_mins(1);
