//! The sessions of a handler: where they are kept, how long they live, and what becomes of what a store answers.

use std::sync::{Arc, Once};
use std::time::Duration;

use crate::error::{BoxError, ConfigError, GuardError};
use crate::session::{NewSession, RevocationFeed, Rotation, RotationOutcome, SessionStore};
use crate::store::MemorySessions;
use crate::token::TokenManager;

pub(super) struct Sessions {
    /// None where refresh tokens stand for themselves.
    store: Option<Arc<dyn SessionStore>>,
    /// Says once that nobody has chosen where sessions are kept; done from the beginning where somebody has.
    unchosen: Once,
    /// Brings the ends of sessions from other processes; an error where it could not be started.
    feed: Option<Result<RevocationFeed, ConfigError>>,
    pub(super) lifetime: Duration,
    pub(super) grace: Duration,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            store: Some(Arc::new(MemorySessions::new())),
            unchosen: Once::new(),
            feed: None,
            lifetime: Duration::from_hours(30 * 24),
            grace: Duration::from_secs(10),
        }
    }
}

impl Sessions {
    pub(super) fn kept_in(self, store: Arc<dyn SessionStore>, tokens: &TokenManager) -> Self {
        let feed = store.is_shared().then(|| {
            let feed = RevocationFeed::from_shared(Arc::clone(&store)).follow(tokens);
            feed.inspect_err(|error| tracing::error!(target: "gatevault", %error, "no feed of revocations"))
        });
        self.chosen(Some(store), feed)
    }

    pub(super) fn stateless(self) -> Self {
        self.chosen(None, None)
    }

    fn chosen(
        self,
        store: Option<Arc<dyn SessionStore>>,
        feed: Option<Result<RevocationFeed, ConfigError>>,
    ) -> Self {
        self.unchosen.call_once(|| {});
        Self { store, feed, ..self }
    }

    /// The store, where there is one and its feed runs.
    pub(super) fn store(&self) -> Result<Option<&dyn SessionStore>, GuardError> {
        match &self.feed {
            Some(Err(error)) => Err(GuardError::Config(error.clone())),
            _ => Ok(self.store.as_deref()),
        }
    }

    /// The store that the caller's request makes no sense without.
    pub(super) fn required_store(&self) -> Result<&dyn SessionStore, GuardError> {
        self.store()?.ok_or_else(|| {
            GuardError::Config(ConfigError::Missing {
                setting: "session_store",
                needed_for: "a handler that is `stateless()` knows of no sessions",
            })
        })
    }

    /// Stores a new session.
    pub(super) async fn open(&self, session: NewSession) -> Result<(), GuardError> {
        let store = self.required_store()?;
        self.unchosen.call_once(|| {
            tracing::warn!(
                target: "gatevault",
                "sessions are kept in the memory of this process and end with it: give the handler `.session_store(..)`"
            );
        });
        store.open(session).await.map_err(store_failed)
    }

    /// Exchanges a refresh token for its successor.
    pub(super) async fn rotate(&self, rotation: Rotation) -> Result<RotationOutcome, GuardError> {
        self.required_store()?.rotate(rotation).await.map_err(store_failed)
    }
}

/// Nothing was decided, and the caller may try again.
pub(super) fn store_failed(error: BoxError) -> GuardError {
    tracing::warn!(target: "gatevault", error = ?error.to_string(), "session store failed");
    GuardError::unavailable(error)
}
