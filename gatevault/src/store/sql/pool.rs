//! `SqlPool`: the connections of a store, with what it knows about the way to its database.

use std::fmt;
use std::time::Duration;

use sqlx::Pool;

use super::dialect::Dialect;
use crate::store::executor::DEFAULT_LIMIT;

/// A pool of connections. Clones share it.
pub(super) struct SqlPool<D: Dialect> {
    pub(super) connections: Pool<D>,
    pub(super) route: D::Route,
    pub(super) queues: D::Queues,
    /// The time limit of an operation, and of a statement that several operations share.
    pub(super) limit: Duration,
}

impl<D: Dialect> SqlPool<D> {
    pub(super) fn new(connections: Pool<D>) -> Self {
        Self { connections, route: D::Route::default(), queues: D::Queues::default(), limit: DEFAULT_LIMIT }
    }
}

impl<D: Dialect> Clone for SqlPool<D> {
    fn clone(&self) -> Self {
        let Self { connections, route, queues, limit } = self;
        Self { connections: connections.clone(), route: route.clone(), queues: queues.clone(), limit: *limit }
    }
}

/// Shows nothing of the connections: their options contain a password.
impl<D: Dialect> fmt::Debug for SqlPool<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlPool").finish_non_exhaustive()
    }
}
