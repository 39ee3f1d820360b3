//! `OpenID` providers: how they are called, and what their discovery documents say.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, Instant};

use gatevault::error::BoxError;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata, RedirectUrl,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::AppError;

/// The registration of this application at a provider. `Debug` leaves out the secret.
pub struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect: RedirectUrl,
    pub(crate) http: Http,
    discovered: Mutex<Option<(Instant, Discovered)>>,
}

/// A client with the endpoints and keys of a discovery document.
#[derive(Clone)]
pub(crate) struct Discovered {
    pub(crate) client: CoreClient<
        EndpointSet,
        EndpointNotSet,
        EndpointNotSet,
        EndpointNotSet,
        EndpointMaybeSet,
        EndpointMaybeSet,
    >,
    /// True if the provider says who it is in each answer (RFC 9207).
    pub(crate) names_itself: bool,
}

type Metadata = ProviderMetadata<
    IssuerParameter,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct IssuerParameter {
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    supported: bool,
}

impl AdditionalProviderMetadata for IssuerParameter {}

impl Provider {
    /// Creates a provider from the settings that it gave to this application. `redirect` is `<origin>/callback/<name>`.
    ///
    /// # Errors
    ///
    /// An issuer or a redirect that is no URL.
    pub fn new(issuer: &str, client_id: &str, client_secret: &str, redirect: &str) -> Result<Self, BoxError> {
        // No redirects: an answer of a provider must not choose which server is called with the secret.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned())?,
            client_id: ClientId::new(client_id.to_owned()),
            client_secret: ClientSecret::new(client_secret.to_owned()),
            redirect: RedirectUrl::new(redirect.to_owned())?,
            http: Http(http.build()?),
            discovered: Mutex::default(),
        })
    }

    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Returns the client, after a look at the discovery document if the last one was long ago. Callers at the same time share it.
    pub(crate) async fn discover(&self) -> Result<Discovered, AppError> {
        let mut known = self.discovered.lock().await;
        if let Some((when, discovered)) = known.as_ref()
            && when.elapsed() < FRESH
        {
            return Ok(discovered.clone());
        }
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = metadata.map_err(|error| AppError::Provider(error.into()))?;
        let names_itself = metadata.additional_metadata().supported;
        let secret = Some(self.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata, self.client_id.clone(), secret)
            .set_redirect_uri(self.redirect.clone());
        let discovered = Discovered { client, names_itself };
        *known = Some((Instant::now(), discovered.clone()));
        Ok(discovered)
    }

    /// Forgets the discovery document, after an ID token that does not verify: the keys may be new.
    pub(crate) async fn forget(&self) {
        *self.discovered.lock().await = None;
    }
}

/// The HTTP client, in the form that `openidconnect` calls.
#[derive(Debug, Clone)]
pub(crate) struct Http(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.execute(request.try_into()?).await?;
            let mut response = HttpResponse::default();
            *response.status_mut() = answer.status();
            answer.headers().clone_into(response.headers_mut());
            *response.body_mut() = answer.bytes().await?.to_vec();
            Ok(response)
        })
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

const PATIENCE: Duration = Duration::from_secs(10);

/// Providers publish a key long before they sign with it.
const FRESH: Duration = Duration::from_mins(15);
