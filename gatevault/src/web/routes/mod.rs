//! Routes that log in, refresh, log out, list and end sessions, and publish keys: what they answer, without a framework.

mod answering;
mod auth_routes;
mod path;
mod sync_routes;
mod tokens;

#[cfg(feature = "tokio")]
mod async_routes;
#[cfg(feature = "asymmetric")]
mod key_set;

pub use auth_routes::AuthRoutes;
