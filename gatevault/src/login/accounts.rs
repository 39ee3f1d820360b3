//! The steps of a registration and of a password change for the routes, written once for both forms of the handler.

use std::error::Error as _;
use std::net::IpAddr;
use std::pin::Pin;

use super::authenticator::Mode;
use super::failed_stores::store_failed;
use super::misconfigured::misconfigured;
use super::user::SecurityStamps;
use super::user_store::OutdatedHashesStay;
use super::{
    ApiKeys, AuthUser, ChangePasswords, HashUpdate, LoginRequest, OAuthHandler, RegisterUsers, TokenPair,
};
use crate::claims::UserId;
use crate::error::{BoxError, ConfigError, GuardError, HashingError};
use crate::event::{Decision, Event, StoreOperation};
use crate::store::is_refused_text;
use crate::throttle::{AttemptOutcome, LoginAttempt};

/// The future of a store's answer.
type Storing<'s> = Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send + 's>>;

/// `RegisterUsers::add` of a store whose type need not have the trait.
pub(crate) type AddUser<S> = for<'s> fn(&'s S, &'s str, &'s str) -> Storing<'s>;

/// `ChangePasswords::change_password` of a store whose type need not have the trait.
pub(crate) type ChangePassword<S> = for<'s> fn(&'s S, HashUpdate) -> Storing<'s>;

/// Returns the function that adds users to a store.
pub(crate) fn add_user<S: RegisterUsers>() -> AddUser<S> {
    |users, name, hash| Box::pin(users.add(name, hash))
}

/// Returns the function that changes passwords in a store.
pub(crate) fn change_password<S: ChangePasswords>() -> ChangePassword<S> {
    |users, update| Box::pin(users.change_password(update))
}

/// The outcome of a registration.
pub(crate) enum Registration {
    Begun(TokenPair),
    NameTaken,
    /// The database refuses a character of the name.
    NameRefused,
}

/// The outcome of adding a user.
enum Added {
    /// The user has this hash.
    With(String),
    NameTaken,
    NameRefused,
}

/// The outcome of a password change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordChange {
    Changed,
    WrongPassword,
    /// The account has no password that could be verified.
    NoPassword,
}

/// A password change that a user asks for.
#[derive(Clone, Copy)]
pub(crate) struct PasswordRequest<'r> {
    pub(crate) current: &'r str,
    pub(crate) new: &'r str,
    /// The session of the request, which does not end.
    pub(crate) session: Option<&'r str>,
    pub(crate) address: Option<IpAddr>,
}

impl<S> OAuthHandler<S> {
    /// Adds a user, and begins a session as a login does.
    ///
    /// The attempt counts as a wrong password of its address does, whether the name is taken or not: a hash is work, and each
    /// attempt shows whether a name is taken. It is not counted if no hash was computed. If the store fails it is counted, because
    /// a client may choose a name that makes the store fail.
    pub(crate) async fn register<M: Mode<S>>(
        &self,
        add: AddUser<S>,
        request: LoginRequest<'_>,
    ) -> Result<Registration, GuardError> {
        self.ready()?;
        let refused = |error| self.password_refused(error, None, request.address);
        self.require_new_password(request.password).map_err(refused)?;
        let attempt = self.begin_registration(&request).await?;
        let hash = self.hash_new::<M>(request.password).await;
        if let (Err(_), Some(attempt)) = (&hash, attempt) {
            attempt.record_outcome(AttemptOutcome::Undecided).await;
        }
        match self.add_hashed(add, request.username, hash.map_err(refused)?).await? {
            Added::With(hash) => self.log_in_registered::<M>(request, &hash).await.map(Registration::Begun),
            Added::NameTaken => {
                self.event(Decision::NameTaken).at_address(request.address).emit();
                Ok(Registration::NameTaken)
            }
            Added::NameRefused => Ok(Registration::NameRefused),
        }
    }

