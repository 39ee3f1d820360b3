//! The HTTP client that fetches keys: no redirects, no cookies, and limits on time and size.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::source::{Fetch, MAX_BYTES};
use super::url::SchemePolicy;
use crate::error::{BoxError, ConfigError};

/// Creates a client. `timeout` covers the whole request, from name resolution to the last byte.
pub(super) fn client(schemes: SchemePolicy, timeout: Duration, roots: RootCerts) -> Box<Fetch> {
    // A provider of our own: the process-wide one, if it is installed, belongs to the application.
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(roots)
        .build();
    let agent: Agent = Agent::config_builder()
        .https_only(schemes == SchemePolicy::Https)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .user_agent(concat!("gatevault/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build()
        .into();
    Box::new(move |url| get(&agent, url))
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

/// Returns the body of a response with status 200.
fn get(agent: &Agent, url: &str) -> Result<String, BoxError> {
    let response = agent.get(url).call()?;
    let status = response.status();
    if status != 200 {
        return Err(format!("the response has status {status}, expected 200").into());
    }
    Ok(response.into_body().into_with_config().limit(MAX_BYTES).read_to_string()?)
}
