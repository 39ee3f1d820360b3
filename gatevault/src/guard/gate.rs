//! The gate: what guards ask, installed once for the process or lent by whoever has one.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::TokenSource;
use crate::claims::{Claims, FromClaims, TokenKind, Verified};
use crate::error::{ConfigError, GuardError};
use crate::token::{TokenManager, TokenText};

/// Verifies the tokens of guarded functions; cheap to clone.
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

/// The gate of guards that name no other.
static INSTALLED: OnceLock<GateVault> = OnceLock::new();

impl GateVault {
    /// A gate that accepts the tokens of this manager.
    #[must_use]
    pub fn new(tokens: TokenManager) -> Self {
        Self { tokens }
    }

    /// Makes this the gate of every guard in the process that names no other.
    ///
    /// # Errors
    ///
    /// [`ConfigError::AlreadyInstalled`] the second time; the first gate stays.
    pub fn install(self) -> Result<(), ConfigError> {
        INSTALLED.set(self).map_err(|_| ConfigError::AlreadyInstalled)
    }

    /// Verifies an access token as a guard does.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`].
    pub fn verify<C: Claims>(&self, token: impl TokenSource) -> Result<Verified<C>, GuardError> {
        self.as_gate().verify(&token, TokenKind::Access, &mut TokenText::default())
    }

    pub(super) fn installed() -> Option<GateRef<'static>> {
        INSTALLED.get().map(Self::as_gate)
    }
}

/// Something that lends a gate: what `#[protected(gate = ..)]` takes.
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
    note = "pass a `GateVault` or a `TokenManager`, or implement `gatevault::guard::AsGate` for `{Self}`"
)]
pub trait AsGate {
    /// The gate that is lent.
    fn as_gate(&self) -> GateRef<'_>;
}

/// A gate on loan.
#[derive(Debug, Clone, Copy)]
pub struct GateRef<'g> {
    tokens: &'g TokenManager,
}

impl GateRef<'_> {
    /// Verifies the token of a source; one that has none, and nothing else, is `MissingToken`.
    #[inline]
    pub(super) fn verify<'t, C: FromClaims<'t>>(
        self,
        source: &(impl TokenSource + ?Sized),
        kind: TokenKind,
        text: &'t mut TokenText,
    ) -> Result<Verified<C>, GuardError> {
        let Some(token) = source.token() else {
            return Err(GuardError::MissingToken);
        };
        self.tokens.decode_in(&token, Some(kind), text)
    }

    /// Whether the token was issued no longer than `max_age` ago.
    pub(super) fn is_fresh<C>(self, verified: &Verified<C>, max_age: Duration) -> Result<bool, GuardError> {
        Ok(self.tokens.is_fresh(verified, max_age)?)
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

macro_rules! lends_what_it_points_to {
    ($($pointer:ty),+) => {
        $(impl<G: AsGate + ?Sized> AsGate for $pointer {
            fn as_gate(&self) -> GateRef<'_> {
                (**self).as_gate()
            }
        })+
    };
}
lends_what_it_points_to!(&G, &mut G, Box<G>, Rc<G>, Arc<G>);
