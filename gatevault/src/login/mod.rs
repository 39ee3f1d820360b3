//! Login: from a name and a password to a pair of tokens, and from a refresh token to the next pair.

mod authentication;
mod handler;
mod issue;
mod lookup;
mod pair;
mod rehash;
mod request;
mod sessions;
mod steps;
mod sync_login;
mod throttled;
mod user;

#[cfg(feature = "tokio")]
mod async_login;
#[cfg(feature = "tokio")]
mod async_lookup;
#[cfg(feature = "http")]
mod binding;

#[cfg(feature = "tokio")]
pub use async_lookup::{AsyncLookup, AsyncUserLookup};
pub use handler::OAuthHandler;
pub use lookup::{LookupResult, SyncLookup, UserLookup};
pub use pair::TokenPair;
pub use rehash::{CompareAndSet, HashUpdate};
pub use request::LoginRequest;
pub use user::AuthUser;

#[cfg(feature = "http")]
pub(crate) use {steps::Presented, sync_login::wait};
