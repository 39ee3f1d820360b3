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
//! Implement [`SessionStore`]. Seven properties are easy to miss:
//!
//! - `rotate` is a compare-and-set on the current token. Two concurrent calls with one token must give one successor.
//! - `step_up` changes the same row in one step, and `spend` inserts a row only if there is none: a database decides both.
//! - Revocations are numbered in the order in which they become visible, so that a reader misses none.
//! - A revocation is listed for as long as [`SessionStore::remove_expired`] demands, even if its session expires before.
//! - [`SessionStore::remove_expired`] removes a bounded part, and returns zero only if nothing is left. The caller repeats it,
//!   and reads new revocations in between:
//!
//!   ```
//!   # use std::time::Duration;
//!   # use gatevault::session::{RemoveExpired, StoreError};
//!   # use gatevault::{SessionStore, Timestamp};
//!   # async fn clean(store: impl SessionStore, now: Timestamp, keep_revoked: Duration) -> Result<(), StoreError> {
//!   while store.remove_expired(RemoveExpired::new(now, keep_revoked)).await? > 0 {}
//!   # Ok(()) }
//!   ```
//! - A user is a pool and an id: see [`OAuthHandler::user_pool`](crate::OAuthHandler::user_pool).
//! - The work survives a dropped future: a refresh whose client disconnects must not be half done.
//!
//! A store can also wrap another one. It forwards every method, since a default returns an error. This one reports every
//! reuse:
//!
//! ```
//! use gatevault::session::{
//!     FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
//!     RevocationListener, RevocationSubscription, RevokeSessions, Rotation, RotationOutcome, SpendToken, StepUp,
//!     StoreFuture, StoredSession,
//! };
//! use gatevault::{MemorySessions, Session, SessionStore};
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
//!     fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
//!         self.0.open(session)
//!     }
//!     fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
//!         self.0.step_up(request)
//!     }
//!     fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
//!         self.0.find(request)
//!     }
//!     fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
//!         self.0.spend(request)
//!     }
//!     fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
//!         self.0.revoke(request)
//!     }
//!     fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
//!         self.0.list(request)
//!     }
//!     fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
//!         self.0.record_revocation(request)
//!     }
//!     fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
//!         self.0.revocations_since(cursor)
//!     }
//!     fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
//!         self.0.remove_expired(request)
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

mod cleaning;
mod evaluate;
mod feed;
mod grace;
mod known_revocations;
mod notify;
mod record;
mod requests;
mod revocation;
mod revoker;
mod store;
mod user_keys;

pub use crate::error::StoreError;
pub use crate::future::StoreFuture;
pub use feed::{RevocationFeed, RevocationFeedBuilder, StalePolicy};
pub use grace::RefreshGrace;
pub use record::{ActiveSession, NewSession, RefreshTicket, Session, SessionDetails, SessionKind};
pub use requests::{
    FindSession, ListSessions, RemoveExpired, RevokeSessions, RevokeTarget, Rotation, RotationOutcome,
    SpendToken, StepUp, StoredSession,
};
pub use revocation::{
    NewRevocation, Revocation, RevocationBatch, RevocationCursor, RevocationKind, RevocationListener,
    RevocationSubscription,
};
pub use revoker::Revoker;
pub use store::SessionStore;

pub(crate) use evaluate::{EvaluateSession, TokenAge, Verdict};
pub(crate) use known_revocations::revocation_concerns;
pub(crate) use revoker::store_failed;
