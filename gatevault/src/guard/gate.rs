//! The gate that verifies the tokens of guards: installed once for the process, or passed to a guard.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use super::{TokenSource, test_gate};
use crate::claims::{FromClaims, TokenKind, Verified};
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError};
use crate::event::CallerClaims;
use crate::token::{TokenManager, TokenText};

/// A gate: it verifies the tokens of guarded functions. Cheap to clone.
///
/// # Examples
///
/// ```
/// use gatevault::{GateVault, Payload, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let gate = GateVault::new(tokens.clone());
///
/// let access = tokens.create_access_token(&Payload::new(42))?;
/// assert_eq!(gate.verify::<Payload>(&access)?.user_id(), &42.into());
/// assert_eq!(gate.verify::<Payload>("").unwrap_err().status(), 401);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GateVault {
    tokens: TokenManager,
}

/// A copy of a borrowed gate.
impl From<GateRef<'_>> for GateVault {
    fn from(gate: GateRef<'_>) -> Self {
        Self::new(gate.tokens.clone())
    }
}

/// The gate of guards without a `gate` argument, and without one in the request.
static INSTALLED: OnceLock<GateVault> = OnceLock::new();

impl GateVault {
    /// Creates a gate that accepts the tokens of this manager.
    #[must_use]
    pub fn new(tokens: TokenManager) -> Self {
        Self { tokens }
    }

    /// Installs this gate for every guard in the process without a `gate` argument.
    ///
    /// # Errors
    ///
    /// [`ConfigError::AlreadyInstalled`] if a gate is installed already. The first gate stays.
    pub fn install(self) -> Result<(), ConfigError> {
        INSTALLED.set(self).map_err(|_| ConfigError::AlreadyInstalled)?;
        test_gate::warn_of_feature();
        Ok(())
    }

    /// Verifies an access token as a guard does.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`], [`GuardError::Token`], and [`GuardError::Unavailable`] if the token cannot be verified now.
    pub fn verify<C: for<'t> FromClaims<'t>>(
        &self,
        token: impl TokenSource,
    ) -> Result<Verified<C>, GuardError> {
        let gate = self.as_gate();
        let Some(token) = token.token() else {
            return Err(GuardError::MissingToken);
        };
        let (text, caller) = (&mut TokenText::new(), &mut CallerClaims::unknown());
        gate.verify(&token, TokenKind::Access, text, caller, gate.now()?)
    }

    /// Returns the installed gate: the one of the running test, or else the one of the process.
    pub(super) fn installed() -> Option<GateRef<'static>> {
        let of_process = || INSTALLED.get();
        test_gate::of_thread().or_else(of_process).map(Self::as_gate)
    }
}

/// Provides a gate: the type of the argument in `#[protected(gate = ..)]`.
///
/// References and pointers (`Box`, `Rc`, `Arc`) to a gate are gates, and so are the parameters by which a handler of a web
/// framework gets what the application shares: [each framework's page](crate::guide) names them.
///
/// # Examples
///
/// ```
/// use gatevault::guard::{AsGate, GateRef};
/// use gatevault::GateVault;
///
/// struct App { gate: GateVault }
///
/// impl AsGate for App {
///     fn as_gate(&self) -> GateRef<'_> {
///         self.gate.as_gate()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a gate",
    label = "expected a `GateVault` or `TokenManager`",
    note = "pass a `GateVault` or a `TokenManager`; for a type of your own, implement `gatevault::guard::AsGate`"
)]
pub trait AsGate {
    /// Returns the gate.
    fn as_gate(&self) -> GateRef<'_>;
}

/// A borrowed gate.
#[derive(Debug, Clone, Copy)]
pub struct GateRef<'g> {
    tokens: &'g TokenManager,
}

impl<'g> GateRef<'g> {
    /// Returns the manager of the gate.
    pub(super) fn tokens(self) -> &'g TokenManager {
        self.tokens
    }

    /// Verifies a token of this kind at the time `now`, and sets `caller` once its signature is verified.
    #[inline]
    pub(super) fn verify<'t, C: FromClaims<'t>>(
        self,
        token: &str,
        kind: TokenKind,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
        now: Timestamp,
    ) -> Result<Verified<C>, GuardError> {
        self.tokens.decode_at(token, Some(kind), text, caller, now)
    }

    /// Reads the clock of the gate's manager.
    pub(super) fn now(self) -> Result<Timestamp, GuardError> {
        Ok(self.tokens.now()?)
    }
}

impl AsGate for GateVault {
    fn as_gate(&self) -> GateRef<'_> {
        self.tokens.as_gate()
    }
}

impl AsGate for TokenManager {
    fn as_gate(&self) -> GateRef<'_> {
        GateRef { tokens: self }
    }
}

macro_rules! delegate_to_pointee {
    ($($pointer:ty),+) => {
        $(impl<G: AsGate + ?Sized> AsGate for $pointer {
            fn as_gate(&self) -> GateRef<'_> {
                (**self).as_gate()
            }
        })+
    };
}
delegate_to_pointee!(&G, &mut G, Box<G>, Rc<G>, Arc<G>);
