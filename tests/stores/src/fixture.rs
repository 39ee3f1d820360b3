//! `Fixture`: one node of a service, with users who log in, over a store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use gatevault::error::InvalidReason;
use gatevault::login::AsyncLookup;
use gatevault::testing::ManualClock;
use gatevault::token::TokenManagerBuilder;
use gatevault::{
    Clock as _, GuardError, LoginRequest, OAuthHandler, Payload, SessionStore, Timestamp, TokenError,
    TokenManager, TokenPair, UserId, Verified,
};
use gatevault_tests::{Account, SECRET, quick_hasher};

/// The password of all users.
const PASSWORD: &str = "correct horse";

/// A node: its handler, its tokens, its clock, and the users that it shares with other nodes.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The handler under test.
    pub oauth: Arc<OAuthHandler<AsyncLookup<Account>>>,
    /// The token manager, with the same secret on every node.
    pub tokens: TokenManager,
    /// The node's clock. It starts at the machine's time, which the servers use as well.
    pub clock: ManualClock,
    users: Users,
}

/// Users by name. The name is the debug form of the id.
type Users = Arc<Mutex<HashMap<String, Account>>>;

impl Fixture {
    /// Creates a node over a store, with a grace period of ten seconds.
    #[must_use]
    pub fn over(store: &Arc<dyn SessionStore>) -> Self {
        Self::with_settings(store, |oauth| oauth)
    }

    /// Creates a node with other settings.
    #[must_use]
    pub fn with_settings(
        store: &Arc<dyn SessionStore>,
        settings: impl FnOnce(OAuthHandler<AsyncLookup<Account>>) -> OAuthHandler<AsyncLookup<Account>>,
    ) -> Self {
        Self::with_clock(store, ManualClock::default(), settings)
    }

    /// Creates a node with other settings and another clock.
    #[must_use]
    pub fn with_clock(
        store: &Arc<dyn SessionStore>,
        clock: ManualClock,
        settings: impl FnOnce(OAuthHandler<AsyncLookup<Account>>) -> OAuthHandler<AsyncLookup<Account>>,
    ) -> Self {
        Self::build(store, clock, Users::default(), |tokens| tokens, settings)
    }

    /// Creates a node with other settings of its tokens, and another clock.
    #[must_use]
    pub fn with_tokens(
        store: &Arc<dyn SessionStore>,
        clock: ManualClock,
        tokens: impl FnOnce(TokenManagerBuilder) -> TokenManagerBuilder,
    ) -> Self {
        Self::build(store, clock, Users::default(), tokens, |oauth| oauth)
    }

    /// Creates another node of the same service, over the same or another store, with a clock of its own.
    #[must_use]
    pub fn beside(&self, store: &Arc<dyn SessionStore>) -> Self {
        Self::build(store, ManualClock::default(), Arc::clone(&self.users), |tokens| tokens, |oauth| oauth)
    }

    /// Creates another node of the same service, with other settings of its tokens, over the same clock.
    #[must_use]
    pub fn beside_with_tokens(
        &self,
        store: &Arc<dyn SessionStore>,
        tokens: impl FnOnce(TokenManagerBuilder) -> TokenManagerBuilder,
    ) -> Self {
        Self::build(store, self.clock.clone(), Arc::clone(&self.users), tokens, |oauth| oauth)
    }

    fn build(
        store: &Arc<dyn SessionStore>,
        clock: ManualClock,
        users: Users,
        tokens: impl FnOnce(TokenManagerBuilder) -> TokenManagerBuilder,
        settings: impl FnOnce(OAuthHandler<AsyncLookup<Account>>) -> OAuthHandler<AsyncLookup<Account>>,
    ) -> Self {
        // A leeway, so that a node's tokens are valid on a node whose clock differs by half a minute.
        let leeway = Duration::from_mins(1);
        let builder = TokenManager::builder().secret(SECRET).clock(clock.clone()).leeway(leeway);
        let tokens = tokens(builder).build().unwrap();
        let (by_name, by_id) = (Arc::clone(&users), Arc::clone(&users));
        let oauth = OAuthHandler::new_async(tokens.clone(), move |name: &str| {
            let found = by_name.lock().unwrap().get(name).cloned();
            async move { found }
        })
        .lookup_by_id(move |id: &UserId| {
            let found = by_id.lock().unwrap().get(&format!("{id:?}")).cloned();
            async move { found }
        })
        .hasher(quick_hasher());
        let oauth = Arc::new(settings(oauth.session_store(Arc::clone(store))));
        Self { oauth, tokens, clock, users }
    }

    /// Adds a user, or gives an existing user a new password hash.
    pub fn add(&self, id: impl Into<UserId>) -> UserId {
        let account = Account::new(id, PASSWORD);
        let id = account.id.clone();
        self.users.lock().unwrap().insert(format!("{id:?}"), account);
        id
    }

    /// Returns the stored hash of an existing user.
    #[must_use]
    pub fn hash_of(&self, id: &UserId) -> String {
        self.users.lock().unwrap().get(&format!("{id:?}")).unwrap().hash.clone()
    }

    /// Removes a user.
    pub fn remove(&self, id: &UserId) {
        self.users.lock().unwrap().remove(&format!("{id:?}"));
    }

    /// Logs an existing user in.
    pub async fn login(&self, id: &UserId) -> TokenPair {
        self.try_login(id).await.unwrap()
    }

    /// Tries to log an existing user in.
    ///
    /// # Errors
    ///
    /// Returns the error of the login.
    pub async fn try_login(&self, id: &UserId) -> Result<TokenPair, GuardError> {
        self.oauth.async_login_with(LoginRequest::new(&format!("{id:?}"), PASSWORD)).await
    }

    /// Refreshes the tokens.
    ///
    /// # Errors
    ///
    /// Returns the error of the refresh.
    pub async fn refresh(&self, pair: &TokenPair) -> Result<TokenPair, GuardError> {
        self.oauth.async_refresh(pair.refresh_token.as_str()).await
    }

    /// Returns the time of this node, in the form that stores take.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_seconds(now.as_secs()).unwrap()
    }

    /// Returns whether the access token opens a guard of this node.
    #[must_use]
    pub fn opens(&self, pair: &TokenPair) -> bool {
        self.tokens.decode_access_token::<Payload>(&pair.access_token).is_ok()
    }

    /// Returns the claims of the refresh token.
    #[must_use]
    pub fn read(&self, pair: &TokenPair) -> Verified<Payload> {
        self.tokens.decode_refresh_token(&pair.refresh_token).unwrap()
    }

    /// Returns the `sid` of a pair.
    #[must_use]
    pub fn session_of(&self, pair: &TokenPair) -> String {
        self.read(pair).session_id().unwrap().to_owned()
    }
}

/// Returns whether the session of the token was revoked.
#[must_use]
pub fn is_revoked<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))))
}

/// Returns whether the token or its session has expired.
#[must_use]
pub fn is_expired<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Expired)))
}

/// Returns whether the operation was inconclusive.
#[must_use]
pub fn is_unavailable<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Unavailable(_)))
}
