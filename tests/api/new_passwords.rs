//! The hashes of new passwords: minimum length, longest password, and the answer to a client.

use gatevault::error::{BoxError, ConfigError};
use gatevault::login::SyncLookup;
use gatevault::{
    Auth, Claims, GuardError, HashingError, OAuthHandler, PasswordHasher, UserId, UserStore, hash_password,
    verify_password,
};
use gatevault_tests::{Account, quick_hasher, tokens};

fn handler() -> OAuthHandler<SyncLookup<Account>> {
    OAuthHandler::new(tokens(), |_: &str| None::<Account>).hasher(quick_hasher())
}

#[test]
fn a_new_password_is_hashed_by_the_hasher_of_the_handler() {
    let hash = handler().hash_new_password("correct horse").unwrap();
    assert!(hash.starts_with("$2b$04$") && verify_password("correct horse", &hash));
}

#[test]
fn a_new_password_has_eight_characters_and_not_bytes_at_least() {
    for (plain, characters) in [("", 0), ("1234567", 7), ("\u{1f40e}\u{1f40e}\u{1f40e}", 3), ("größte!", 7)]
    {
        let refused = handler().hash_new_password(plain).unwrap_err();
        let expected = format!("the password has {characters} characters and needs at least 8");
        assert_eq!(refused.to_string(), expected);
        assert!(matches!(refused, HashingError::TooShort { minimum: 8, .. }), "{refused:?}");
    }
    for plain in ["12345678", "größte!!", "        "] {
        assert!(handler().hash_new_password(plain).is_ok(), "{plain}");
    }
}

#[test]
fn a_new_password_that_the_scheme_cannot_hash_is_refused_and_one_at_the_limit_is_not() {
    let oauth = handler();
    assert!(oauth.hash_new_password(&"x".repeat(72)).is_ok());
    let long = oauth.hash_new_password(&"x".repeat(73)).unwrap_err();
    assert!(matches!(long, HashingError::TooLong { bytes: 73, limit: 72 }), "{long:?}");
    let nul = oauth.hash_new_password("correct\0horse").unwrap_err();
    assert!(matches!(nul, HashingError::ContainsNul), "{nul:?}");
    let argon2id = PasswordHasher::builder().argon2id().build().unwrap();
    let oauth = handler().hasher(argon2id);
    assert!(oauth.hash_new_password(&"x".repeat(73)).unwrap().starts_with("$argon2id$"));
    let long = oauth.hash_new_password(&"x".repeat(4097)).unwrap_err();
    assert!(matches!(long, HashingError::TooLong { bytes: 4097, limit: 4096 }), "{long:?}");
}

#[test]
fn a_minimum_out_of_bounds_is_an_error_of_the_settings() {
    for characters in [0, 65, usize::MAX] {
        let error = handler().minimum_password_length(characters).validate().unwrap_err();
        let setting = "minimum_password_length";
        let (given, least, most) = (characters.try_into().unwrap(), 1, 64);
        assert_eq!(error, ConfigError::NumberOutOfBounds { setting, given, least, most });
    }
    for characters in [1, 64] {
        let oauth = handler().minimum_password_length(characters);
        assert!(oauth.validate().is_ok());
        assert!(oauth.hash_new_password(&"x".repeat(characters)).is_ok());
        assert!(oauth.hash_new_password(&"x".repeat(characters - 1)).is_err());
    }
}

#[test]
fn an_empty_password_is_hashed_where_no_minimum_applies() {
    assert!(verify_password("", &hash_password("").unwrap()));
    assert!(quick_hasher().hash("").is_ok());
}

#[test]
fn a_refused_password_is_422_by_a_question_mark() {
    fn register(plain: &str) -> Result<String, GuardError> {
        Ok(handler().hash_new_password(plain)?)
    }
    for plain in ["short", "correct\0horse", &"x".repeat(73)] {
        let denial = register(plain).unwrap_err();
        assert_eq!((denial.status(), denial.challenge()), (422, None), "{denial:?}");
    }
}

/// The claims of the async users.
#[derive(Claims)]
struct User {
    user_id: UserId,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id.clone() }
    }
}

struct Users;

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, _: &str) -> Result<Option<Account>, BoxError> {
        Ok(None)
    }
    async fn find_by_id(&self, _: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(None)
    }
}

#[tokio::test]
async fn the_async_form_and_the_object_to_begin_with_hash_the_same_passwords() {
    let handler = || OAuthHandler::with_users(tokens(), Users).hasher(quick_hasher());
    let auth = Auth::over(handler().minimum_password_length(12)).unwrap();
    let hash = auth.hash_new_password("correct horse").await.unwrap();
    assert!(verify_password("correct horse", &hash));
    let refused = auth.hash_new_password("correct").await.unwrap_err();
    assert!(matches!(refused, HashingError::TooShort { characters: 7, minimum: 12 }), "{refused:?}");
    let other = OAuthHandler::with_users(tokens(), Users).hasher(quick_hasher()).user_pool("others");
    let long = other.async_hash_new_password(&"x".repeat(73)).await.unwrap_err();
    assert!(matches!(long, HashingError::TooLong { .. }), "{long:?}");
}

#[test]
fn without_a_runtime_the_async_form_has_no_pool() {
    let oauth = OAuthHandler::with_users(tokens(), Users);
    let mut hashed = std::pin::pin!(oauth.async_hash_new_password("correct horse"));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = hashed.as_mut().poll(&mut context) else {
        panic!("it hashes without a pool");
    };
    assert!(matches!(error, HashingError::PoolUnavailable), "{error:?}");
    assert_eq!(GuardError::from(error).status(), 503);
}
