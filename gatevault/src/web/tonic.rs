//! tonic 0.14, gRPC: requests and metadata as token sources, denials as a `Status`, and an interceptor.

use std::borrow::Cow;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Code, Request, Status};

use super::denial::remedy;
use super::{Bearer, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::{ConfigError, GuardError};
use crate::guard::{AsGate as _, GateRef, GateVault, TokenSource};

/// The bearer token of the metadata `authorization`, as [`Bearer`] reads it.
impl TokenSource for MetadataMap {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.as_ref().token()
    }
}

/// The bearer token of the metadata `authorization`, as [`Bearer`] reads it, and the [`GateVault`] in the extensions: the request
/// is the `token` of a guarded method.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use gatevault::{Payload, protected};
/// use tonic::{Request, Response, Status};
///
/// struct Orders;
///
/// impl Orders {
///     #[protected(scope = "orders:read")]
///     async fn list(&self, token: Request<u64>, payload: Payload) -> Result<Response<String>, Status> {
///         Ok(Response::new(format!("order {} of user {}", token.into_inner(), payload.user_id())))
///     }
/// }
/// # }
/// ```
impl<T> TokenSource for Request<T> {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.metadata().token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.extensions().get().map(GateVault::as_gate)
    }
}

impl From<&MetadataMap> for Bearer {
    fn from(metadata: &MetadataMap) -> Self {
        Self::from(metadata.as_ref())
    }
}

/// The status of a denial, with the challenge or `Retry-After` of HTTP as metadata.
///
/// `INTERNAL` carries no detail.
///
/// | HTTP | gRPC |
/// |---|---|
/// | 401 | `UNAUTHENTICATED`, `www-authenticate` |
/// | 403 | `PERMISSION_DENIED`, `www-authenticate` where scopes are missing |
/// | 422 | `INVALID_ARGUMENT` |
/// | 429 | `RESOURCE_EXHAUSTED`, `retry-after` in seconds |
/// | 503 | `UNAVAILABLE` |
/// | 500 | `INTERNAL` |
impl From<GuardError> for Status {
    fn from(denial: GuardError) -> Self {
        let code = code(&denial);
        // A fault of the service is no information for clients. The denial is not the source of the status either,
        // because `Status` prints its source.
        let message = match code {
            Code::Internal => code.description().to_owned(),
            _ => denial.to_string(),
        };
        Self::with_metadata(code, message, remedy_metadata(&denial))
    }
}

fn code(denial: &GuardError) -> Code {
    match denial.status() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        422 => Code::InvalidArgument,
        429 => Code::ResourceExhausted,
        503 => Code::Unavailable,
        _ => Code::Internal,
    }
}

/// Returns the challenge or the time to wait. A challenge with a scope that no header can hold is left out.
fn remedy_metadata(denial: &GuardError) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    if let Some((name, value)) = remedy(denial)
        && let Ok(value) = MetadataValue::try_from(value)
    {
        metadata.insert(name, value);
    }
    metadata
}

/// An interceptor that guards every method of a service before any message is read:
/// `OrdersServer::with_interceptor(orders, guard)`.
///
/// `tonic::service::InterceptorLayer::new(guard)` guards a whole server. Methods read the claims with [`Verified::of`].
impl<C: Claims + Clone + Send + Sync + 'static> Interceptor for RouteGuard<C> {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let verified = self.authorize(&request).map_err(|denial| self.status_of(denial))?;
        request.extensions_mut().insert(verified);
        Ok(request)
    }
}

impl<C: Claims> RouteGuard<C> {
    /// Returns the status for a denial of this guard, with the parameters of its challenge.
    fn status_of(&self, denial: GuardError) -> Status {
        let response = self.denial_response(&denial);
        let mut status = Status::from(denial);
        if let Some(Ok(challenge)) = response.header("www-authenticate").map(MetadataValue::try_from) {
            status.metadata_mut().insert("www-authenticate", challenge);
        }
        status
    }
}

/// The claims in a tonic service behind a [`RouteGuard`].
impl<C: Claims + Send + Sync + 'static> Verified<C> {
    /// Returns the claims that the guard in front of the service verified. It verifies nothing itself.
    ///
    /// # Errors
    ///
    /// [`GuardError::Config`] if there is no `RouteGuard` with this claims type in front of the service. The client sees
    /// `INTERNAL`.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, Verified};
    /// use tonic::{Request, Response, Status};
    ///
    /// async fn list(request: Request<u64>) -> Result<Response<String>, Status> {
    ///     let caller = Verified::<Payload>::of(&request)?;
    ///     Ok(Response::new(format!("order {} of user {}", request.get_ref(), caller.user_id())))
    /// }
    /// ```
    pub fn of<T>(request: &Request<T>) -> Result<&Self, GuardError> {
        request.extensions().get().ok_or_else(|| {
            tracing::error!(target: "gatevault", "RouteGuard missing in front of the service");
            GuardError::Config(ConfigError::Missing {
                setting: "RouteGuard",
                needed_for: "`Verified::of` reads the claims that one in front of the service verified: \
                             add `with_interceptor(service, guard)` with a guard of the same claims type",
            })
        })
    }
}
