//! The authenticator: finds users and verifies their passwords.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use super::failed_stores::{lookup_failed, store_failed};
use super::unreadable_hashes::ReportedHashes;
use super::user::{SecurityStamps, own_stamp, stamp_of_password};
use super::user_store::OutdatedHashesStay;
use super::{AuthUser, HashUpdate, LoginRequest};
use crate::claims::{ToClaims, UserId};
use crate::error::{BoxError, GuardError, HashingError};
use crate::event::StoreOperation;
use crate::password::{PasswordCheck, PasswordHasher, UnreadableHash, Verification};
use crate::session::SessionDetails;
use crate::store::is_refused_text;
use crate::throttle::AttemptGroups;
use crate::token::TokenManager;

/// Calls a user store and hashes passwords: on the calling thread, or awaited.
///
/// The steps of a login are written once, for every mode. [`Blocking`](super::Blocking) is one, `Awaiting` the other.
pub(crate) trait Mode<S> {
    type User: AuthUser;
    type Claims: ToClaims + for<'u> From<&'u Self::User>;

    fn find_by_name(users: &S, name: &str) -> impl Future<Output = Result<Option<Self::User>, BoxError>>;

    fn find_by_id(users: &S, id: &UserId) -> impl Future<Output = Result<Option<Self::User>, BoxError>>;

    fn replace_hash(users: &S, update: HashUpdate) -> impl Future<Output = Result<bool, BoxError>>;

    fn claims(users: &S, user: &Self::User, details: &SessionDetails) -> Self::Claims;

    /// Verifies a password in constant time for every `stored`. Computes a new hash only if `renews` is true.
    fn verify(
        hasher: &PasswordHasher,
        plain: &str,
        stored: Option<&str>,
        renews: bool,
    ) -> impl Future<Output = Result<PasswordCheck, HashingError>>;

    /// Hashes a new password.
    fn hash(hasher: &PasswordHasher, plain: &str) -> impl Future<Output = Result<String, HashingError>>;
}

/// Authenticates users by name and password.
pub(super) struct Authenticator<S> {
    pub(super) users: S,
    pub(super) hasher: PasswordHasher,
    /// The events name its issuer.
    pub(super) tokens: TokenManager,
    /// False if the store keeps outdated hashes: no login computes a new one then.
    pub(super) replaces_hashes: AtomicBool,
    /// The groups of attempts in flight. They belong to one handler: in another one a name may denote another account.
    pub(super) groups: AttemptGroups,
    pub(super) reported: ReportedHashes,
}

/// A choice for hashes that a login finds outdated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutdatedHashes {
    Replace,
    Keep,
}

impl<S> Authenticator<S> {
    /// Creates an authenticator with the default hasher.
    pub(super) fn new(users: S, tokens: TokenManager) -> Self {
        Self {
            users,
            tokens,
            hasher: PasswordHasher::default(),
            replaces_hashes: AtomicBool::new(true),
            groups: AttemptGroups::new(),
            reported: ReportedHashes::default(),
        }
    }

    /// Denies a login that can succeed for no user, before any work: its time shows nothing about the users.
    ///
    /// No database has a name with a NUL character, and some fail on one. A password that no scheme accepts would be counted
    /// though it costs no hash.
    pub(super) fn require_possible<M: Mode<S>>(&self, request: LoginRequest<'_>) -> Result<(), GuardError> {
        if request.username.contains('\0') || !self.hasher.accepts(request.password) {
            return Err(self.login_failed(None, request.address));
        }
        Ok(())
    }

    /// Returns the user with this name, if there is one. No account has a name that the database cannot store.
    pub(super) async fn find_by_name<M: Mode<S>>(&self, name: &str) -> Result<Option<M::User>, GuardError> {
        match M::find_by_name(&self.users, name).await {
            Err(error) if is_refused_text(&*error) => Ok(None),
            found => found.map_err(lookup_failed),
        }
    }

    /// Returns the user that was found by this name, if the password is right. If the hash was replaced concurrently, looks
    /// the user up again, once.
    pub(super) async fn authenticate<M: Mode<S>>(
        &self,
        mut found: Option<M::User>,
        request: LoginRequest<'_>,
        outdated: OutdatedHashes,
    ) -> Result<(M::User, SecurityStamps), GuardError> {
        let mut is_first = true;
        loop {
            let renews = outdated == OutdatedHashes::Replace && self.replaces_hashes.load(Ordering::Relaxed);
            let stored = found.as_ref().and_then(AuthUser::hashed_password);
            let check = M::verify(&self.hasher, request.password, stored, renews).await;
            let PasswordCheck { verification, unreadable } = check.map_err(|error| {
                self.not_verified(error, found.as_ref().map(AuthUser::id), request.address)
            })?;
            let user = match found {
                Some(user) if verification.is_match() => user,
                other => return Err(self.wrong_password(other.as_ref(), unreadable, request.address)),
            };
            match self.update_hash::<M>(&user, verification).await {
                None if is_first => is_first = false,
                stamps => {
                    let stamps = stamps.unwrap_or_else(|| SecurityStamps::of(&user));
                    return Ok((user, stamps));
                }
            }
            found = self.find_by_name::<M>(request.username).await?;
        }
    }

    /// Returns the user with this id. A user with another id counts as not found.
    pub(super) async fn find_by_id<M: Mode<S>>(&self, id: &UserId) -> Result<Option<M::User>, GuardError> {
        let user = M::find_by_id(&self.users, id).await.map_err(lookup_failed)?;
        Ok(user.filter(|user| user.id() == *id))
    }

