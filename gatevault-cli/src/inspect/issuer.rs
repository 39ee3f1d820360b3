//! The keys of an issuer, fetched from its URL.

use std::time::Duration;

use gatevault::{ConfigError, KeyRing, RemoteKeys};

use crate::answer::Failure;

/// Fetches the keys of an issuer, by its configuration (`OpenID` Connect Discovery, RFC 8414).
///
/// Plain http is for a server on this machine: on a network, anyone on the path could replace the keys.
pub(super) fn keys(url: &str) -> Result<KeyRing, Failure> {
    let keys = RemoteKeys::discover(url).allow_loopback_http().timeout(TIMEOUT).build();
    let keys = keys.map_err(|error| match error {
        ConfigError::Url { reason, .. } => Failure::new(format!("--issuer {url}: {}", of_option(reason))),
        other => Failure::of("--issuer", &other),
    })?;
    keys.wait_for_outcome(TIMEOUT).map_err(|error| Failure::of("--issuer", &error))?;
    Ok(keys.into())
}

/// Returns a reason without the call that the library proposes, and that an option cannot make.
fn of_option(reason: &str) -> &str {
    reason.split_once("; for local development").map_or(reason, |(reason, _)| reason)
}

/// The time limit of the requests together.
const TIMEOUT: Duration = Duration::from_secs(10);
