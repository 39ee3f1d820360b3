//! The recent revocations of a user in the store, which this process may not have learned of yet.

use std::time::Duration;

use super::{Revocation, RevocationCursor, RevocationKind, SessionStore};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::token::TokenManager;

/// Returns whether the store has a recent revocation of our user, which concerns what the user had at `issued_at`. This process may not
/// have learned of it yet.
pub(crate) async fn revocation_concerns(
    store: &dyn SessionStore,
    tokens: &TokenManager,
    pool: Option<&str>,
    user: &UserId,
    issued_at: Timestamp,
) -> Result<bool, StoreError> {
    let user = user.to_json();
    let concerns = |revocation: &Revocation| {
        let issuer = revocation.issuer.as_deref();
        let until = revocation.until.unwrap_or(Timestamp::LAST_SECOND);
        revocation.kind == RevocationKind::User
            && (issuer.is_none() || issuer == tokens.own_name())
            && revocation.pool.as_deref() == pool
            && revocation.id == user
            && tokens.concerns(until, issued_at)
    };
    Ok(store.revocations_since(recent(tokens, issued_at)).await?.revocations.iter().any(concerns))
}

/// Returns the time up to which the access tokens of a user are revoked, here or in the store.
pub(super) async fn access_tokens_revoked_until(
    store: &dyn SessionStore,
    tokens: &TokenManager,
    issuer: Option<&str>,
    pool: Option<&str>,
    user: &UserId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let issuer = issuer.filter(|issuer| tokens.own_name() != Some(issuer));
    let known = tokens.access_tokens_revoked_until(issuer, pool, user);
    let id = user.to_json();
    let is_of_user = |revocation: &Revocation| {
        // Of any issuer: two services may know one issuer by different names, and a later time than needed does no harm.
        revocation.kind == RevocationKind::AccessTokens
            && revocation.pool.as_deref() == pool
            && revocation.id == id
    };
    let stored = store.revocations_since(recent(tokens, now)).await?.revocations.into_iter();
    Ok(stored.filter(is_of_user).filter_map(|revocation| revocation.until).chain(known).max())
}

/// Returns the position of the oldest recent revocation. The clocks of this process, of the one that revoked, and of the store may
/// differ.
fn recent(tokens: &TokenManager, now: Timestamp) -> RevocationCursor {
    RevocationCursor::Time(now.before(RECENT).before(tokens.clock_skew().saturating_mul(2)))
}

/// The time after which a process has learned of a revocation, with some difference between its clock and that of the store.
const RECENT: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::future::wait_for;
    use crate::session::NewRevocation;
    use crate::store::MemorySessions;

    /// This process and the one that revoked are ahead of the store.
    #[test]
    fn a_revocation_is_recent_by_any_clock_within_the_skew() {
        let skew = Duration::from_hours(1);
        let secret = "a secret of at least thirty-two bytes";
        let tokens = TokenManager::builder().secret(secret).clock_skew(skew).build().unwrap();
        let (store, user) = (MemorySessions::new(), UserId::from(1));
        let recorded = Timestamp::from_seconds(1_700_000_000).unwrap();
        let now = recorded.after(skew);
        let until = now.after(skew);
        let read = async {
            for revocation in [Revocation::of_user(&user, now), Revocation::of_access_tokens(&user, until)] {
                store.record_revocation(NewRevocation::new(revocation, recorded)).await?;
            }
            let concerns = revocation_concerns(&store, &tokens, None, &user, now).await?;
            let known = access_tokens_revoked_until(&store, &tokens, None, None, &user, now).await?;
            Ok::<_, StoreError>((concerns, known))
        };
        let (concerns, known) = wait_for(read, Duration::from_secs(5)).unwrap().unwrap();
        assert!(concerns);
        assert_eq!(known, Some(until));
    }
}
