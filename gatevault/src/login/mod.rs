//! Login: from a name and a password to a pair of tokens, and from a refresh token to the next pair.
//!
//! `Auth` (feature `tokio`) sets everything up at once and is the object to begin with. Under it, [`OAuthHandler`] does both. Inside it are an authenticator (users and their passwords), an issuer of tokens, a keeper of
//! sessions, and a throttle. The types here are its surroundings, in the order in which you need them:
//!
//! - [`AuthUser`] is an account: an id and a password hash, if it has one.
//!   [`#[derive(AuthUser)]`](../derive.AuthUser.html) implements it for a struct with both.
//! - `UserStore` (async, feature `tokio`) and [`SyncUserStore`] find accounts by name and by id. Their type `Claims` is what
//!   access tokens carry, made from the account at each login and refresh.
//! - [`LoginRequest`] adds an address or a label to a name and a password; [`TokenPair`] is the result of a login.
//! - [`SessionRequest`] begins a session for a user whom the application has authenticated, and [`StepUpRequest`] writes a new
//!   authentication into a session.
//! - [`KeyRequest`], [`NewApiKey`], [`ApiKey`] and [`KeyToken`] are those of API keys; [`ApiKeys`] says whether they end with logins.
//! - [`RegisterUsers`] and [`ChangePasswords`] are for stores that also add accounts and change passwords, for the routes of both.
//! - [`HashUpdate`] asks a store to replace an outdated password hash, by compare and set.
//! - [`SyncLookup`] and `AsyncLookup` are user stores made of closures, for small programs. [`LookupResult`] and
//!   [`CompareAndSet`] are the results that such closures may return.
//!
//! # The life of a login
//!
//! 1. A name with a NUL character and a password that no scheme accepts fail at once. The throttle, if there is one, counts
//!    the attempt by its name and address before the user is looked up, and by the account found after it.
//! 2. The store finds the account, and the password is verified. For an unknown name and for an account without a
//!    password a dummy hash is verified, so neither the answer nor its time shows the difference.
//! 3. A session begins in the [`session`](crate::session) store, and the pair of tokens that belongs to it is returned.
//! 4. A refresh finds the account by its id. An account that is gone, or whose password has changed, gets no new tokens.
//!
//! # Examples
//!
//! ```
//! use gatevault::error::BoxError;
//! use gatevault::{AuthUser, OAuthHandler, Payload, SyncUserStore, TokenManager, UserId, hash_password};
//!
//! #[derive(Clone)]
//! struct Account {
//!     id: u64,
//!     password_hash: String,
//! }
//!
//! impl AuthUser for Account {
//!     fn id(&self) -> UserId {
//!         self.id.into()
//!     }
//!     fn hashed_password(&self) -> Option<&str> {
//!         Some(&self.password_hash)
//!     }
//! }
//!
//! impl From<&Account> for Payload {
//!     fn from(account: &Account) -> Self {
//!         Payload::new(account.id)
//!     }
//! }
//!
//! /// One account, instead of a database.
//! struct Users(Account);
//!
//! impl SyncUserStore for Users {
//!     type User = Account;
//!     type Claims = Payload;
//!
//!     fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
//!         Ok((name == "ada").then(|| self.0.clone()))
//!     }
//!     fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
//!         Ok((*id == self.0.id()).then(|| self.0.clone()))
//!     }
//! }
//!
//! let users = Users(Account { id: 1, password_hash: hash_password("correct horse")? });
//! let oauth = OAuthHandler::with_sync_users(TokenManager::new(gatevault::generate_secret()?)?, users);
//!
//! let pair = oauth.login("ada", "correct horse")?;
//! let next = oauth.refresh(&pair.refresh_token)?;
//! oauth.logout(&next.refresh_token)?;
//! assert_eq!(oauth.refresh(&next.refresh_token).unwrap_err().status(), 401);
//! # Ok::<(), gatevault::Error>(())
//! ```

mod account_stores;
#[cfg(feature = "http")]
mod accounts;
mod api_key;
mod authenticator;
mod begin;
mod claims_age;
mod events;
mod failed_stores;
mod handler;
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only the routes need more than the pair"))]
mod issued;
mod issuer;
mod key_request;
mod key_text;
mod keys;
mod lookup;
mod misconfigured;
mod new_password;
#[cfg(feature = "http")]
mod oauth_clients;
mod purpose;
mod request;
mod rotation;
mod session_request;
mod sessions;
mod steps;
mod sync_begin;
mod sync_keys;
mod sync_login;
mod sync_revoke;
mod throttled_login;
mod unreadable_hashes;
mod user;
mod user_fields;
mod user_store;

#[cfg(feature = "tokio")]
mod async_begin;
#[cfg(feature = "tokio")]
mod async_keys;
#[cfg(feature = "tokio")]
mod async_login;
#[cfg(feature = "tokio")]
mod async_lookup;
#[cfg(feature = "tokio")]
mod async_new_password;
#[cfg(feature = "tokio")]
mod async_purpose;
#[cfg(feature = "tokio")]
mod async_revoke;
#[cfg(feature = "tokio")]
mod async_user_store;
#[cfg(feature = "tokio")]
mod auth;
#[cfg(feature = "tokio")]
mod auth_logins;
#[cfg(feature = "tokio")]
mod awaiting;

pub use account_stores::{ChangePasswords, RegisterUsers};
pub use api_key::{ApiKey, ApiKeys, KeyToken, NewApiKey};
#[cfg(feature = "tokio")]
pub use async_lookup::{AsyncLookup, AsyncUserLookup};
#[cfg(feature = "tokio")]
pub use async_user_store::UserStore;
#[cfg(feature = "tokio")]
pub use auth::Auth;
pub use handler::OAuthHandler;
pub use issued::TokenPair;
pub use key_request::KeyRequest;
pub use lookup::{CompareAndSet, LookupResult, SyncLookup};
pub use request::LoginRequest;
pub use session_request::{SessionRequest, StepUpRequest};
pub use user::AuthUser;
#[doc(hidden)]
pub use user_fields::{
    AnyId, ByReference, ByValue, IdField, IdType, OptionalText, PasswordField, StampField, Text,
};
pub use user_store::{HashUpdate, SyncUserStore};

#[cfg(all(feature = "http", feature = "tokio"))]
pub(crate) use awaiting::Awaiting;
#[cfg(all(feature = "http", feature = "tokio"))]
pub(crate) use key_text::KeyDigest;
#[cfg(feature = "http")]
pub(crate) use {
    accounts::{
        AddUser, ChangePassword, PasswordChange, PasswordRequest, Registration, add_user, change_password,
    },
    authenticator::Mode,
    issued::{VerifiedRefreshToken, csrf_subject},
    sync_login::Blocking,
};
