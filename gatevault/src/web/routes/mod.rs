//! Routes that log in, refresh, log out, register users, change passwords, list and revoke sessions, and publish keys, without a
//! framework.

mod accounts;
mod auth_routes;
mod client_address;
mod endpoints;
mod logout;
mod origin;
mod page_routes;
mod paths;
mod plain_http;
mod refresh;
mod sender;
mod sessions;

#[cfg(feature = "tokio")]
mod async_routes;
#[cfg(feature = "asymmetric")]
mod key_set;

pub use auth_routes::AuthRoutes;
pub(super) use origin::Origin;
pub(super) use sender::Sender;