    /// Returns the denial of a login whose password was verified, after a warning if the stored hash is unreadable.
    fn wrong_password(
        &self,
        user: Option<&impl AuthUser>,
        unreadable: Option<UnreadableHash>,
        address: Option<IpAddr>,
    ) -> GuardError {
        let id = user.map(AuthUser::id);
        let stored = user.and_then(AuthUser::hashed_password);
        if let (Some(id), Some(stored), Some(reason)) = (&id, stored, unreadable) {
            self.reported.report(id, stored, reason);
        }
        self.login_failed(id, address)
    }

    /// Replaces an outdated hash. Returns `None` if another hash is stored by now. A failure does not fail the login.
    async fn update_hash<M: Mode<S>>(
        &self,
        user: &M::User,
        verification: Verification,
    ) -> Option<SecurityStamps> {
        let unchanged = SecurityStamps::of(user);
        let (Verification::MatchOutdated { new_hash }, Some(outdated)) =
            (verification, user.hashed_password())
        else {
            return Some(unchanged);
        };
        let replaced = match own_stamp(user) {
            Some(_) => SecurityStamps::of(user),
            None => SecurityStamps {
                current: stamp_of_password(Some(&new_hash)),
                previous: Some(stamp_of_password(Some(outdated))),
            },
        };
        let update = HashUpdate { user: user.id(), outdated: outdated.to_owned(), replacement: new_hash };
        match M::replace_hash(&self.users, update).await {
            Ok(true) => Some(replaced),
            Ok(false) => None,
            Err(error) if error.is::<OutdatedHashesStay>() => {
                self.replaces_hashes.store(false, Ordering::Relaxed);
                Some(unchanged)
            }
            Err(error) => {
                store_failed(StoreOperation::ReplaceHash, &*error);
                Some(unchanged)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::claims::Payload;
    use crate::future::wait_for;

    #[derive(Clone, Copy)]
    struct Account(Option<&'static str>);

    impl AuthUser for Account {
        fn id(&self) -> UserId {
            1.into()
        }
        fn hashed_password(&self) -> Option<&str> {
            self.0
        }
    }

    impl From<&Account> for Payload {
        fn from(account: &Account) -> Self {
            Self::new(account.id())
        }
    }

    /// A store that finds this account.
    struct Users(Option<Account>);

    /// Records what is hashed instead of hashing: the stored hash, and whether a new one is asked for.
    enum Recording {}

    static VERIFIED: Mutex<Vec<(Option<String>, bool)>> = Mutex::new(Vec::new());

    impl Mode<Users> for Recording {
        type User = Account;
        type Claims = Payload;

        async fn find_by_name(users: &Users, _: &str) -> Result<Option<Account>, BoxError> {
            Ok(users.0)
        }
        async fn find_by_id(users: &Users, _: &UserId) -> Result<Option<Account>, BoxError> {
            Ok(users.0)
        }
        async fn replace_hash(_: &Users, _: HashUpdate) -> Result<bool, BoxError> {
            Err(OutdatedHashesStay.into())
        }
        fn claims(_: &Users, user: &Account, _: &SessionDetails) -> Payload {
            user.into()
        }
        async fn verify(
            _: &PasswordHasher,
            _: &str,
            stored: Option<&str>,
            renews: bool,
        ) -> Result<PasswordCheck, HashingError> {
            VERIFIED.lock().unwrap().push((stored.map(str::to_owned), renews));
            let verification = match stored {
                Some(_) if renews => Verification::MatchOutdated { new_hash: "new".to_owned() },
                Some(_) => Verification::Match,
                None => Verification::Mismatch,
            };
            Ok(verification.into())
        }
        async fn hash(_: &PasswordHasher, plain: &str) -> Result<String, HashingError> {
            Ok(plain.to_owned())
        }
    }

    fn tokens() -> TokenManager {
        TokenManager::new([7; 32]).unwrap()
    }

    fn is_authenticated(authenticator: &Authenticator<Users>) -> bool {
        let login = async {
            let found = authenticator.find_by_name::<Recording>("ada").await.unwrap();
            let request = LoginRequest::new("ada", "correct horse");
            authenticator.authenticate::<Recording>(found, request, OutdatedHashes::Replace).await
        };
        wait_for(login, std::time::Duration::from_secs(1)).unwrap().is_ok()
    }

    #[test]
    fn every_login_is_verified_and_hashes_that_stay_are_computed_once() {
        let [unknown, without_password, known] = [None, Some(Account(None)), Some(Account(Some("old")))]
            .map(|found| Authenticator::new(Users(found), tokens()));
        assert!(!is_authenticated(&unknown));
        assert!(!is_authenticated(&without_password));
        assert!(is_authenticated(&known) && is_authenticated(&known));
        let old = || Some("old".to_owned());
        let verified = VERIFIED.lock().unwrap();
        assert_eq!(*verified, [(None, true), (None, true), (old(), true), (old(), false)]);
    }

    #[test]
    fn a_user_with_another_id_is_not_found() {
        let authenticator = Authenticator::new(Users(Some(Account(None))), tokens());
        let find = |id: u64| {
            let found = async { authenticator.find_by_id::<Recording>(&id.into()).await };
            wait_for(found, std::time::Duration::from_secs(1)).unwrap().unwrap()
        };
        assert!(find(1).is_some() && find(2).is_none());
    }
}
