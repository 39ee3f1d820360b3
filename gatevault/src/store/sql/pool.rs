//! `SqlPool`: the connections of a store, with what it knows about the way to its database.

use std::fmt;

use sqlx::Pool;

use super::dialect::Dialect;

/// A pool of connections. Clones share it.
pub(super) struct SqlPool<D: Dialect> {
    pub(super) connections: Pool<D>,
    pub(super) route: D::Route,
}

impl<D: Dialect> SqlPool<D> {
    pub(super) fn new(connections: Pool<D>) -> Self {
        Self { connections, route: D::Route::default() }
    }
}

impl<D: Dialect> Clone for SqlPool<D> {
    fn clone(&self) -> Self {
        Self { connections: self.connections.clone(), route: self.route.clone() }
    }
}

/// Shows nothing of the connections: their options contain a password.
impl<D: Dialect> fmt::Debug for SqlPool<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlPool").finish_non_exhaustive()
    }
}
