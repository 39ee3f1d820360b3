//! The part of `SqliteSessions` and `PostgresSessions` that is the same.

use std::time::Duration;

use crate::error::StoreError;
use crate::future::wait_for;

/// Waits for an operation on this thread.
///
/// The operation has a limit of its own. This one is for a caller that blocks the executor which the operation needs.
pub(super) fn wait<T>(operation: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    wait_for(operation, LONGEST_WAIT).unwrap_or_else(|| {
        Err("the store did not respond within a minute: do not block the executor that the store runs on"
            .into())
    })
}

const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Implements a store as `SqlSessions` of a database and an `Executor`, whose tasks run each operation.
///
/// A macro and not a generic type, so that the public API has a plain type for each database.
macro_rules! sql_store {
    ($store:ident, $database:ty) => {
        const _: () = {
            use std::fmt;
            use std::time::Duration;

            use sqlx::Pool;

            use crate::error::{ConfigError, StoreError};
            use crate::future::StoreFuture;
            use crate::session::{
                FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch,
                RevocationCursor, RevocationListener, RevocationSubscription, RevokeSessions, Rotation,
                RotationOutcome, Session, SessionStore, SpendToken, StepUp, StoredSession,
            };
            use crate::store::executor::Executor;
            use crate::store::sql::dialect::Dialect;
            use crate::store::sql::removal::RemovalCursor;
            use crate::store::sql::sessions::SqlSessions;

            impl $store {
                /// Sets the time limit of an operation, by default 5 s. An operation that exceeds it is an error. The removal of
                /// what has expired runs in batches, each with this limit.
                pub fn time_limit(mut self, limit: Duration) -> Self {
                    self.sessions.pool.limit = limit;
                    Self { executor: self.executor.with_limit(limit), ..self }
                }

                /// Creates the tables if they do not exist. It is safe to repeat, and to run from several processes at
                /// once. Where nothing is missing, it changes nothing, and needs no right to create tables.
                ///
                /// The folder `migrations` of this crate has the same SQL, for other migration tools.
                ///
                /// # Errors
                ///
                /// Returns the database's error, and that of tables of an earlier or a later version.
                pub fn migrate(&self) -> StoreFuture<'_, ()> {
                    self.executor.run(self.sessions.clone().migrate())
                }

                /// Creates the tables as [`migrate`](Self::migrate) does, and blocks the thread until they exist.
                ///
                /// # Errors
                ///
                /// Returns the errors of [`migrate`](Self::migrate).
                pub fn migrate_blocking(&self) -> Result<(), StoreError> {
                    $crate::store::sql::sql_store::wait(self.migrate())
                }

                fn over(pool: Pool<$database>) -> Result<Self, ConfigError> {
                    Ok(Self { sessions: SqlSessions::new(pool), executor: Executor::current()? })
                }

                /// Connects on the executor.
                async fn connected(
                    executor: Executor,
                    connecting: impl Future<Output = Result<Pool<$database>, sqlx::Error>> + Send + 'static,
                ) -> Result<Self, StoreError> {
                    let pool = executor.run(connecting).await?;
                    Ok(Self { sessions: SqlSessions::new(pool), executor })
                }
            }

            impl SessionStore for $store {
                fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
                    self.executor.run(self.sessions.clone().open(session))
                }

                fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
                    self.executor.run(self.sessions.clone().rotate(rotation))
                }

                fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
                    self.executor.run(self.sessions.clone().step_up(request))
                }

                fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
                    self.executor.run(self.sessions.clone().find(request))
                }

                fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
                    self.executor.run(self.sessions.clone().spend(request))
                }

                fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
                    self.executor.run(self.sessions.clone().revoke(request))
                }

                fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
                    self.executor.run(self.sessions.clone().list(request))
                }

                fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
                    self.executor.run(self.sessions.clone().record_revocation(request))
                }

                fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
                    self.executor.run(self.sessions.clone().revocations_since(cursor))
                }

                fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
                    let sessions = self.sessions.clone();
                    self.executor.run_batches(RemovalCursor::FIRST, move |cursor| {
                        sessions.clone().remove_batch(request, cursor)
                    })
                }

                /// Returns true: several processes can open an SQLite file as well.
                fn is_shared(&self) -> bool {
                    true
                }

                fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
                    <$database as Dialect>::listen(&self.sessions.pool, &self.executor, listener)
                }
            }

            /// Shows nothing of the pool: its options contain a password.
            impl fmt::Debug for $store {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($store)).finish_non_exhaustive()
                }
            }
        };
    };
}

pub(super) use sql_store;
