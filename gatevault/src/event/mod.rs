//! Events: one value for each decision about a caller, for audit trails, counters and tests.
//!
//! Each decision (a guard opened or denied a call, a login failed, a refresh token was reused ..) creates one [`Event`]. The
//! event is written to the log through `tracing`, with the target `gatevault`, and passed to the sink that [`install`] was given.
//!
//! | type | purpose |
//! |---|---|
//! | [`Event`] | the decision, and whom and what it concerns: function, user, token, session, issuer, address |
//! | [`Decision`] | the decision, with its details |
//! | [`EventSink`] | receives events: a closure, or a type of your own |
//! | [`Recorder`] | a sink that keeps events in a vector |
//!
//! The guide's page [`errors_and_logs`](crate::guide::errors_and_logs) lists the messages of the log and shows counters.
//!
//! # Security
//!
//! No event contains a token, key, hash or password, or the name that a user typed into a login, which is sometimes a password.
//! The fields have the values as they are, so that they can be compared; some come from outside, such as the `sub` that another
//! issuer chose. `Display` and `Debug` escape them: no value begins a new line or moves the cursor of a terminal.
//!
//! # Examples
//!
//! ```
//! use gatevault::event::{self, Decision, Event};
//!
//! event::install(|event: &Event| {
//!     if let Decision::Denied { status, .. } = event.decision {
//!         println!("{status} for {:?} at {:?}", event.user, event.function);
//!     }
//! })?;
//! # Ok::<(), gatevault::ConfigError>(())
//! ```

mod caller;
mod decision;
mod fields;
mod forms;
mod function;
mod kinds;
mod log;
mod names;
mod recorder;
mod sink;
#[cfg(feature = "testing")]
pub(crate) mod test_sink;
#[cfg(not(feature = "testing"))]
#[path = "no_test_sink.rs"]
mod test_sink;

use std::net::IpAddr;

use crate::user_id::UserId;

#[doc(hidden)]
pub use caller::{CallerClaims, KeptCaller};
pub use decision::Decision;
pub use function::FunctionPath;
#[doc(hidden)]
pub use function::{Function, Parent};
pub use kinds::{KeyRingChange, RequestFault, StoreOperation};
pub use recorder::Recorder;
pub use sink::{EventSink, install};

pub(crate) use sink::wants_opened;

/// A decision about a caller, and whom and what it concerns.
///
/// A field is `None` if the decision does not know it: a call without a token has no user, and a token whose signature is not
/// verified names none that can be believed.
///
/// `Display` writes one line, without line breaks. With `serde`, an event is a flat map: `event` is the
/// [name](Decision::name) of the decision, beside its details and the fields of this struct that are known.
///
/// # Examples
///
/// ```
/// # #[cfg(all(feature = "macros", feature = "testing"))] {
/// use gatevault::event::Decision;
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};
///
/// #[protected(role = "clerk")]
/// fn refund(payload: Payload) -> Result<(), GuardError> {
///     Ok(drop(payload))
/// }
///
/// let tokens = TokenManager::new([7; 32])?;
/// let visitor = tokens.create_access_token(&Payload::new(42).with("role", "visitor"))?;
/// let _gate = GateVault::new(tokens).install_for_test();
/// let events = gatevault::testing::record_events();
/// assert!(refund(&visitor).is_err());
///
/// let [denied] = &events.take()[..] else { panic!("one decision") };
/// assert!(matches!(&denied.decision, Decision::Denied { status: 403, .. }));
/// assert_eq!(denied.user, Some(42.into()));
/// # }
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The decision.
    pub decision: Decision,
    /// The guarded function, or the part of this library that guards, such as `RouteGuard`.
    pub function: Option<FunctionPath>,
    /// The user.
    pub user: Option<UserId>,
    /// The `jti` of the token that was presented, or of the access token that a login or an API key got.
    pub token_id: Option<String>,
    /// The session: the `sid` of the token.
    pub session_id: Option<String>,
    /// The issuer of the user: the `iss` of the token. A manager without an
    /// [`issuer`](crate::token::TokenManagerBuilder::issuer) writes none.
    pub issuer: Option<String>,
    /// The address of the client, where the login was given one.
    pub address: Option<IpAddr>,
}

impl Event {
    /// Creates an event without a user yet.
    pub(crate) fn new(decision: Decision) -> Self {
        Self {
            decision,
            function: None,
            user: None,
            token_id: None,
            session_id: None,
            issuer: None,
            address: None,
        }
    }

    /// Sets the guarded function.
    pub(crate) fn at(self, function: &'static Function) -> Self {
        Self { function: Some(FunctionPath::new(function)), ..self }
    }

    /// Sets the user.
    pub(crate) fn of_user(self, user: impl Into<UserId>) -> Self {
        Self { user: Some(user.into()), ..self }
    }

    /// Sets the session.
    pub(crate) fn in_session(self, session: impl Into<String>) -> Self {
        Self { session_id: Some(session.into()), ..self }
    }

    /// Sets the `jti` of the token.
    pub(crate) fn with_token_id(self, token_id: impl Into<String>) -> Self {
        Self { token_id: Some(token_id.into()), ..self }
    }

    /// Sets the issuer.
    pub(crate) fn of_issuer(self, issuer: Option<String>) -> Self {
        Self { issuer, ..self }
    }

    /// Sets the address of the client.
    pub(crate) fn at_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Writes the event to the log and passes it to the sinks.
    pub(crate) fn emit(self) {
        log::write(&self);
        sink::send(&self);
    }
}