    async fn begin_registration<'h>(
        &'h self,
        request: &LoginRequest<'h>,
    ) -> Result<Option<LoginAttempt<'h>>, GuardError> {
        let Some(throttle) = &self.throttle else { return Ok(None) };
        let (pool, now) = (self.issuer.membership.pool(), self.issuer.tokens.precise_now()?);
        let begun = throttle.begin_attempt(pool, request.username, request.address, now).await;
        begun.map(Some).inspect_err(|denial| self.report_pause(denial, None, request.address))
    }

    /// Stores the user with this name and this hash.
    async fn add_hashed(&self, add: AddUser<S>, name: &str, hash: String) -> Result<Added, GuardError> {
        match add(&self.authenticator.users, name, &hash).await {
            Ok(true) => Ok(Added::With(hash)),
            Ok(false) => Ok(Added::NameTaken),
            Err(error) if is_refused_text(&*error) => Ok(Added::NameRefused),
            Err(error) => {
                store_failed(StoreOperation::AddUser, &*error);
                Err(GuardError::unavailable(error))
            }
        }
    }

    /// Begins the session of the user who was added with this hash.
    ///
    /// The lookup may find another account: a store whose lookup takes more names for equal than its unique constraint, or
    /// whose insertion is not atomic. That account must not be logged in, and no two accounts have a hash in common.
    async fn log_in_registered<M: Mode<S>>(
        &self,
        request: LoginRequest<'_>,
        hash: &str,
    ) -> Result<TokenPair, GuardError> {
        let began = self.issuer.tokens.now()?;
        let found = self.authenticator.find_by_name::<M>(request.username).await?;
        let Some(user) = found.filter(|user| user.hashed_password() == Some(hash)) else {
            let error = BoxError::from("the added user is not found by the same name and with the same hash");
            store_failed(StoreOperation::FindAddedUser, &*error);
            return Err(GuardError::unavailable(error));
        };
        self.event(Decision::Registered).of_user(user.id()).at_address(request.address).emit();
        let stamps = SecurityStamps::of(&user);
        self.begin_login::<M>(user, stamps, &request, began).await
    }

    /// Replaces the password of a user who has sent the current one, and ends the other sessions.
    ///
    /// `kept` is the session of the caller. Without one, as in a stateless handler, all logins end.
    pub(crate) async fn change_password<M: Mode<S>>(
        &self,
        change: ChangePassword<S>,
        user: UserId,
        request: PasswordRequest<'_>,
    ) -> Result<PasswordChange, GuardError> {
        self.ready()?;
        let new = self.require_new_password(request.new);
        new.map_err(|error| self.password_refused(error, Some(&user), request.address))?;
        if !self.authenticator.hasher.accepts(request.current) {
            self.report_change(Decision::WrongCurrentPassword, &user, request);
            return Ok(PasswordChange::WrongPassword);
        }
        let attempt = self.begin_change(&user, request.address).await?;
        let outcome = self.replace_verified::<M>(change, &user, request).await;
        // Before the outcome is recorded: if the future is dropped meanwhile, the other logins have ended.
        let ended = match &outcome {
            Ok(PasswordChange::Changed) => self.end_other_logins::<M>(user, request.session).await,
            _ => Ok(0),
        };
        if let Some(attempt) = attempt {
            match &outcome {
                Ok(PasswordChange::Changed) => attempt.record_outcome(AttemptOutcome::Succeeded).await,
                Ok(PasswordChange::WrongPassword) => {}
                Ok(PasswordChange::NoPassword) | Err(_) => {
                    attempt.record_outcome(AttemptOutcome::Undecided).await;
                }
            }
        }
        ended.and(outcome)
    }

    /// Counts the attempt with those of the account's logins. It stays counted if the future is dropped, as that of a login does.
    async fn begin_change(
        &self,
        user: &UserId,
        address: Option<IpAddr>,
    ) -> Result<Option<LoginAttempt<'_>>, GuardError> {
        let Some(throttle) = &self.throttle else { return Ok(None) };
        let (pool, now) = (self.issuer.membership.pool(), self.issuer.tokens.precise_now()?);
        let begun = throttle.begin_account_attempt(pool, user, address, now).await;
        begun.map(Some).inspect_err(|denial| self.report_pause(denial, Some(user), address))
    }

    /// Ends the user's logins but one, or all of them. API keys stay. Without sessions, revokes the user's tokens in this process.
    ///
    /// The kept session gets the current security stamp: its holder has just sent the password.
    async fn end_other_logins<M: Mode<S>>(
        &self,
        user: UserId,
        kept: Option<&str>,
    ) -> Result<usize, GuardError> {
        match kept {
            Some(kept) => self.revoke_others::<M>(user, kept.to_owned()).await,
            None => self.revoke_all(user, ApiKeys::Keep).await,
        }
    }

    /// Returns whether sessions are kept, unless the handler is stateless.
    pub(crate) fn keeps_sessions(&self) -> Result<bool, GuardError> {
        Ok(self.ready()?.store()?.is_some())
    }

    /// Verifies the current password and replaces its hash. If the hash was replaced concurrently, verifies again, once.
    async fn replace_verified<M: Mode<S>>(
        &self,
        change: ChangePassword<S>,
        user: &UserId,
        request: PasswordRequest<'_>,
    ) -> Result<PasswordChange, GuardError> {
        let mut replacement = None;
        for _ in 0..2 {
            let Some(account) = self.authenticator.find_by_id::<M>(user).await? else {
                self.report_change(Decision::UserGone, user, request);
                return Err(GuardError::invalid_credentials("the user of the access token is gone"));
            };
            let Some(stored) = account.hashed_password().map(str::to_owned) else {
                self.report_change(Decision::NoPassword, user, request);
                return Ok(PasswordChange::NoPassword);
            };
            let hasher = &self.authenticator.hasher;
            let check = M::verify(hasher, request.current, Some(&stored), false).await;
            let check = check.map_err(|error| {
                self.authenticator.not_verified(error, Some(user.clone()), request.address)
            })?;
            if !check.verification.is_match() {
                if let Some(reason) = check.unreadable {
                    self.authenticator.reported.report(user, &stored, reason);
                }
                self.report_change(Decision::WrongCurrentPassword, user, request);
                return Ok(PasswordChange::WrongPassword);
            }
            let hash = if let Some(hash) = replacement.take() {
                hash
            } else {
                let hash = self.hash_new::<M>(request.new).await;
                hash.map_err(|error| self.password_refused(error, Some(user), request.address))?
            };
            let update = HashUpdate { user: user.clone(), outdated: stored, replacement: hash.clone() };
            if change(&self.authenticator.users, update).await.map_err(not_changed)? {
                self.report_change(Decision::PasswordChanged, user, request);
                return Ok(PasswordChange::Changed);
            }
            replacement = Some(hash);
        }
        Err(not_changed("the hash changed each time it was read".into()))
    }
}

