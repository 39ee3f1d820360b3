//! The API keys of a user whose tokens are revoked: their sessions live longer than the revocation is kept.

use super::{ListSessions, RevokeSessions, RevokeTarget, SessionKind, SessionStore};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::token::TokenManager;

/// Ends the keys of a user that were created up to `made_until`. Call it after the revocation is recorded, so that a key that is being
/// created learns of it.
pub(super) async fn end_keys(
    store: &dyn SessionStore,
    tokens: &TokenManager,
    pool: Option<&str>,
    user: &UserId,
    made_until: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let pool = pool.map(str::to_owned);
    let request = ListSessions { pool: pool.clone(), ..ListSessions::new(user.clone(), now) };
    let sessions = store.list(request).await?.into_iter();
    let keys = sessions.filter(|session| session.details.kind == SessionKind::Key);
    for key in keys.filter(|key| tokens.concerns(made_until, key.authenticated_at)) {
        let target = RevokeTarget::One(key.id);
        let request = RevokeSessions { pool: pool.clone(), ..RevokeSessions::new(user.clone(), target, now) };
        for ended in store.revoke(request).await? {
            tokens.revoke_shared_session(&ended);
        }
    }
    Ok(())
}
