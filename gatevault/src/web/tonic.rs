//! tonic 0.14: requests and metadata that carry a token, denials as a `Status`, and an interceptor.

use std::borrow::Cow;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Code, Request, Status};

use super::denial::remedy;
use super::{Bearer, RouteGuard};
use crate::claims::{Claims, Verified};
use crate::error::{ConfigError, GuardError};
use crate::guard::TokenSource;

/// The bearer token of the metadata `authorization`, as [`Bearer`] reads it.
impl TokenSource for MetadataMap {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.as_ref().token()
    }
}

/// The bearer token of the metadata `authorization`, as [`Bearer`] reads it: a request is the `token` of a guarded method.
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
}

impl From<&MetadataMap> for Bearer {
    fn from(metadata: &MetadataMap) -> Self {
        Self::from(metadata.as_ref())
    }
}

/// The status of a denial, with the challenge of HTTP, or its `Retry-After`, as metadata.
///
/// | HTTP | gRPC |
/// |---|---|
/// | 401 | `UNAUTHENTICATED`, `www-authenticate` |
/// | 403 | `PERMISSION_DENIED`, `www-authenticate` where scopes are missing |
/// | 429 | `RESOURCE_EXHAUSTED`, `retry-after` in seconds |
/// | 503 | `UNAVAILABLE` |
/// | 500 | `INTERNAL` |
impl From<GuardError> for Status {
    fn from(denial: GuardError) -> Self {
        let code = code(&denial);
        // What is wrong with the service is nobody's business outside; and no status has the denial as its source, for
        // whoever prints one prints that too.
        let message = match code {
            Code::Internal => code.description().to_owned(),
            _ => denial.to_string(),
        };
        Self::with_metadata(code, message, remedies(&denial))
    }
}

fn code(denial: &GuardError) -> Code {
    match denial.status() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        429 => Code::ResourceExhausted,
        503 => Code::Unavailable,
        _ => Code::Internal,
    }
}

/// What the client can do about it; a scope that no header can hold is not named.
fn remedies(denial: &GuardError) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    if let Some((name, value)) = remedy(denial)
        && let Ok(value) = MetadataValue::try_from(value)
    {
        metadata.insert(name, value);
    }
    metadata
}

/// Guards every method of a service, before any message is read: `OrdersServer::with_interceptor(orders, guard)`, or a whole
/// server by `tonic::service::InterceptorLayer::new(guard)`. Methods find the claims by [`Verified::of`].
impl<C: Claims + Clone + Send + Sync + 'static> Interceptor for RouteGuard<C> {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let verified = self.admit(&request)?;
        request.extensions_mut().insert(verified);
        Ok(request)
    }
}

/// In a service of tonic behind a [`RouteGuard`].
impl<C: Claims + Send + Sync + 'static> Verified<C> {
    /// The claims that the guard in front of the service has verified.
    ///
    /// # Errors
    ///
    /// [`GuardError::Config`] where no `RouteGuard` of these claims stands in front: the client is told `INTERNAL`.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, Verified};
    /// use tonic::{Request, Response, Status};
    ///
    /// async fn list(request: Request<u64>) -> Result<Response<String>, Status> {
    ///     let who = Verified::<Payload>::of(&request)?;
    ///     Ok(Response::new(format!("order {} of user {}", request.get_ref(), who.user_id())))
    /// }
    /// ```
    pub fn of<T>(request: &Request<T>) -> Result<&Self, GuardError> {
        request.extensions().get().ok_or_else(|| {
            tracing::error!(target: "gatevault", "no `RouteGuard` of these claims stands in front of the service");
            GuardError::Config(ConfigError::Missing {
                setting: "RouteGuard",
                needed_for: "`Verified::of` reads the claims that one in front of the service has verified",
            })
        })
    }
}
