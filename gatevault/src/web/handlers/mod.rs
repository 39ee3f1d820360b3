//! [`HandlerGuard`](crate::guard::HandlerGuard) as an extractor of each framework: the hidden first parameter of a handler with
//! `#[protected(handler)]`. They decide nothing.

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(any(feature = "axum", feature = "poem", feature = "salvo"))]
mod headers;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "rocket")]
mod rocket;
#[cfg(feature = "salvo")]
mod salvo;
mod scopes;

#[cfg(feature = "poem")]
pub use self::poem::PoemDenial;
