//! A store over tables: what runs their operations as tasks, and what its users see of it.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Pool;

use super::dialect::Dialect;
use super::table::Table;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::BoxError;
use crate::future::{StoreFuture, wait_for};
use crate::session::{
    NewSession, RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeTarget,
    Rotation, RotationOutcome, Session, SessionStore,
};
use crate::store::executor::Executor;

/// Sessions in a database of one kind: what the stores consist of.
pub(super) struct Sessions<D: Dialect> {
    table: Arc<Table<D>>,
    executor: Executor,
}

impl<D: Dialect> Clone for Sessions<D> {
    fn clone(&self) -> Self {
        Self { table: Arc::clone(&self.table), executor: self.executor.clone() }
    }
}

impl<D: Dialect> Sessions<D> {
    pub(super) fn new(pool: Pool<D>, executor: Executor) -> Self {
        Self { table: Arc::new(Table { pool }), executor }
    }

    /// Connects on the executor.
    pub(super) async fn connected(
        executor: Executor,
        connecting: impl Future<Output = Result<Pool<D>, sqlx::Error>> + Send + 'static,
    ) -> Result<Self, BoxError> {
        let pool = executor.run(connecting).await?;
        Ok(Self::new(pool, executor))
    }

    pub(super) fn time_limit(self, limit: Duration) -> Self {
        Self { executor: self.executor.within(limit), ..self }
    }

    pub(super) fn migrate(&self) -> StoreFuture<'static, ()> {
        self.run(|table| async move { table.migrate().await })
    }

    fn run<T: Send + 'static, F>(&self, work: impl FnOnce(Arc<Table<D>>) -> F) -> StoreFuture<'static, T>
    where
        F: Future<Output = Result<T, BoxError>> + Send + 'static,
    {
        self.executor.run(work(Arc::clone(&self.table)))
    }
}

impl<D: Dialect> SessionStore for Sessions<D> {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        self.run(|table| async move { table.open(session).await })
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.run(|table| async move { table.rotate(&rotation).await })
    }

    fn revoke(&self, ending: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        self.run(move |table| async move { table.revoke(ending, now).await })
    }

    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        self.run(move |table| async move { table.list(&user, now).await })
    }

    fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.run(move |table| async move { table.revocations_since(since).await })
    }

    fn remove_expired(&self, now: Timestamp) -> StoreFuture<'_, u64> {
        self.run(move |table| async move { table.remove_expired(now).await })
    }

    /// A file of `SQLite` too is opened by several processes.
    fn is_shared(&self) -> bool {
        true
    }

    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        D::listen(&self.table.pool, &self.executor, listener)
    }
}

/// Waits for what has a limit of its own; this one is for a thread that the work itself needs.
pub(super) fn wait<T>(work: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    wait_for(work, LONGEST_WAIT)
        .unwrap_or_else(|| Err("the store did not answer: do not block the executor that it runs on".into()))
}

const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What all stores have in common: a macro, so that users meet a plain type for each database.
macro_rules! sql_store {
    ($store:ident) => {
        const _: () = {
            use std::fmt;
            use std::time::Duration;

            use crate::claims::UserId;
            use crate::clock::Timestamp;
            use crate::error::BoxError;
            use crate::future::StoreFuture;
            use crate::session::{
                NewSession, RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription,
                RevokeTarget, Rotation, RotationOutcome, Session, SessionStore,
            };

            impl $store {
                /// How long an operation may take until it is an error; 5 s unless set.
                pub fn time_limit(self, limit: Duration) -> Self {
                    Self(self.0.time_limit(limit))
                }

                /// Makes the tables where they are missing. To do it again, or from several processes at once, is
                /// harmless.
                ///
                /// The same SQL is in the folder `migrations` of this crate, for whoever runs it with another tool.
                ///
                /// # Errors
                ///
                /// What the database says.
                pub fn migrate(&self) -> StoreFuture<'_, ()> {
                    self.0.migrate()
                }

                /// The same for a thread that waits.
                ///
                /// # Errors
                ///
                /// What the database says.
                pub fn migrate_blocking(&self) -> Result<(), BoxError> {
                    $crate::store::sql::sessions::wait(self.migrate())
                }
            }

            impl SessionStore for $store {
                fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
                    self.0.open(session)
                }

                fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
                    self.0.rotate(rotation)
                }

                fn revoke(&self, ending: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
                    self.0.revoke(ending, now)
                }

                fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
                    self.0.list(user, now)
                }

                fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
                    self.0.revocations_since(since)
                }

                fn remove_expired(&self, now: Timestamp) -> StoreFuture<'_, u64> {
                    self.0.remove_expired(now)
                }

                fn is_shared(&self) -> bool {
                    self.0.is_shared()
                }

                fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
                    self.0.listen(listener)
                }
            }

            /// The options of a pool hold a password.
            impl fmt::Debug for $store {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.debug_struct(stringify!($store)).finish_non_exhaustive()
                }
            }
        };
    };
}

pub(super) use sql_store;
