//! [`KeyExchange`](super::KeyExchange) in front of guards, in the form of each framework. They decide nothing.

#[cfg(any(feature = "poem", feature = "salvo", feature = "tower"))]
mod headers;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "rocket")]
mod rocket;
#[cfg(feature = "salvo")]
mod salvo;
#[cfg(feature = "tonic")]
mod tonic;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "warp")]
mod warp;

#[cfg(feature = "actix")]
pub use self::actix::KeyService;
#[cfg(feature = "poem")]
pub use self::poem::KeyEndpoint;
#[cfg(feature = "tonic")]
pub use self::tonic::{GrpcKeyExchange, GrpcKeyLayer};
#[cfg(feature = "tower")]
pub use self::tower::{KeyFuture, KeyLayered};
