//! Login: from a name and a password to a pair of tokens, and from a refresh token to the next pair.
//!
//! [`OAuthHandler`] does both. It finds users through a [`UserStore`], through a [`SyncUserStore`], or through closures. It
//! consists of an authenticator (users and their passwords), an issuer of tokens, a keeper of sessions, and a throttle.

mod authenticator;
mod handler;
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only the routes need more than the pair"))]
mod issued;
mod issuer;
mod lookup;
mod request;
mod sessions;
mod steps;
mod sync_login;
mod user;
mod user_store;

#[cfg(feature = "tokio")]
mod async_login;
#[cfg(feature = "tokio")]
mod async_lookup;
#[cfg(feature = "tokio")]
mod async_user_store;

#[cfg(feature = "tokio")]
pub use async_lookup::{AsyncLookup, AsyncUserLookup};
#[cfg(feature = "tokio")]
pub use async_user_store::UserStore;
pub use handler::OAuthHandler;
pub use issued::TokenPair;
pub use lookup::{CompareAndSet, LookupResult, SyncLookup};
pub use request::LoginRequest;
pub use user::AuthUser;
pub use user_store::{HashUpdate, SyncUserStore};

#[cfg(all(feature = "http", feature = "tokio"))]
pub(crate) use async_login::Awaiting;
#[cfg(feature = "http")]
pub(crate) use {
    authenticator::Mode,
    issued::{Issued, VerifiedRefreshToken},
    sync_login::{Blocking, wait},
};
