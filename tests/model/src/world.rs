//! `World`: a store and its surroundings, which a script runs in.

use std::sync::Arc;
use std::time::Duration;

use gatevault::{SessionStore, StoreError, Timestamp};

use crate::mismatch::Checked;
use crate::model::Model;
use crate::request::{Outcome, Request};
use crate::row::Row;

/// An empty store, its clock, and other nodes that follow it.
pub trait World {
    /// Returns the store.
    fn store(&self) -> Arc<dyn SessionStore>;

    /// Returns the time at the beginning, which is that of the store's clock if it has one.
    fn start(&self) -> Timestamp;

    /// Returns the time by which the store's clock may be ahead of the script's: less than half a minute.
    fn drift(&self) -> Duration {
        Duration::ZERO
    }

    /// Lets time pass by the store's clock, if it has one, and by those of other nodes.
    fn advance(&mut self, by: Duration) -> impl Future<Output = Checked>;

    /// Sends two requests at once.
    fn send_both(
        &mut self,
        one: Request,
        other: Request,
    ) -> impl Future<Output = Result<(Outcome, Outcome), StoreError>>;

    /// Creates an access token of a session that was opened, for guards of other nodes. Returns its `jti`.
    fn opened(&mut self, session: &Row) -> String;

    /// Compares what guards of other nodes answer, once they know of all revocations.
    fn compare_guards(&mut self, model: &Model, now: Timestamp) -> impl Future<Output = Checked>;
}
