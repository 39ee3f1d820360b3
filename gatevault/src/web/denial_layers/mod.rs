//! [`Denials`](super::Denials) around an application, in the form of each framework. They decide nothing.

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "salvo")]
mod salvo;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "warp")]
mod warp;

#[cfg(feature = "actix")]
pub use self::actix::DenialService;
#[cfg(feature = "poem")]
pub use self::poem::DenialEndpoint;
#[cfg(feature = "tower")]
pub use self::tower::{DenialFuture, DenialLayered};
