//! Sessions: what a refresh token belongs to. What a store must do, how a rotation is judged, and how the end of a session
//! reaches the guards of other processes. The stores themselves are in `store`, the steps of a refresh in `login`.

mod feed;
mod judge;
mod record;
mod store;

pub use feed::{RevocationFeed, RevocationFeedBuilder, Silence};
pub use record::{NewSession, RefreshTicket, Session};
pub use store::{Ended, Ending, Listener, Rotation, RotationOutcome, SessionStore, Since, Subscription};

pub(crate) use judge::{Record, Verdict};
