//! The hidden first parameter of a handler with `#[protected(handler)]`.

use std::fmt;

use super::TokenSource;

/// The guard of a handler, which `#[protected(handler, ..)]` implements for a type beside the function.
///
/// You never implement it yourself.
pub trait GuardedHandler: 'static {
    /// The value that holds the payload of the handler, which the macro takes out of it.
    type Payload;

    /// The value of a denied call: the return type of the handler. [`GuardError`](crate::GuardError) is in the place of a type
    /// without a name: `Result<GuardError, E>` for `Result<impl Trait, E>`, and `GuardError` itself for `impl Trait`.
    type Denied;

    /// The scopes that the handler demands: one of each list. The challenge of a request without a valid token names them.
    const SCOPES: &'static [&'static [&'static str]];

    /// True if the handler also accepts a call without a token.
    const OPTIONAL: bool = false;

    /// True if the handler takes refresh tokens instead of access tokens.
    const REFRESH: bool = false;

    /// Verifies the token, and all demands that need no parameter of the handler.
    ///
    /// # Errors
    ///
    /// The denial, already logged.
    fn authorize<T: TokenSource + ?Sized>(source: &T) -> Result<Self::Payload, Self::Denied>;
}

/// The hidden first parameter of a handler with `#[protected(handler, ..)]`. A web framework extracts it before every other
/// parameter, so that a denied request is not read any further.
///
/// The features of the frameworks that extract parameters make it an extractor. The token is the one of the `Authorization`
/// header or, behind [`RouteGuard::for_pages`](crate::RouteGuard::for_pages), that of the visitor's cookie.
///
/// # Security
///
/// A guard admits one call of one handler: no other handler accepts it, and it cannot be cloned. It proves that the token was
/// valid when [`verify`](Self::verify) ran. Pass it on at once: a guard that you keep does not notice that the token expires
/// or is revoked.
///
/// # Examples
///
/// A call without a framework, such as in a test:
///
/// ```
/// # #[cfg(all(feature = "macros", feature = "axum"))] {
/// use gatevault::guard::HandlerGuard;
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};
///
/// #[protected(handler, role = "clerk")]
/// fn report(year: u16, user: Payload) -> Result<String, GuardError> {
///     Ok(format!("{year}, for user {}", user.user_id()))
/// }
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// GateVault::new(tokens.clone()).install()?;
/// let clerk = tokens.create_access_token(&Payload::new(42).with("role", "clerk"))?;
/// let guard = HandlerGuard::verify(&clerk).expect("a clerk");
/// assert_eq!(report(guard, 2026)?, "2026, for user 42");
/// assert!(HandlerGuard::verify("forged").map(|guard| report(guard, 2026)).is_err());
/// # }
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct HandlerGuard<H: GuardedHandler> {
    payload: H::Payload,
}

impl<H: GuardedHandler> HandlerGuard<H> {
    /// Verifies the token of a source, for a call of the handler that no framework makes.
    ///
    /// # Errors
    ///
    /// The value that the handler returns for the denial, which is already logged.
    pub fn verify<T: TokenSource + ?Sized>(source: &T) -> Result<Self, H::Denied> {
        H::authorize(source).map(|payload| Self { payload })
    }

    #[doc(hidden)]
    pub fn into_payload(self) -> H::Payload {
        self.payload
    }
}

/// Shows nothing of the payload.
impl<H: GuardedHandler> fmt::Debug for HandlerGuard<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerGuard").finish_non_exhaustive()
    }
}
