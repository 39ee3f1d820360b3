//! The HTTP client that fetches keys: no redirects, no cookies, no compression, and limits on time and size.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::http::header::ACCEPT_ENCODING;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, http};

use super::failure::FetchFailure;
use super::headers::RequestHeaders;
use super::response::{self, Credentials};
use super::transport::MAX_BYTES;
use super::url::{self, SchemePolicy};
use crate::error::{BoxError, ConfigError};

/// A client with the headers for one origin.
pub(super) struct Client {
    agent: Agent,
    headers: RequestHeaders,
    /// A URL of the origin that receives the headers.
    home: String,
}

impl Client {
    /// Creates a client. `timeout` covers the whole request, from name resolution to the last byte. Only requests to the
    /// origin of `home` carry the headers.
    pub(super) fn new(
        schemes: SchemePolicy,
        timeout: Duration,
        roots: RootCerts,
        headers: RequestHeaders,
        home: &str,
    ) -> Self {
        // A provider of our own: the process-wide one, if it is installed, belongs to the application.
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(roots)
            .build();
        let agent = Agent::config_builder()
            .https_only(schemes == SchemePolicy::Https)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!("gatevault/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build()
            .into();
        Self { agent, headers, home: home.to_owned() }
    }

    /// Returns the body of a response with status 200.
    pub(super) fn get(&mut self, url: &str) -> Result<String, FetchFailure> {
        let credentials = self.credentials(url);
        let response = self.send(url, credentials).map_err(|reason| FetchFailure::new(url, reason))?;
        response::check(url, &response, credentials)?;
        let body = response.into_body().into_with_config().limit(MAX_BYTES).read_to_string();
        body.map_err(|reason| FetchFailure::new(url, reason))
    }

    fn send(&mut self, url: &str, credentials: Credentials) -> Result<http::Response<Body>, BoxError> {
        let mut request = self.agent.get(url).header(ACCEPT_ENCODING, "identity");
        if credentials == Credentials::Sent {
            for (name, value) in self.headers.current()? {
                request = request.header(name, value);
            }
        }
        Ok(request.call()?)
    }

    fn credentials(&self, url: &str) -> Credentials {
        match (self.headers.is_empty(), url::is_same_origin(url, &self.home)) {
            (true, _) => Credentials::None,
            (false, true) => Credentials::Sent,
            (false, false) => Credentials::Withheld,
        }
    }
}

/// Reads PEM certificates as the only trusted roots.
pub(super) fn roots(pem: &[u8]) -> Result<RootCerts, ConfigError> {
    let mut store = RootCertStore::empty();
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| ConfigError::NotCertificates)?;
        certificates.push(Certificate::from_der(&certificate).to_owned());
        store.add(certificate).map_err(|_| ConfigError::NotCertificates)?;
    }
    if store.is_empty() { Err(ConfigError::NotCertificates) } else { Ok(certificates.into()) }
}
