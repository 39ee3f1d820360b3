//! The login service. Only this service has signing keys; a line on its standard input rotates them.

use std::time::Duration;

use gatevault::error::BoxError;
use gatevault::{AuthRoutes, AuthUser, KeyRing, LoginThrottle, OAuthHandler, RedisAttempts, RedisSessions};
use gatevault::{SigningKey, TokenManager, UserId, UserStore, hash_password};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use tokio::runtime::Runtime;

use crate::{AUDIENCE, ISSUER, Outcome, User, serve};

#[derive(Clone)]
struct Account {
    id: u64,
    password_hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.password_hash)
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { sub: account.id }
    }
}

/// The one account of this example, in place of a database.
struct Accounts {
    ada: Account,
}

impl UserStore for Accounts {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok((name == "ada").then(|| self.ada.clone()))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok((*id == self.ada.id()).then(|| self.ada.clone()))
    }
}

/// Serves until its standard input ends. Each node of this service has the same `digest_secret`.
pub fn run(runtime: &Runtime, redis: &str, digest_secret: &str) -> Outcome<()> {
    let ring = KeyRing::new(fresh_key("1")?); // in production from the configuration that all nodes of this service share
    let tokens = TokenManager::builder()
        .key_ring(ring.clone())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject_claim("sub")
        .access_expiry(Duration::from_mins(5))
        .at_jwt() // without it, another service takes a refresh token for an access token
        .build()?;
    let ada = Account { id: 1, password_hash: hash_password("correct horse")? };
    let sessions = runtime.block_on(RedisSessions::connect(redis))?;
    let attempts = runtime.block_on(RedisAttempts::connect(redis))?;
    let oauth = OAuthHandler::with_users(tokens.clone(), Accounts { ada })
        .throttle(LoginThrottle::new(attempts).digest_secret(digest_secret)) // without it, Redis has plain hashes of names
        .session_store(sessions);
    // Behind your own proxy: `.trusted_proxies(1)`, so that the throttle counts clients and not the proxy.
    serve(runtime, AuthRoutes::new(oauth).without_cookies().publish_keys(&ring).into_router())?;

    // The operator's command. In production, promote a key after all services have had time to fetch it; here at once.
    let mut current = "1".to_owned();
    for next in std::io::stdin().lines() {
        let next = next?;
        ring.add(fresh_key(&next)?)?;
        ring.promote(&next)?;
        tokens.retire_key(&current)?; // published until its last token has expired, and dropped then
        println!("signing with {next}");
        current = next;
    }
    Ok(())
}

fn fresh_key(id: &str) -> Outcome<SigningKey> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(SigningKey::es256(pair.serialize_pem())?.with_id(id)?)
}
