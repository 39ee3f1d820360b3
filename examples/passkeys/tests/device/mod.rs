//! A browser, and an authenticator whose owner agrees to everything.

use std::net::SocketAddr;

use async_trait::async_trait;
use gatevault::{Payload, TokenManager};
use passkey_authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey_client::{Client, DefaultClientData};
use passkey_crypto::AvailableBackend;
use passkey_types::Passkey;
use passkey_types::ctap2::{Aaguid, Ctap2Error};
use serde_json::Value;
use tokio::runtime::Runtime;
use url::Url;

use crate::test_client::{Outcome, SECRET, TestClient};

/// The origin of the pages; passkeys need no TLS on `localhost`.
pub(crate) const ORIGIN: &str = "http://localhost:3000";

pub(crate) struct Device {
    pub(crate) http: TestClient,
    passkey: Option<Passkey>,
    counts: bool,
}

impl Device {
    pub(crate) fn of(server: SocketAddr) -> Self {
        Self { http: TestClient::of(server), passkey: None, counts: false }
    }

    /// Makes an authenticator that counts its signatures, as security keys do.
    pub(crate) fn that_counts(self) -> Self {
        Self { counts: true, ..self }
    }

    /// Returns a device with the same passkey, as a synchronized one, and without cookies.
    pub(crate) fn in_another_browser(&self, server: SocketAddr) -> Self {
        Self { http: TestClient::of(server), passkey: self.passkey.clone(), ..*self }
    }

    pub(crate) fn register(&mut self, name: &str) -> Outcome<u16> {
        let options = self.ask("/passkeys/register", &format!(r#"{{"username": "{name}"}}"#))?;
        let created = self.create(&options, ORIGIN)?;
        self.send("/passkeys/register/finish", &created)
    }

    pub(crate) fn log_in(&mut self) -> Outcome<u16> {
        let options = self.ask("/passkeys/login", "")?;
        let signed = self.sign(&options, ORIGIN)?;
        self.send("/passkeys/login/finish", &signed)
    }

    /// Starts a ceremony, and returns its options.
    pub(crate) fn ask(&mut self, path: &str, body: &str) -> Outcome<Value> {
        let (status, _, body) = self.http.send_json("POST", path, body)?;
        if status == 200 { Ok(serde_json::from_str(&body)?) } else { Err(format!("{status}: {body}").into()) }
    }

    /// Finishes a ceremony, and returns the status.
    pub(crate) fn send(&mut self, path: &str, credential: &Value) -> Outcome<u16> {
        Ok(self.http.send_json("POST", path, &credential.to_string())?.0)
    }

    /// Creates a passkey, as `navigator.credentials.create`.
    pub(crate) fn create(&mut self, options: &Value, origin: &str) -> Outcome<Value> {
        let mut client = self.client();
        let options = serde_json::from_value(options.clone())?;
        let origin = Url::parse(origin)?;
        let created = client.register(&origin, options, DefaultClientData);
        let created = Runtime::new()?.block_on(created).map_err(|error| format!("{error:?}"))?;
        self.passkey.clone_from(client.authenticator().store());
        Ok(serde_json::to_value(created)?)
    }

    /// Signs a challenge, as `navigator.credentials.get`.
    pub(crate) fn sign(&mut self, options: &Value, origin: &str) -> Outcome<Value> {
        let mut client = self.client();
        let options = serde_json::from_value(options.clone())?;
        let origin = Url::parse(origin)?;
        let signed = client.authenticate(&origin, options, DefaultClientData);
        let signed = Runtime::new()?.block_on(signed).map_err(|error| format!("{error:?}"))?;
        self.passkey.clone_from(client.authenticator().store());
        Ok(serde_json::to_value(signed)?)
    }

    /// Returns the id of the account that is logged in.
    pub(crate) fn account(&self) -> Outcome<String> {
        let tokens = TokenManager::builder().secret(SECRET).build()?;
        Ok(tokens.decode_access_token::<Payload>(&self.http.access)?.user_id().to_string())
    }

    fn client(
        &self,
    ) -> Client<Option<Passkey>, Owner, AvailableBackend, public_suffix::PublicSuffixList, ()> {
        let mut authenticator =
            Authenticator::new(Aaguid::new_empty(), self.passkey.clone(), Owner, AvailableBackend);
        authenticator.set_make_credentials_with_signature_counter(self.counts);
        Client::new(authenticator).allows_insecure_localhost(true)
    }
}

/// An owner who is there, and whose fingerprint the device knows.
struct Owner;

#[async_trait]
impl UserValidationMethod for Owner {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}
