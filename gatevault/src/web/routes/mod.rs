//! Routes that log in, refresh, log out, register users, change passwords, list and revoke sessions, serve OAuth2 clients, and publish
//! keys, without a framework.

mod accounts;
mod auth_routes;
mod client_address;
mod client_authentication;
mod endpoints;
mod logout;
mod oauth_error;
mod origin;
mod page_routes;
mod paths;
mod plain_http;
mod refresh;
mod revoke;
mod sender;
mod server_metadata;
mod sessions;
mod token;
mod token_endpoint;

#[cfg(feature = "tokio")]
mod async_routes;
#[cfg(feature = "asymmetric")]
mod key_set;

pub use auth_routes::AuthRoutes;
pub(super) use origin::Origin;
pub(super) use sender::Sender;
pub use token_endpoint::TokenEndpoint;
