//! The password of tests, its cheap hash, and the hasher that keeps logins cheap.

use std::sync::Mutex;

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::password::Verification;
use gatevault::testing::{self, PASSWORD, PASSWORD_HASH};
use gatevault::{Auth, AuthUser, MemorySessions, Payload, UserId, UserStore, verify_password};
use gatevault_tests::SECRET;

#[derive(Clone)]
struct Account;

impl AuthUser for Account {
    fn id(&self) -> UserId {
        1.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(PASSWORD_HASH)
    }
}

impl From<&Account> for Payload {
    fn from(account: &Account) -> Self {
        Self::new(account.id())
    }
}

/// One account, and the hashes that logins wanted to replace its own with.
#[derive(Default)]
struct Users(Mutex<Vec<String>>);

impl UserStore for Users {
    type User = Account;
    type Claims = Payload;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok((name == "ada").then_some(Account))
    }

    async fn find_by_id(&self, _: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(Some(Account))
    }

    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        self.0.lock().unwrap().push(update.replacement);
        Ok(true)
    }
}

#[test]
fn the_hash_is_that_of_the_password_at_the_lowest_cost() {
    assert!(PASSWORD_HASH.starts_with("$2b$04$"));
    assert!(verify_password(PASSWORD, PASSWORD_HASH));
    assert!(!verify_password("a wrong password", PASSWORD_HASH));
    assert!(matches!(testing::hasher().verify_and_update(PASSWORD, PASSWORD_HASH), Verification::Match));
    assert!(testing::hasher().hash(PASSWORD).unwrap().starts_with("$2b$04$"));
}

#[tokio::test]
async fn a_login_with_the_hasher_of_tests_replaces_no_hash() {
    let auth = Auth::new(Users::default(), SECRET, MemorySessions::new()).unwrap();
    auth.login("ada", PASSWORD).await.unwrap();
    assert!(auth.users().0.lock().unwrap()[0].starts_with("$2b$12$"), "the default hasher finds it outdated");

    let auth = Auth::new(Users::default(), SECRET, MemorySessions::new()).unwrap().hasher(testing::hasher());
    auth.login("ada", PASSWORD).await.unwrap();
    assert_eq!(*auth.users().0.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn an_object_with_clones_keeps_its_hasher() {
    let auth = Auth::new(Users::default(), SECRET, MemorySessions::new()).unwrap();
    let clone = auth.clone();
    let auth = auth.hasher(testing::hasher());
    auth.login("ada", PASSWORD).await.unwrap();
    assert_eq!(clone.users().0.lock().unwrap().len(), 1);
}
