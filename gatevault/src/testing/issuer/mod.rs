//! `Issuer`: a provider of tokens on the loopback interface.

mod generated_key;
mod server;

use std::fmt;
use std::mem;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use self::generated_key::generate;
use self::server::Server;
use super::fault::fail;
use super::mint::{Mint, mint};
use crate::error::BoxError;
use crate::key::{Algorithm, KeyRing};
use crate::token::TokenManager;

/// A provider of tokens for the tests of a service that accepts them: it publishes its configuration and its keys on a free port
/// of the loopback interface, rotates keys, is unreachable on demand, and mints tokens of any kind.
///
/// Feature `asymmetric`. It serves `/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server` and
/// `/jwks.json` over plain http, and ends when it is dropped. There are no pages to log in: it is no `OpenID` provider.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "jwks-http")] {
/// use std::time::Duration;
/// use gatevault::testing::{self, assert_denied};
/// use gatevault::{GateVault, Issuer, Payload, RemoteKeys, TokenManager};
///
/// let provider = testing::Issuer::start();
/// let keys = RemoteKeys::discover(provider.name()).allow_plain_http().build()?;
/// keys.wait(Duration::from_secs(10))?;
/// let accepted = Issuer::new(provider.name(), keys).audience("billing");
/// let gate = GateVault::new(TokenManager::builder().accept(accepted).build()?);
///
/// let access = provider.mint().audience("billing").token(&Payload::new("ada"));
/// assert_eq!(gate.verify::<Payload>(&access)?.user_id().to_string(), "ada");
/// let elsewhere = provider.mint().audience("shipping").token(&Payload::new("ada"));
/// assert_denied!(gate.verify::<Payload>(&elsewhere), InvalidToken);
/// # }
/// # Ok::<(), gatevault::Error>(())
/// ```
pub struct Issuer {
    server: Server,
    name: String,
    tokens: TokenManager,
    ring: KeyRing,
    algorithm: Algorithm,
    published: Mutex<PublishedKeys>,
}

/// The keys that are published.
struct PublishedKeys {
    /// The number of keys so far, with those that were withdrawn.
    count: usize,
    signing: String,
    former: Vec<String>,
}

impl Issuer {
    /// Starts an issuer with a key for ES256.
    ///
    /// # Panics
    ///
    /// If no port is free or no thread can be started.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::start_with(Algorithm::ES256)
    }

    /// Starts an issuer with a key for this algorithm: one of RS256 to ES512, or `EdDSA`.
    ///
    /// # Panics
    ///
    /// If the algorithm has no key pairs, no port is free or no thread can be started.
    #[must_use]
    #[track_caller]
    pub fn start_with(algorithm: Algorithm) -> Self {
        let caller = Location::caller();
        Self::begin(algorithm).unwrap_or_else(|error| fail(caller, error))
    }

    fn begin(algorithm: Algorithm) -> Result<Self, BoxError> {
        let published = PublishedKeys { count: 1, signing: key_id(1), former: Vec::new() };
        let ring = KeyRing::new(generate(algorithm, key_id(1))?);
        let published_ring = ring.clone();
        let server = Server::start(move |address, path| document(address, path, &published_ring))?;
        let name = name_of(server.address());
        let tokens =
            TokenManager::builder().key_ring(ring.clone()).issuer(&name).subject_claim("sub").build()?;
        Ok(Self { server, name, tokens, ring, algorithm, published: Mutex::new(published) })
    }

    /// Returns the name of the issuer, which is its URL: the `iss` of its tokens, and what
    /// [`Issuer::new`](crate::Issuer::new) and `RemoteKeys::discover` take.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the URL of the key set, for `RemoteKeys::jwks`.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}{KEYS}", self.name)
    }

    /// Begins a token of this issuer; see [`mint`](super::mint). Its subject is the claim `sub`. It has an audience only if one is
    /// set.
    pub fn mint(&self) -> Mint<'_> {
        mint(&self.tokens)
    }

    /// Signs claims as they are, for tokens that this library would not create: nothing is added, not even `iss`.
    ///
    /// # Panics
    ///
    /// If the key cannot sign.
    #[must_use]
    #[track_caller]
    pub fn sign(&self, claims: &Value) -> String {
        let caller = Location::caller();
        self.tokens.sign_claims(claims.to_string().as_bytes()).unwrap_or_else(|error| fail(caller, error))
    }

    /// Adds a key, which signs from now on. The former keys stay published, as providers keep them until the last tokens of them
    /// have expired: see [`withdraw_former_keys`](Self::withdraw_former_keys).
    ///
    /// # Panics
    ///
    /// If no key can be generated.
    #[track_caller]
    pub fn rotate(&self) {
        let caller = Location::caller();
        self.add_key().unwrap_or_else(|error| fail(caller, error));
    }

    fn add_key(&self) -> Result<(), BoxError> {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        published.count = published.count.saturating_add(1);
        let id = key_id(published.count);
        self.ring.add(generate(self.algorithm, id.clone())?)?;
        self.ring.promote(&id)?;
        let former = mem::replace(&mut published.signing, id);
        published.former.push(former);
        Ok(())
    }

    /// Publishes the signing key only.
    pub fn withdraw_former_keys(&self) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        for id in published.former.drain(..) {
            // Fails for a signing key and an unknown one, and this is neither.
            self.ring.remove(&id).ok();
        }
    }

    /// Ends the service: from now on connections are closed without a response.
    pub fn go_down(&self) {
        self.server.set_down(true);
    }

    /// Begins the service again.
    pub fn come_back(&self) {
        self.server.set_down(false);
    }

    /// Returns the paths of the requests so far, the oldest first, also of those while it was down.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.server.requests()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Returns the document at a path.
fn document(address: SocketAddr, path: &str, keys: &KeyRing) -> Option<String> {
    match path {
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            let name = name_of(address);
            Some(json!({"issuer": name, "jwks_uri": format!("{name}{KEYS}")}).to_string())
        }
        KEYS => Some(keys.public_keys().to_json()),
        _ => None,
    }
}

fn name_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn key_id(number: usize) -> String {
    format!("key-{number}")
}

const KEYS: &str = "/jwks.json";
