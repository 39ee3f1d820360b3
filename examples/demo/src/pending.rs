//! Logins that have begun and wait for their second request: kept on the server, bound to one browser, used once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use gatevault::error::TokenError;
use gatevault::generate_secret;

/// A bounded table in the memory of this process, by the value of a cookie. Several processes need a shared one.
#[derive(Debug)]
pub(crate) struct Pending<T> {
    lifetime: Duration,
    entries: Mutex<Entries<T>>,
}

#[derive(Debug)]
struct Entries<T> {
    by_id: HashMap<String, T>,
    /// The ids by age, with those of entries that were taken.
    ages: VecDeque<(Instant, String)>,
}

impl<T> Pending<T> {
    pub(crate) const COOKIE: &str = "__Host-pending_login";

    /// The number of entries. The oldest one makes room: a flood delays logins, but fills no memory.
    pub(crate) const LIMIT: usize = 10_000;

    pub(crate) fn new(lifetime: Duration) -> Self {
        let entries = Entries { by_id: HashMap::new(), ages: VecDeque::new() };
        Self { lifetime, entries: Mutex::new(entries) }
    }

    /// Keeps a value, and returns the cookie with which this browser takes it.
    ///
    /// `Lax`, because the redirect that ends a login elsewhere comes from another site.
    pub(crate) fn keep(&self, value: T) -> Result<String, TokenError> {
        let id = generate_secret()?;
        let (name, max_age) = (Self::COOKIE, self.lifetime.as_secs());
        let cookie = format!("{name}={id}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={max_age}");
        let mut entries = self.lock();
        while entries.ages.len() >= Self::LIMIT {
            entries.forget_the_oldest();
        }
        entries.ages.push_back((Instant::now(), id.clone()));
        entries.by_id.insert(id, value);
        Ok(cookie)
    }

    /// Removes and returns the value of this browser, unless it has expired. Nothing is taken twice.
    pub(crate) fn take(&self, headers: &HeaderMap) -> Option<T> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';'));
        let id = pairs.find_map(|pair| pair.trim().strip_prefix(Self::COOKIE)?.strip_prefix('='))?;
        let mut entries = self.lock();
        while entries.ages.front().is_some_and(|(kept, _)| kept.elapsed() >= self.lifetime) {
            entries.forget_the_oldest();
        }
        entries.by_id.remove(id)
    }

    /// No method panics with the lock.
    fn lock(&self) -> MutexGuard<'_, Entries<T>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Entries<T> {
    fn forget_the_oldest(&mut self) {
        if let Some((_, id)) = self.ages.pop_front() {
            self.by_id.remove(&id);
        }
    }
}
