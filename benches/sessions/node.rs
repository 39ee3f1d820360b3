//! One node of a service: a manager with the key that all nodes share, and a handler over a store.

use std::future::ready;
use std::time::Duration;

use gatevault::login::AsyncLookup;
use gatevault::{AuthUser, OAuthHandler, PasswordHasher, RefreshGrace, TokenManager, UserId};

use crate::BenchResult;
use crate::servers::store_at;

/// A user of every node.
pub(crate) struct Account(UserId);

impl Account {
    pub(crate) fn new(id: u64) -> Self {
        Self(id.into())
    }
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.0.clone()
    }
    fn hashed_password(&self) -> Option<&str> {
        Some(HASH)
    }
}

/// A node, on which every number is the name of a user.
pub(crate) struct Node {
    pub(crate) tokens: TokenManager,
    pub(crate) oauth: OAuthHandler<AsyncLookup<Account>>,
}

impl Node {
    /// Starts a node with a connection of its own to the store.
    pub(crate) async fn start(kind: &str, address: &str) -> BenchResult<Self> {
        let tokens = tokens()?;
        let oauth = OAuthHandler::new_async(tokens.clone(), |name: &str| {
            ready(name.parse::<u64>().ok().map(|id| Account(id.into())))
        });
        let oauth = oauth
            .lookup_by_id(|id: &UserId| ready(Some(Account(id.clone()))))
            .hasher(PasswordHasher::builder().cost(4).build()?)
            .refresh_grace(RefreshGrace::Window(GRACE))
            .session_store(store_at(kind, address).await?);
        oauth.validate()?;
        Ok(Self { tokens, oauth })
    }
}

/// Creates a manager with the key of all nodes.
pub(crate) fn tokens() -> BenchResult<TokenManager> {
    Ok(TokenManager::new([7; 32])?)
}

pub(crate) const PASSWORD: &str = "correct horse";

/// The hash of the password, of low cost. The same on all nodes, because a refresh under another hash is denied.
const HASH: &str = "$2b$04$gatevaultgatevaultgate.MDvNpxBh5MqOpm9Ov3.hIc/L2FSVti";

/// Longer than a server is down, so that a client whose answer was lost can retry.
const GRACE: Duration = Duration::from_mins(1);
