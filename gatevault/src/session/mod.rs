//! Sessions: what a refresh token belongs to. What a store must do, how a rotation is judged, and how the end of a session
//! reaches the guards of other processes. The stores themselves are in `store`, the steps of a refresh in `login`.

mod feed;
mod judge;
mod record;
mod store;

pub use crate::future::StoreFuture;
pub use feed::{RevocationFeed, RevocationFeedBuilder, StalePolicy};
pub use record::{NewSession, RefreshTicket, Session};
pub use store::{
    RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeTarget, Rotation,
    RotationOutcome, SessionStore,
};

pub(crate) use judge::{Record, Verdict};
