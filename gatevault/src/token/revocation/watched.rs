//! The entries that revoke one token: those that a guard looks for, for a token that was verified before.

use std::sync::atomic::{Ordering, fence};

use super::{ACCESS, Entry, Fingerprint, Revocations, SESSION, SHARED_SESSION, TOKEN, TokenAge, USER};
use crate::claims::UserId;
use crate::token::Invalidated;
use crate::token::invalidation_waiters::Waiter;

/// The claims of a verified token by which it can be revoked.
pub(in crate::token) struct Watched<'t> {
    /// The issuer, if it is not us.
    pub(in crate::token) issuer: Option<&'t str>,
    /// The service that created a token of our own key, if we have no name.
    pub(in crate::token) service: Option<&'t str>,
    pub(in crate::token) token_id: Option<&'t str>,
    pub(in crate::token) session_id: Option<&'t str>,
    pub(in crate::token) pool: Option<&'t str>,
    pub(in crate::token) user: &'t UserId,
    pub(in crate::token) age: TokenAge,
}

impl Revocations {
    /// Adds a token to those that are awaited. Returns its number, or the reason if it is revoked already.
    pub(in crate::token) fn watch(&self, token: &Watched<'_>) -> Result<u64, Invalidated> {
        let keys = self.keys(token);
        let waiter = Waiter::new(keys.iter().map(|(_, key)| *key), token.age);
        let number = self.waiters.add(waiter);
        // Either the writer of an entry sees the waiter, or the lookup sees the entry.
        fence(Ordering::SeqCst);
        let table = self.table.load();
        let found = keys.into_iter().find_map(|(kind, key)| {
            let entry = table.find(key)?;
            concerns(kind, entry, token.age).then(|| reason(kind))
        });
        match found {
            Some(reason) => {
                self.waiters.remove(number);
                Err(reason)
            }
            None => Ok(number),
        }
    }

    /// Wakes the tokens that a new entry revokes.
    pub(super) fn wake(&self, kind: u8, key: Fingerprint, entry: Entry) {
        fence(Ordering::SeqCst);
        let concerns = |waiter: &Waiter| concerns(kind, entry, waiter.age);
        self.waiters.revoke(key, reason(kind), concerns);
    }

    /// Returns the kinds and keys of the entries that revoke a token, as `check` and `check_named` look for them.
    fn keys(&self, token: &Watched<'_>) -> Vec<(u8, Fingerprint)> {
        let session = |kind, issuer| token.session_id.map(|id| (kind, self.fingerprint(kind, issuer, id)));
        let kinds = if token.age.is_access { &[USER, ACCESS][..] } else { &[USER] };
        let user =
            |kind, issuer, pool: Option<&str>| (kind, self.fingerprint(kind, issuer, &(pool, token.user)));
        let mut keys = Vec::with_capacity(5);
        keys.extend(session(SHARED_SESSION, None));
        let names = [Some(token.issuer), token.service.map(Some)];
        for issuer in names.into_iter().flatten() {
            keys.extend(session(SESSION, issuer));
            keys.extend(token.token_id.map(|id| (TOKEN, self.fingerprint(TOKEN, issuer, id))));
            keys.extend(kinds.iter().map(|kind| user(*kind, issuer, token.pool)));
        }
        if token.issuer.is_some() && token.pool.is_some() {
            keys.extend(kinds.iter().map(|kind| user(*kind, token.issuer, None)));
        }
        keys
    }
}

/// Returns whether an entry with a key of the token revokes it: that of a user has a time.
fn concerns(kind: u8, entry: Entry, age: TokenAge) -> bool {
    !matches!(kind, USER | ACCESS) || age.is_revoked_by(kind, entry)
}

fn reason(kind: u8) -> Invalidated {
    match kind {
        SESSION | SHARED_SESSION => Invalidated::SessionEnded,
        _ => Invalidated::Revoked,
    }
}