impl<S> OAuthHandler<S> {
    /// Emits the event of a password change.
    pub(super) fn report_change(&self, decision: Decision, user: &UserId, request: PasswordRequest<'_>) {
        let (session_id, address) = (request.session.map(str::to_owned), request.address);
        Event { session_id, address, ..self.event(decision).of_user(user) }.emit();
    }

    /// Emits the event of a new password that is not hashed, and returns the denial.
    pub(super) fn password_refused(
        &self,
        error: HashingError,
        user: Option<&UserId>,
        address: Option<IpAddr>,
    ) -> GuardError {
        let denial = GuardError::from(error);
        let reason = || denial.source().map(ToString::to_string).unwrap_or_default();
        let decision = match &denial {
            GuardError::Password(reason) => Decision::NewPasswordRefused { reason: reason.to_string() },
            _ => Decision::PasswordNotHashed { error: reason() },
        };
        Event { user: user.cloned(), address, ..self.event(decision) }.emit();
        denial
    }
}

/// Emits the event of a store that has not changed a hash, and returns the denial.
fn not_changed(error: BoxError) -> GuardError {
    if error.is::<OutdatedHashesStay>() {
        return misconfigured(ConfigError::Missing {
            setting: "replace_hash",
            needed_for: "`change_password` of the user store calls it, and the provided method replaces no hash",
        });
    }
    store_failed(StoreOperation::ChangePassword, &*error);
    GuardError::unavailable(error)
}
