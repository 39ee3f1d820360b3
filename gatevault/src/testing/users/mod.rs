//! Users in memory, for tests of an application that logs users in.

mod account;
#[cfg(feature = "tokio")]
mod awaited;
mod store;

pub use account::TestUser;
pub use store::Users;
