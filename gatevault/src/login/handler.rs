//! The handler: its parts and its settings. Its operations are in `steps`, once for both of its forms.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::authenticator::Authenticator;
use super::issuer::TokenIssuer;
use super::key_text::KeyPrefix;
use super::new_password::DEFAULT_MINIMUM;
use super::sessions::SessionKeeper;
use crate::error::ConfigError;
use crate::password::PasswordHasher;
use crate::session::{RefreshGrace, SessionStore};
use crate::throttle::LoginThrottle;
use crate::token::{PoolMembership, TokenManager};

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
    pub(super) key_prefix: KeyPrefix,
    /// The minimum length of new passwords, in characters.
    pub(super) minimum_password_length: usize,
}

impl<S> OAuthHandler<S> {
    /// Creates a handler over a store of users, with default settings.
    pub(super) fn over(tokens: TokenManager, users: S) -> Self {
        Self {
            authenticator: Authenticator::new(users, tokens.clone()),
            sessions: SessionKeeper::new(tokens.clone()),
            issuer: TokenIssuer { membership: PoolMembership::new(tokens.clone()), tokens },
            throttle: None,
            key_prefix: KeyPrefix::default(),
            minimum_password_length: DEFAULT_MINIMUM,
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
    ///
    /// # Security
    ///
    /// Handlers of different users that share a throttle or its store need a [`user_pool`](Self::user_pool) each. Without one,
    /// a login to an account of one handler forgets the attempts on the account with the same name or id of the other.
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

    /// Sets how long an exchanged refresh token still gets its successor. The default is a window of 10 s.
    ///
    /// A grace that is out of its bounds is an error of [`validate`](Self::validate).
    #[must_use]
    pub fn refresh_grace(self, grace: RefreshGrace) -> Self {
        Self { sessions: self.sessions.with_grace(grace), ..self }
    }

    /// Sets the number of active sessions of a user, at least 1 and by default 100. At a login beyond it the oldest ones end.
    #[must_use]
    pub fn session_limit(self, sessions: usize) -> Self {
        Self { sessions: self.sessions.with_limit(sessions), ..self }
    }

    /// Sets no limit for the number of sessions of a user.
    #[must_use]
    pub fn without_session_limit(mut self) -> Self {
        self.sessions.limit = None;
        self
    }

    /// Sets the pool of this handler's users, which keeps them apart from those of other handlers: for customers and admins of
    /// one service, or for two applications over one session store.
    ///
    /// The name is in the `pool` claim of access and refresh tokens, in the session store and in the counters of the throttle.
    /// A handler accepts the refresh tokens of its own pool only, and lists and ends no other sessions. The guards of a
    /// [`TokenManager`] accept the pools of its handlers, or those of
    /// [`user_pools`](crate::token::TokenManagerBuilder::user_pools).
    ///
    /// Two handlers without a pool cannot share a manager: see [`validate`](Self::validate). Setting, removing or renaming a pool
    /// logs its users out.
    ///
    /// # Security
    ///
    /// Users of two pools may have one id. If a manager accepts both, a guarded function distinguishes them by
    /// [`Verified::user_pool`](crate::Verified::user_pool).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{ApiKeys, AuthUser, OAuthHandler, Payload, TokenManager, UserId, hash_password};
    ///
    /// #[derive(Clone)]
    /// struct Account(String);
    ///
    /// impl AuthUser for Account {
    ///     fn id(&self) -> UserId { 1.into() }
    ///     fn hashed_password(&self) -> Option<&str> { Some(&self.0) }
    /// }
    ///
    /// let (customer, admin) = (Account(hash_password("correct horse")?), Account(hash_password("battery staple")?));
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let customers = OAuthHandler::new(tokens.clone(), move |name| (name == "ada").then(|| customer.clone()))
    ///     .user_pool("customers");
    /// let admins = OAuthHandler::new(tokens.clone(), move |name| (name == "ada").then(|| admin.clone()))
    ///     .user_pool("admins");
    ///
    /// let pair = customers.login("ada", "correct horse")?;
    /// assert_eq!(tokens.decode_access_token::<Payload>(&pair.access_token)?.user_pool(), Some("customers"));
    /// assert_eq!(admins.refresh(&pair.refresh_token).unwrap_err().status(), 401);
    /// assert_eq!(admins.logout_everywhere(1, ApiKeys::End)?, 0);
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    #[must_use]
    pub fn user_pool(mut self, name: &str) -> Self {
        if name.is_empty() {
            self.sessions = self.sessions.invalid(ConfigError::EmptyText { setting: "user_pool" });
            return self;
        }
        self.issuer.membership.move_to(name);
        self
    }

    /// Validates the settings, which a program does best at its start: each login, refresh and logout returns the same error.
    ///
    /// # Errors
    ///
    /// - [`ConfigError::SharedManager`] if an older handler of the same manager has no [`user_pool`](Self::user_pool), and this
    ///   one has none either.
    /// - [`ConfigError::DurationOutOfBounds`] or [`ConfigError::NumberOutOfBounds`] for a setting that is out of bounds.
    /// - [`ConfigError::NoThread`] if the feed of a shared session store could not start.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::{AuthUser, OAuthHandler, TokenManager, UserId};
    /// # struct Account;
    /// # impl AuthUser for Account {
    /// #     fn id(&self) -> UserId { 1.into() }
    /// #     fn hashed_password(&self) -> Option<&str> { None }
    /// # }
    /// # fn find(_: &str) -> Option<Account> { None }
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let customers = OAuthHandler::new(tokens.clone(), find);
    /// let admins = OAuthHandler::new(tokens, find);
    /// assert!(customers.validate().is_ok());
    /// assert!(admins.validate().is_err(), "it needs a user pool");
    /// assert!(admins.user_pool("admins").validate().is_ok());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.sessions.validate()?;
        self.issuer.membership.validate()
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
