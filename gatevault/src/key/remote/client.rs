//! HTTP as keys are fetched with it: one answer, no redirects, no cookies, bounded in time and in size.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::address::Scheme;
use super::source::{Fetch, MOST_BYTES};
use crate::error::{BoxError, ConfigError};

/// A client that waits `timeout` for a whole answer, from the name's resolution to the last byte.
pub(super) fn client(scheme: Scheme, timeout: Duration, roots: RootCerts) -> Box<Fetch> {
    // The provider is ours alone: that of the process, if there is one, belongs to the application.
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(roots)
        .build();
    let agent: Agent = Agent::config_builder()
        .https_only(scheme == Scheme::Https)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .user_agent(concat!("gatevault/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build()
        .into();
    Box::new(move |url| get(&agent, url))
}

/// The certificates of a PEM text, as the only ones that may vouch for a server.
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

fn get(agent: &Agent, url: &str) -> Result<String, BoxError> {
    let response = agent.get(url).call()?;
    let status = response.status();
    if status != 200 {
        return Err(format!("the answer is {status}, where only 200 will do").into());
    }
    Ok(response.into_body().into_with_config().limit(MOST_BYTES).read_to_string()?)
}
