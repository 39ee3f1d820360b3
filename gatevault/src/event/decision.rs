//! The decisions, with their details.

use std::time::Duration;

use super::{KeyRingChange, RequestFault, StoreOperation};

/// A decision about a caller, or about what callers depend on: keys and stores.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// A guard opened the function: its body runs. Without a user, the call had no token and the guard is `optional`.
    Opened,
    /// A guard denied a call. The event has the user if the signature of the token is genuine.
    #[non_exhaustive]
    Denied {
        /// The HTTP status of the denial.
        status: u16,
        /// The message for the client.
        denial: String,
        /// The reason, which clients do not see: the failed condition as written, or what is wrong with the token.
        reason: Option<String>,
    },

    /// A login with a password succeeded and began a session.
    LoggedIn,
    /// A login had an unknown name, which leaves the event without a user, or a wrong password.
    LoginFailed,
    /// A login, a registration or a password change came during a pause.
    #[non_exhaustive]
    Throttled {
        /// The rest of the pause, in whole seconds.
        retry_after: Duration,
    },
    /// The application began a session for a user whom it has authenticated.
    #[non_exhaustive]
    SessionBegun {
        /// The authentication methods (`amr`).
        amr: Vec<String>,
    },
    /// A new authentication was written into a session.
    SteppedUp,
    /// A step-up had an access token that is not accepted. The user is the one who was authenticated.
    #[non_exhaustive]
    StepUpRefused {
        /// The message for the client.
        denial: String,
        /// The reason.
        reason: Option<String>,
    },
    /// No tokens were created: the user does not exist any more.
    UserGone,
    /// No tokens were created: an OAuth2 client requested a scope that the user, the session or the API key does not have.
    ScopeNotGranted,

    /// A refresh token was exchanged.
    Refreshed,
    /// A refresh, a logout or a revocation had a token that is not accepted.
    #[non_exhaustive]
    RefreshRefused {
        /// The message for the client.
        denial: String,
        /// The reason.
        reason: Option<String>,
    },
    /// A refresh token was used again after its grace: it was stolen. The session ended. Alert on this.
    RefreshTokenReused,
    /// A refresh or step-up found that the password had changed after the session began. The session ended.
    SessionOutdated,
    /// A refresh or step-up came after the lifetime of the session.
    SessionExpired,
    /// A refresh or step-up of a session that is not active.
    #[non_exhaustive]
    SessionNotActive {
        /// The answer of the store.
        outcome: String,
    },

    /// A handler without a session store revoked a refresh token.
    LoggedOut,
    /// A handler without a session store revoked all tokens of the user.
    LoggedOutEverywhere,
    /// A logout, or another call that ends sessions of the user.
    #[non_exhaustive]
    SessionsEnded {
        /// The number of sessions that ended.
        sessions: usize,
    },
    /// A login went beyond the number of sessions that a user may have, and the oldest ended.
    #[non_exhaustive]
    SessionLimitReached {
        /// The number of sessions that ended.
        sessions: usize,
    },
    /// A token, a session or a user was revoked: in the session store, for every process, or in this process only.
    #[non_exhaustive]
    Revoked {
        /// The kind of what was revoked: `token`, `session`, `user`, or `access_tokens` of a user.
        kind: &'static str,
        /// True if the revocation is in the session store.
        is_stored: bool,
    },

    /// A user registered. [`LoggedIn`](Self::LoggedIn) follows.
    Registered,
    /// A registration was refused: the name is taken.
    NameTaken,
    /// A user changed the password.
    PasswordChanged,
    /// A password change had a wrong current password.
    WrongCurrentPassword,
    /// A password change was refused: the account has no password.
    NoPassword,
    /// The new password of a registration or a password change is too short, too long or has a NUL character.
    #[non_exhaustive]
    NewPasswordRefused {
        /// The reason.
        reason: String,
    },

    /// An API key was created. Its id is the session.
    KeyCreated,
    /// An API key was not created.
    #[non_exhaustive]
    KeyNotCreated {
        /// The reason.
        reason: Option<String>,
    },
    /// An API key was exchanged for an access token.
    KeyExchanged,
    /// An API key was refused. A [`KeyExchange`](crate::web::KeyExchange) decides once about all requests with one key at the same
    /// time.
    #[non_exhaustive]
    KeyRefused {
        /// The reason.
        reason: &'static str,
    },
    /// A purpose token was accepted, and used up if its purpose is `once()`.
    #[non_exhaustive]
    PurposeRedeemed {
        /// The name of the purpose.
        purpose: &'static str,
    },
    /// A purpose token was refused.
    #[non_exhaustive]
    PurposeRefused {
        /// The name of the purpose.
        purpose: &'static str,
        /// The message for the client.
        denial: String,
        /// The reason.
        reason: Option<String>,
    },
    /// A request to a route of this library was refused before its credentials were verified.
    #[non_exhaustive]
    RequestRefused {
        /// The fault of the request.
        fault: RequestFault,
        /// The path of the request, if it is known.
        path: Option<String>,
        /// The `Origin` of the request, if that is the fault.
        origin: Option<String>,
        /// The host of the request, if its `Origin` is another one.
        host: Option<String>,
        /// The part of the request that is malformed.
        reason: Option<String>,
    },

    /// A key ring changed.
    #[non_exhaustive]
    KeyRingChanged {
        /// The change.
        change: KeyRingChange,
        /// The id of the key; empty for a key without one.
        key: String,
    },
    /// The key set of an issuer is new.
    #[non_exhaustive]
    RemoteKeysChanged {
        /// The configured URL.
        source: String,
        /// The keys in use: the algorithm and the id of each.
        keys: Vec<String>,
        /// The keys that cannot be used, and why.
        skipped: Vec<String>,
    },
    /// The key set of an issuer could not be fetched. The last good keys stay in use for a while.
    #[non_exhaustive]
    RemoteKeysFailed {
        /// The configured URL.
        source: String,
        /// The URL that failed.
        url: String,
        /// The reason.
        reason: String,
        /// The time until the next attempt.
        retry: Duration,
    },
    /// A store gave no answer or the wrong one.
    #[non_exhaustive]
    StoreFailed {
        /// The operation that failed.
        operation: StoreOperation,
        /// The error.
        error: String,
    },
    /// A signer outside of this library failed. No token was created.
    #[non_exhaustive]
    SigningFailed {
        /// The error, with its sources.
        error: String,
    },
    /// A password was not verified, because too many are being hashed. The login is denied.
    #[non_exhaustive]
    PasswordNotVerified {
        /// The error.
        error: String,
    },
    /// A new password was not hashed. The registration or the password change is denied.
    #[non_exhaustive]
    PasswordNotHashed {
        /// The error.
        error: String,
    },
    /// Expired sessions were not removed from the session store.
    #[non_exhaustive]
    CleaningFailed {
        /// The error.
        error: String,
        /// The time until the next attempt.
        retry_in: Duration,
    },
    /// The session store could not be reached, or a revocation in it not be read, for longer than `max_staleness`.
    #[non_exhaustive]
    FeedUnreachable {
        /// The error.
        error: String,
        /// The time of the last answer, in seconds since the epoch.
        since: Option<u64>,
        /// True if guards deny all tokens meanwhile: [`StalePolicy::Deny`](crate::session::StalePolicy::Deny).
        denies: bool,
    },
    /// The session store answers again.
    FeedRecovered,
}
