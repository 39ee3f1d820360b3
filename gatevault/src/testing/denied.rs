//! `assert_denied!`, and the outcomes of calls that it takes.

use std::any::type_name;
use std::error::Error;
use std::fmt::Write as _;
use std::panic::Location;

use super::denial_kind::DenialKind;
use super::denied_status::kind_of_status;
use super::fault::fail;
use super::redaction::redact;
use crate::error::{self, GuardError};
use crate::guard::DeniedOr;

/// Asserts that a guarded call was denied, and why.
///
/// Feature `testing`. The call is
///
/// - a `Result`: of a [`GuardError`], of an error of the application that has one in its chain of
///   [`source`](std::error::Error::source)s or passes it on with `#[error(transparent)]`, of a `Box<dyn Error>`, of a `Status`
///   of gRPC, recognized by its code, its metadata and its message, or of a response;
/// - a [`DeniedOr`](crate::guard::DeniedOr);
/// - a response: an `HttpResponse`, an `http::Response`, or a [`Response`](crate::testing::Response) of the browser, recognized by
///   its status, its challenge and its problem document. The body of an `http::Response` is not read: the
///   [`DenialDetails`](crate::web::DenialDetails) in its extensions tell wrong credentials from a missing token. A
///   response from a socket has none: wrong credentials count as a missing token there.
///
/// The second argument is a [`DenialKind`](crate::testing::DenialKind): the name of a variant without its path, or an expression.
///
/// A failed assertion shows what was expected, what came, and the reason that the log gets where it is known. It shows no token.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use gatevault::testing::assert_denied;
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};
///
/// #[protected(scope = "posts:write")]
/// fn publish(payload: Payload) -> Result<String, GuardError> {
///     Ok(format!("published by user {}", payload.user_id()))
/// }
///
/// let tokens = TokenManager::new([7; 32])?;
/// let _gate = GateVault::new(tokens.clone()).install_for_test();
/// assert_denied!(publish(""), MissingToken);
/// assert_denied!(publish("junk"), InvalidToken);
/// let access = tokens.create_access_token(&Payload::new(42).with("scope", "posts:read"))?;
/// assert_denied!(publish(access), MissingScope("posts:write"));
/// assert_denied!(Err::<(), _>(GuardError::unauthorized("not your post")), NotAllowed);
/// # }
/// # Ok::<(), gatevault::Error>(())
/// ```
#[macro_export]
macro_rules! assert_denied {
    ($call:expr, MissingScope($scope:expr) $(,)?) => {
        $crate::testing::assert_denied!($call, $crate::testing::DenialKind::MissingScope(($scope).into()))
    };
    ($call:expr, $kind:ident $(,)?) => {
        $crate::testing::assert_denied!($call, $crate::testing::DenialKind::$kind)
    };
    ($call:expr, $kind:expr $(,)?) => {
        match (&$call, &$kind) {
            (outcome, expected) => {
                $crate::testing::check_denied(outcome, expected, ::core::stringify!($call))
            }
        }
    };
}

pub use assert_denied;

/// An outcome that [`assert_denied!`](crate::assert_denied) takes. You never implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an outcome of a guarded call",
    label = "expected a `Result`, a `DeniedOr` or a response",
    note = "pass a `Result` whose error is a `GuardError`, another `std::error::Error` or a response; a `DeniedOr`; an \
            `HttpResponse`, an `http::Response` or a `testing::Response`; and of a reference write `*outcome`"
)]
pub trait DeniedOutcome<Form: ?Sized> {
    #[doc(hidden)]
    fn observe(&self) -> Observed;
}

/// The kind of a denial, if the outcome is one, and how a failed assertion shows the outcome.
#[doc(hidden)]
#[derive(Debug)]
pub struct Observed {
    pub(super) kind: Option<DenialKind>,
    pub(super) shown: String,
}

/// The form of an error, which distinguishes the implementations of [`DeniedOutcome`].
#[derive(Debug)]
pub struct OfError;
/// The form of a boxed error.
#[derive(Debug)]
pub struct OfBoxedError;
/// The form of a `Result`, by the form of its error.
#[derive(Debug)]
pub struct OfResult<Form>(std::marker::PhantomData<Form>);
/// The form of a [`DeniedOr`].
#[derive(Debug)]
pub struct OfDeniedOr;

impl<E: Error + 'static> DeniedOutcome<OfError> for E {
    fn observe(&self) -> Observed {
        of_error(self, type_name::<E>())
    }
}

impl DeniedOutcome<OfBoxedError> for Box<dyn Error> {
    fn observe(&self) -> Observed {
        of_error(&**self, type_name::<Self>())
    }
}

impl DeniedOutcome<OfBoxedError> for Box<dyn Error + Send + Sync> {
    fn observe(&self) -> Observed {
        of_error(&**self, type_name::<Self>())
    }
}

impl<T, E: DeniedOutcome<Form>, Form> DeniedOutcome<OfResult<Form>> for Result<T, E> {
    fn observe(&self) -> Observed {
        match self {
            Ok(_) => passed::<T>(),
            Err(error) => error.observe(),
        }
    }
}

impl<T> DeniedOutcome<OfDeniedOr> for DeniedOr<T> {
    fn observe(&self) -> Observed {
        match self {
            Self::Done(_) => passed::<T>(),
            Self::Denied(denial) => of_error(denial, type_name::<GuardError>()),
        }
    }
}

/// Asserts that the outcome is a denial of the `expected` kind; `call` is the source text of the call.
///
/// # Panics
///
/// If it is not.
#[doc(hidden)]
#[track_caller]
pub fn check_denied<Form: ?Sized, O: DeniedOutcome<Form> + ?Sized>(
    outcome: &O,
    expected: &DenialKind,
    call: &str,
) {
    let Observed { kind, shown } = outcome.observe();
    if kind.as_ref() == Some(expected) {
        return;
    }
    let found = match &kind {
        Some(kind) => format!("`{kind:?}`, {shown}"),
        None => shown,
    };
    let fault = format!("expected `{call}` to be denied with `{expected:?}`, found {found}");
    fail(Location::caller(), redact(&fault, std::iter::empty()))
}

/// Returns what came without the value: a value of a guarded function may contain a token.
fn passed<T>() -> Observed {
    Observed { kind: None, shown: format!("no denial: the call returned a `{}`", type_name::<T>()) }
}

fn of_error(error: &(dyn Error + 'static), name: &str) -> Observed {
    let chain = || std::iter::successors(Some(error), source_of);
    let kind = chain().find_map(kind_of).or_else(|| chain().find_map(DenialKind::of_transparent));
    let mut shown = format!("the error `{name}`: {error}");
    for source in chain().skip(1) {
        // Writing to a string does not fail.
        let _ = write!(shown, ": {source}");
    }
    Observed { kind, shown }
}

fn source_of<'e>(error: &&'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    (*error).source()
}

/// Returns the kind of a denial that is this error, or is in the error of the whole library, or of its status in gRPC.
fn kind_of(error: &(dyn Error + 'static)) -> Option<DenialKind> {
    match error.downcast_ref::<error::Error>() {
        Some(error::Error::Guard(denial)) => DenialKind::of(denial),
        _ => error.downcast_ref::<GuardError>().map_or_else(|| kind_of_status(error), DenialKind::of),
    }
}
