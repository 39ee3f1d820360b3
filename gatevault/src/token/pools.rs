//! The pools of users whose tokens a manager accepts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::TokenManager;
use super::trusted::validate_not_empty;
use crate::claims::{RawRegistered, TokenKind};
use crate::error::{ConfigError, InvalidReason, Mismatch, excerpt};

/// The pools that guards accept: those chosen on the builder, else those of the manager's handlers.
pub(super) struct UserPools {
    chosen: Option<Vec<String>>,
    handlers: RwLock<Vec<Handler>>,
    /// Set if tokens without a pool are accepted: most deployments need no lock to see that.
    accepts_unpooled: AtomicBool,
    last_number: AtomicU64,
}

/// A handler of the manager that exists now.
struct Handler {
    /// Handlers are numbered in the order of their creation.
    number: u64,
    pool: Option<Arc<str>>,
}

impl UserPools {
    /// Creates the pools. None is empty, and there is one at least if they are chosen.
    pub(super) fn new(chosen: Option<Vec<String>>) -> Result<Self, ConfigError> {
        let has_none = chosen.as_ref().is_some_and(Vec::is_empty);
        let empty = has_none.then_some("");
        let mut names = empty.into_iter().chain(chosen.iter().flatten().map(String::as_str));
        names.try_for_each(|pool| validate_not_empty("user_pools", pool))?;
        Ok(Self {
            accepts_unpooled: AtomicBool::new(chosen.is_none()),
            chosen,
            handlers: RwLock::new(Vec::new()),
            last_number: AtomicU64::new(0),
        })
    }

    /// Returns an error for a token of a pool that is not accepted. A refresh or purpose token is also accepted if its
    /// pool is that of a handler.
    #[inline]
    pub(super) fn validate(&self, claims: &RawRegistered<'_>, is_foreign: bool) -> Result<(), InvalidReason> {
        let pool = claims.pool.as_ref().map(|pool| &*pool.0);
        match pool {
            None if is_foreign || self.accepts_unpooled.load(Ordering::Acquire) => Ok(()),
            Some(_) if is_foreign && self.chosen.is_none() => Ok(()),
            _ => self.find(pool, claims),
        }
    }

    #[cold]
    fn find(&self, pool: Option<&str>, claims: &RawRegistered<'_>) -> Result<(), InvalidReason> {
        let handlers = self.handlers.read().unwrap_or_else(PoisonError::into_inner);
        let is_handled = || handlers.iter().any(|handler| handler.pool.as_deref() == pool);
        let is_accepted = match &self.chosen {
            Some(chosen) => pool.is_some_and(|pool| chosen.iter().any(|chosen| chosen == pool)),
            None => is_handled(),
        };
        let is_of = |kind: TokenKind| claims.kind.as_ref().is_some_and(|name| name.0 == kind.name());
        let is_for_handler = is_of(TokenKind::Refresh) || is_of(TokenKind::Purpose);
        if is_accepted || is_for_handler && is_handled() {
            return Ok(());
        }
        let of_handlers = || handlers.iter().filter_map(|handler| handler.pool.as_deref().map(str::to_owned));
        let accepted = self.chosen.clone().unwrap_or_else(|| of_handlers().collect());
        let found = pool.map(excerpt).into_iter().collect();
        let set_by = "TokenManagerBuilder::user_pools";
        Err(InvalidReason::Pool(Box::new(Mismatch { claim: "pool".to_owned(), found, accepted, set_by })))
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Handler>)) {
        let mut handlers = self.handlers.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut handlers);
        if self.chosen.is_none() {
            let accepts = handlers.is_empty() || handlers.iter().any(|handler| handler.pool.is_none());
            self.accepts_unpooled.store(accepts, Ordering::Release);
        }
    }
}

/// The place of a handler in its manager. Dropping it gives up the place.
pub(crate) struct PoolMembership {
    tokens: TokenManager,
    number: u64,
    pool: Option<Arc<str>>,
}

impl PoolMembership {
    /// Adds a handler without a pool.
    pub(crate) fn new(tokens: TokenManager) -> Self {
        let pools = &tokens.settings.pools;
        let number = pools.last_number.fetch_add(1, Ordering::Relaxed);
        pools.change(|handlers| handlers.push(Handler { number, pool: None }));
        Self { tokens, number, pool: None }
    }

    /// Moves the handler to a pool.
    pub(crate) fn move_to(&mut self, pool: &str) {
        let pool: Arc<str> = pool.into();
        self.pool = Some(Arc::clone(&pool));
        let number = self.number;
        self.tokens.settings.pools.change(|handlers| {
            for handler in handlers.iter_mut().filter(|handler| handler.number == number) {
                handler.pool = Some(Arc::clone(&pool));
            }
        });
    }

    /// Returns the pool.
    pub(crate) fn pool(&self) -> Option<&str> {
        self.pool.as_deref()
    }

    /// Returns an error if an older handler of the manager has no pool either: each would take the other's refresh tokens.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.pool.is_some() {
            return Ok(());
        }
        let handlers = self.tokens.settings.pools.handlers.read().unwrap_or_else(PoisonError::into_inner);
        let conflicts = handlers.iter().any(|other| other.pool.is_none() && other.number < self.number);
        if conflicts { Err(ConfigError::SharedManager) } else { Ok(()) }
    }
}

impl Drop for PoolMembership {
    fn drop(&mut self) {
        let number = self.number;
        self.tokens.settings.pools.change(|handlers| handlers.retain(|handler| handler.number != number));
    }
}
