//! Users who log in, over a store: one node of a service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use gatevault::error::InvalidReason;
use gatevault::login::AsyncLookup;
use gatevault::testing::ManualClock;
use gatevault::{
    Clock as _, GuardError, LoginRequest, OAuthHandler, Payload, SessionStore, Timestamp, TokenError,
    TokenManager, TokenPair, UserId, Verified,
};
use gatevault_tests::{Account, SECRET, quick_hasher};

/// The password of everybody.
const PASSWORD: &str = "correct horse";

/// A node: its handler, its tokens, its clock, and the users that it has in common with other nodes.
#[derive(Debug, Clone)]
pub struct World {
    /// Logs in, refreshes and ends.
    pub oauth: Arc<OAuthHandler<AsyncLookup<Account>>>,
    /// Of the same secret on every node.
    pub tokens: TokenManager,
    /// Begins at the time of the machine, which is that of the servers.
    pub clock: ManualClock,
    users: Users,
}

/// By name; everybody is called as the id is written.
type Users = Arc<Mutex<HashMap<String, Account>>>;

impl World {
    /// A node over a store, with a grace of ten seconds.
    #[must_use]
    pub fn over(store: &Arc<dyn SessionStore>) -> Self {
        Self::with(store, ManualClock::default(), Users::default(), |oauth| oauth)
    }

    /// The same, with other settings.
    #[must_use]
    pub fn set(
        store: &Arc<dyn SessionStore>,
        settings: impl FnOnce(OAuthHandler<AsyncLookup<Account>>) -> OAuthHandler<AsyncLookup<Account>>,
    ) -> Self {
        Self::at(store, ManualClock::default(), settings)
    }

    /// The same, by another clock.
    #[must_use]
    pub fn at(
        store: &Arc<dyn SessionStore>,
        clock: ManualClock,
        settings: impl FnOnce(OAuthHandler<AsyncLookup<Account>>) -> OAuthHandler<AsyncLookup<Account>>,
    ) -> Self {
        Self::with(store, clock, Users::default(), settings)
    }

    /// Another node of the same service, over the same or another store, with a clock of its own.
    #[must_use]
    pub fn beside(&self, store: &Arc<dyn SessionStore>) -> Self {
        Self::with(store, ManualClock::default(), Arc::clone(&self.users), |oauth| oauth)
    }

    fn with(
        store: &Arc<dyn SessionStore>,
        clock: ManualClock,
        users: Users,
        settings: impl FnOnce(OAuthHandler<AsyncLookup<Account>>) -> OAuthHandler<AsyncLookup<Account>>,
    ) -> Self {
        // So that the tokens of a node are current on one whose clock is half a minute behind.
        let leeway = Duration::from_mins(1);
        let builder = TokenManager::builder().secret(SECRET).clock(clock.clone()).leeway(leeway);
        let tokens = builder.build().unwrap();
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

    /// A user who is there from now on, or has another password hash from now on.
    pub fn add(&self, id: impl Into<UserId>) -> UserId {
        let account = Account::new(id, PASSWORD);
        let id = account.id.clone();
        self.users.lock().unwrap().insert(format!("{id:?}"), account);
        id
    }

    /// The stored hash of a user who is there.
    #[must_use]
    pub fn hash_of(&self, id: &UserId) -> String {
        self.users.lock().unwrap().get(&format!("{id:?}")).unwrap().hash.clone()
    }

    /// Takes a user away.
    pub fn remove(&self, id: &UserId) {
        self.users.lock().unwrap().remove(&format!("{id:?}"));
    }

    /// A session of a user who is there.
    pub async fn login(&self, id: &UserId) -> TokenPair {
        self.try_login(id).await.unwrap()
    }

    /// A session of a user who is there, if it can be had.
    ///
    /// # Errors
    ///
    /// That of the login.
    pub async fn try_login(&self, id: &UserId) -> Result<TokenPair, GuardError> {
        self.oauth.async_login_with(LoginRequest::new(&format!("{id:?}"), PASSWORD)).await
    }

    /// A refresh.
    ///
    /// # Errors
    ///
    /// That of the refresh.
    pub async fn refresh(&self, pair: &TokenPair) -> Result<TokenPair, GuardError> {
        self.oauth.async_refresh(pair.refresh_token.as_str()).await
    }

    /// The time of this node, as stores are given it.
    #[must_use]
    pub fn tokens_time(&self) -> Timestamp {
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_seconds(now.as_secs()).unwrap()
    }

    /// Whether the access token opens a guard of this node.
    #[must_use]
    pub fn opens(&self, pair: &TokenPair) -> bool {
        self.tokens.decode_access_token::<Payload>(&pair.access_token).is_ok()
    }

    /// What the refresh token says.
    #[must_use]
    pub fn read(&self, pair: &TokenPair) -> Verified<Payload> {
        self.tokens.decode_refresh_token(&pair.refresh_token).unwrap()
    }

    /// The `sid` of a pair.
    #[must_use]
    pub fn session_of(&self, pair: &TokenPair) -> String {
        self.read(pair).session_id().unwrap().to_owned()
    }
}

/// Whether the session of the token has ended.
#[must_use]
pub fn is_revoked<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))))
}

/// Whether the token or its session is over.
#[must_use]
pub fn is_expired<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Token(TokenError::Expired)))
}

/// Whether nothing was decided.
#[must_use]
pub fn is_unavailable<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Unavailable(_)))
}
