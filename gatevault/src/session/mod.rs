//! Sessions: storage, refresh-token rotation, and revocation across processes.
//!
//! A login opens a *session*. All refresh tokens of the login belong to it, by their `sid` claim, and every access token
//! names it as well. A session ends when it is revoked, when it is not refreshed in time, or at the end of its lifetime.
//! This module defines what a store must do. [`OAuthHandler`](crate::OAuthHandler) uses the store; guards never do.
//!
//! # Rotation and reuse detection
//!
//! A refresh token is used once: a refresh returns its *successor*, and the store remembers the current and the previous
//! token of the session. A client that lost the answer repeats its request with the previous token. Within the grace
//! period it gets the same successor again. Any older token means that two parties hold tokens of one session, such as a
//! client and a thief: the store revokes the session, and both must log in again (RFC 9700 section 4.14.2).
//! [`SessionStore::rotate`] lists the rules in order.
//!
//! # Revocation in other processes
//!
//! Guards do no I/O: they look up the session of an access token in the list of their
//! [`TokenManager`](crate::TokenManager). A [`RevocationFeed`] is a thread that reads new revocations from a shared store
//! into that list, at once where the store can notify and otherwise at each poll. [`StalePolicy`] decides what guards do
//! while the store is unreachable.
//!
//! # Writing a store
//!
//! Implement [`SessionStore`]. Four properties are easy to miss:
//!
//! - `rotate` is a compare-and-set on the current token. Two concurrent calls with one token must give one successor.
//! - Revocations are numbered in the order in which they become visible, so that a reader misses none.
//! - A revocation is listed for as long as [`SessionStore::remove_expired`] demands, even if its session expires before.
//! - The work survives a dropped future: a refresh whose client disconnects must not be half done.
//!
//! A store can also wrap another one. This one reports every reuse:
//!
//! ```
//! use std::time::Duration;
//!
//! use gatevault::session::{
//!     NewSession, RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeTarget,
//!     Rotation, RotationOutcome, StoreFuture,
//! };
//! use gatevault::{MemorySessions, Session, SessionStore, Timestamp, UserId};
//!
//! struct Audited<S>(S);
//!
//! impl<S: SessionStore> SessionStore for Audited<S> {
//!     fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
//!         let session = rotation.session.clone();
//!         Box::pin(async move {
//!             let outcome = self.0.rotate(rotation).await?;
//!             if outcome == RotationOutcome::Reused {
//!                 eprintln!("refresh token of session {session} used again");
//!             }
//!             Ok(outcome)
//!         })
//!     }
//!
//!     fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
//!         self.0.open(session)
//!     }
//!     fn revoke(&self, target: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
//!         self.0.revoke(target, now)
//!     }
//!     fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
//!         self.0.list(user, now)
//!     }
//!     fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
//!         self.0.revocations_since(cursor)
//!     }
//!     fn remove_expired(&self, now: Timestamp, keep_revoked: Duration) -> StoreFuture<'_, u64> {
//!         self.0.remove_expired(now, keep_revoked)
//!     }
//!     fn is_shared(&self) -> bool {
//!         self.0.is_shared()
//!     }
//!     fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
//!         self.0.listen(listener)
//!     }
//! }
//!
//! let store = Audited(MemorySessions::new()); // for `OAuthHandler::session_store`
//! # drop(store);
//! ```

mod evaluate;
mod feed;
mod record;
mod store;

pub use crate::future::StoreFuture;
pub use feed::{RevocationFeed, RevocationFeedBuilder, StalePolicy};
pub use record::{NewSession, RefreshTicket, Session};
pub use store::{
    RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeTarget, Rotation,
    RotationOutcome, SessionStore,
};

pub(crate) use evaluate::Verdict;
pub(crate) use record::SessionRecord;
