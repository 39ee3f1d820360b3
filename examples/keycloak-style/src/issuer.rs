//! A stand-in for a Keycloak realm: its two documents over HTTP, the shape of its tokens, and key rotation.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::SystemTime;

use axum::Router;
use axum::routing::get;
use jsonwebtoken::crypto::rust_crypto;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::Outcome;

pub struct Realm {
    /// The realm's URL, which is the `iss` of its tokens.
    pub url: String,
    signing: EncodingKey,
    kid: String,
    published: Arc<Mutex<Vec<Jwk>>>,
}

impl Realm {
    /// Starts a realm with a fresh key on a free port.
    pub fn start() -> Outcome<Self> {
        // The process has several providers of cryptography, so none is the default. A second start finds this one installed.
        rust_crypto::DEFAULT_PROVIDER.install_default().ok();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}/realms/shop", listener.local_addr()?);
        let signing = fresh_key()?;
        let mut realm = Self { url, signing, kid: String::new(), published: Arc::default() };
        realm.rotate()?;
        let (issuer, published) = (realm.url.clone(), realm.published.clone());
        thread::spawn(move || publish(listener, &issuer, published));
        Ok(realm)
    }

    /// Rotates the signing key. The previous key stays published, so every user stays logged in.
    pub fn rotate(&mut self) -> Outcome<()> {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        self.signing = fresh_key()?;
        self.kid = format!("{}#{}", self.url, published.len());
        let mut key = Jwk::from_encoding_key(&self.signing, Algorithm::RS256)?;
        key.common.key_id = Some(self.kid.clone());
        key.common.public_key_use = Some(PublicKeyUse::Signature);
        published.push(key);
        Ok(())
    }

    /// Creates an access token in Keycloak's shape. `claims` replaces members; a null leaves one out.
    pub fn token(&self, replaced: &Value) -> Outcome<String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
        let mut claims = json!({
            "exp": now.saturating_add(300),
            "iat": now,
            "jti": "onrtac:8d5f0f5e-7d0c-4c3b-9b7e-6f3f2a6f4c11",
            "iss": self.url,
            "aud": ["orders-api", "account"],
            "sub": "f1c4f64e-2c0c-4cda-8c9f-9f3f8f3a2b0e",
            "typ": "Bearer",
            "azp": "shop-web",
            "sid": "2a88c258-f73a-4103-b862-e1fbd8f4e04e",
            "acr": "1",
            "realm_access": { "roles": ["default-roles-shop", "offline_access"] },
            "resource_access": { "account": { "roles": ["view-profile"] } },
            "scope": "openid profile email orders",
            "email_verified": true,
            "preferred_username": "ada",
        });
        if let (Some(claims), Some(replaced)) = (claims.as_object_mut(), replaced.as_object()) {
            claims.extend(replaced.clone());
            claims.retain(|_, value| !value.is_null());
        }
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }
}

fn fresh_key() -> Outcome<EncodingKey> {
    Ok(EncodingKey::from_rsa_pem(KeyPair::generate_for(&PKCS_RSA_SHA256)?.serialize_pem().as_bytes())?)
}

/// Serves both documents at Keycloak's paths.
fn publish(listener: TcpListener, issuer: &str, published: Arc<Mutex<Vec<Jwk>>>) {
    let certs = format!("{issuer}/protocol/openid-connect/certs");
    let configuration = json!({ "issuer": issuer, "jwks_uri": certs }).to_string();
    let keys =
        move || json!({ "keys": *published.lock().unwrap_or_else(PoisonError::into_inner) }).to_string();
    let app = Router::new()
        .route("/realms/shop/.well-known/openid-configuration", get(|| async { configuration }))
        .route("/realms/shop/protocol/openid-connect/certs", get(|| async move { keys() }));
    // The scenario fails if the realm is unreachable.
    crate::serve(listener, app).ok();
}
