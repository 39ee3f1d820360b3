//! The object to begin with: users, sessions, tokens and a throttle, set up together.

use std::fmt;
use std::sync::Arc;

use super::{OAuthHandler, UserStore};
use crate::error::ConfigError;
use crate::guard::{AsGate, GateRef, GateVault};
use crate::password::PasswordHasher;
use crate::session::SessionStore;
use crate::store::MemoryAttempts;
use crate::throttle::LoginThrottle;
use crate::token::TokenManager;

/// Authentication for an application: one object over its users, sessions and tokens. Cheap to clone.
///
/// It holds the parts, set up to work together, and lends them: a [`TokenManager`], a [`GateVault`], an [`OAuthHandler`] and a
/// [`LoginThrottle`]. With the feature of a web framework, `serve` puts the routes of a login service and the gate of every
/// guard around the routes of an application.
///
/// # Examples
///
/// ```
/// use gatevault::error::BoxError;
/// use gatevault::{Auth, AuthUser, MemorySessions, Payload, UserId, UserStore, hash_password};
///
/// #[derive(Clone)]
/// struct Account { id: u64, password_hash: String }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId { self.id.into() }
///     fn hashed_password(&self) -> Option<&str> { Some(&self.password_hash) }
/// }
///
/// impl From<&Account> for Payload {
///     fn from(account: &Account) -> Self { Payload::new(account.id) }
/// }
///
/// /// One account, instead of a database.
/// struct Users(Account);
///
/// impl UserStore for Users {
///     type User = Account;
///     type Claims = Payload;
///
///     async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
///         Ok((name == "ada").then(|| self.0.clone()))
///     }
///     async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
///         Ok((*id == self.0.id()).then(|| self.0.clone()))
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let users = Users(Account { id: 1, password_hash: hash_password("correct horse")? });
/// let secret = gatevault::generate_secret()?; // in production: from the environment
/// let auth = Auth::new(users, secret, MemorySessions::new())?;
///
/// let pair = auth.login("ada", "correct horse").await?;
/// let pair = auth.refresh(&pair.refresh_token).await?;
/// assert_eq!(auth.gate().verify::<Payload>(&pair.access_token)?.user_id(), &1.into());
/// auth.logout_everywhere(1).await?;
/// assert_eq!(auth.refresh(&pair.refresh_token).await.unwrap_err().status(), 401);
/// # Ok::<(), gatevault::Error>(())
/// # }).unwrap();
/// ```
pub struct Auth<S> {
    handler: Arc<OAuthHandler<S>>,
    gate: GateVault,
}

impl<S: UserStore> Auth<S> {
    /// Creates it from a store of users, a secret for HS256 tokens of at least 32 random bytes, and a store of sessions, such
    /// as [`MemorySessions`](crate::MemorySessions) for a single process whose users may log in again after a restart.
    ///
    /// A [`LoginThrottle`] with its default limits, in the memory of the process, slows down password guessing.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`], [`ConfigError::ShortKey`] or [`ConfigError::KeyAsSecret`] for the secret, and those of
    /// [`with_tokens`](Self::with_tokens).
    pub fn new(users: S, secret: impl AsRef<[u8]>, sessions: impl SessionStore) -> Result<Self, ConfigError> {
        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        Self::with_tokens(users, tokens, sessions)
    }

    /// Creates it like [`new`](Self::new), from a manager with settings of your own, such as another key, other lifetimes or a
    /// clock for tests.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::validate`].
    pub fn with_tokens(
        users: S,
        tokens: TokenManager,
        sessions: impl SessionStore,
    ) -> Result<Self, ConfigError> {
        let throttle = LoginThrottle::new(MemoryAttempts::new());
        let handler = OAuthHandler::with_users(tokens, users).session_store(sessions);
        Self::over(handler.throttle(throttle))
    }

    /// Creates it over a handler with settings of your own. It adds nothing to the handler, and no throttle either.
    ///
    /// # Errors
    ///
    /// As for [`OAuthHandler::validate`].
    pub fn over(handler: OAuthHandler<S>) -> Result<Self, ConfigError> {
        handler.validate()?;
        let gate = GateVault::new(handler.tokens().clone());
        Ok(Self { handler: Arc::new(handler), gate })
    }

    /// Removes the throttle. Call it before you clone the object: once it has clones, they all keep it, and an error is logged.
    ///
    /// # Security
    ///
    /// Without a throttle the number of attempts is not limited. For tests, and for a service behind a throttle of its own.
    #[must_use]
    pub fn unthrottled(self) -> Self {
        self.changed("unthrottled", |handler| handler.throttle = None)
    }

    /// Sets the hasher of passwords, as [`OAuthHandler::hasher`] does. Call it before you clone the object, as
    /// [`unthrottled`](Self::unthrottled).
    #[must_use]
    pub fn hasher(self, hasher: PasswordHasher) -> Self {
        self.changed("hasher", |handler| handler.authenticator.hasher = hasher)
    }

    /// Sets how the throttle writes a name before it counts the attempts, as [`LoginThrottle::canonical_name`] does: pass the
    /// function of a lookup that accepts several spellings of a name. Call it before you clone the object, as
    /// [`unthrottled`](Self::unthrottled).
    #[must_use]
    pub fn canonical_name(self, canonical: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.changed("canonical_name", |handler| {
            handler.throttle = handler.throttle.take().map(|throttle| throttle.canonical_name(canonical));
        })
    }

    /// Sets something of the handler, unless it is shared already: its other owners rely on the setting as it is.
    fn changed(mut self, setting: &'static str, change: impl FnOnce(&mut OAuthHandler<S>)) -> Self {
        match Arc::get_mut(&mut self.handler) {
            Some(handler) => change(handler),
            None => {
                tracing::error!(target: "gatevault", setting, "setting of Auth ignored: set it before Auth is cloned");
            }
        }
        self
    }
}

impl<S> Auth<S> {
    /// Returns the store of users.
    #[must_use]
    pub fn users(&self) -> &S {
        &self.handler.authenticator.users
    }

    /// Returns the manager that signs and verifies the tokens.
    #[must_use]
    pub fn tokens(&self) -> &TokenManager {
        self.handler.tokens()
    }

    /// Returns the gate that accepts the tokens.
    ///
    /// A clone of it learns of the revocations of other processes only while this object, one of its clones or its routes exist: they
    /// follow the session store.
    #[must_use]
    pub fn gate(&self) -> &GateVault {
        &self.gate
    }

    /// Returns the login handler, which has a method for everything else.
    #[must_use]
    pub fn handler(&self) -> &Arc<OAuthHandler<S>> {
        &self.handler
    }
}

impl<S> Clone for Auth<S> {
    fn clone(&self) -> Self {
        Self { handler: Arc::clone(&self.handler), gate: self.gate.clone() }
    }
}

/// The gate of guards: `#[protected(gate = auth)]`.
impl<S> AsGate for Auth<S> {
    fn as_gate(&self) -> GateRef<'_> {
        self.gate.as_gate()
    }
}

/// The handler, for [`AuthRoutes::new`](crate::AuthRoutes::new) and other parts that share it.
impl<S> From<Auth<S>> for Arc<OAuthHandler<S>> {
    fn from(auth: Auth<S>) -> Self {
        auth.handler
    }
}

impl<S> fmt::Debug for Auth<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("handler", &self.handler).finish_non_exhaustive()
    }
}
