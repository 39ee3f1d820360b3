//! `Route`: the way to the server, directly or through a connection pooler.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::mark::is_direct;

/// The knowledge of a store about the way to its server. Clones share what they learn.
#[derive(Debug, Clone, Default)]
pub(in crate::store::sql) struct Route {
    kind: Arc<AtomicU8>,
    pub(super) listening: Listening,
}

/// The connection that waits for notifications.
#[derive(Debug, Clone, Default)]
pub(super) enum Listening {
    /// A connection with the options of the pool, if it leads to a server process of its own.
    #[default]
    WhereSafe,
    /// A connection with these options.
    At(Box<PgConnectOptions>),
    /// None.
    Never,
}

impl Route {
    /// Returns whether a statement that was prepared on a connection is there the next time.
    ///
    /// The first call finds that out in the background. Until then the answer is no, which is always safe.
    pub(super) fn keeps_statements(&self, options: &Arc<PgConnectOptions>) -> bool {
        let previous = self.kind.compare_exchange(UNKNOWN, ASKING, Ordering::AcqRel, Ordering::Acquire);
        if previous.is_ok()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(ask(Arc::clone(&self.kind), Arc::clone(options)));
        }
        previous == Err(KEEPS)
    }

    /// Records that prepared statements are not kept.
    pub(super) fn loses_statements(&self) {
        self.kind.store(LOSES, Ordering::Release);
    }
}

/// Returns whether the error says that a connection does not have the prepared statements that it should have.
pub(super) fn is_about_statements(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| [INVALID_STATEMENT_NAME, DUPLICATE_STATEMENT].contains(&code.as_ref()))
}

async fn ask(kind: Arc<AtomicU8>, options: Arc<PgConnectOptions>) {
    let answer = match is_direct(&options).await {
        Ok(true) => KEEPS,
        Ok(false) => LOSES,
        Err(_) => {
            sleep(PAUSE).await;
            UNKNOWN
        }
    };
    // An error may have answered in the meantime.
    let _answered = kind.compare_exchange(ASKING, answer, Ordering::AcqRel, Ordering::Acquire);
}

const UNKNOWN: u8 = 0;
const ASKING: u8 = 1;
const KEEPS: u8 = 2;
const LOSES: u8 = 3;

const INVALID_STATEMENT_NAME: &str = "26000";
const DUPLICATE_STATEMENT: &str = "42P05";

/// The pause after a server that could not be asked, such as one without a free connection.
const PAUSE: Duration = Duration::from_secs(30);
