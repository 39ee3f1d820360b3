//! The browser of `gatevault::testing` over an application of every framework that it can call without a socket.

mod apps;
mod browser;
mod pages;
mod scenario;

use std::time::Duration;

use gatevault::error::BoxError;
use gatevault::testing::{self, ManualClock};
use gatevault::{Auth, AuthUser, MemorySessions, Payload, TokenManager, UserId, UserStore};

/// An account; its name is in the store.
#[derive(Debug, Clone)]
struct Account {
    id: u64,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(testing::PASSWORD_HASH)
    }
}

impl From<&Account> for Payload {
    fn from(account: &Account) -> Self {
        Self::new(account.id)
    }
}

/// The accounts of ada and eve.
struct Users;

const ADA: Account = Account { id: 1 };

const EVE: Account = Account { id: 2 };

impl UserStore for Users {
    type User = Account;
    type Claims = Payload;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok([("ada", ADA), ("eve", EVE)].into_iter().find_map(|(other, user)| (other == name).then_some(user)))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok([ADA, EVE].into_iter().find(|user| user.id() == *id))
    }
}

/// Returns a login service, and the clock that it uses.
fn auth() -> (Auth<Users>, ManualClock) {
    let clock = ManualClock::default();
    let secret = "a secret of at least thirty-two bytes";
    let tokens = TokenManager::builder().secret(secret).clock(clock.clone()).build().unwrap();
    (Auth::with_tokens(Users, tokens, MemorySessions::new()).unwrap().hasher(testing::hasher()), clock)
}

/// The lifetime of an access token.
const ACCESS: Duration = Duration::from_mins(15);
