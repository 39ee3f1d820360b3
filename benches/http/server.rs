//! The routes to compare, on a server with one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Extension, Router};
use gatevault::error::BoxError;
use gatevault::{
    Auth, AuthUser, Bearer, Claims, GuardError, MemorySessions, UserId, UserStore, Verified, protected,
    testing,
};
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::BenchResult;

/// A route, by its path.
pub(crate) struct RouteName {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
}

/// The routes. The first is the one that the others are compared with.
pub(crate) const ROUTES: [RouteName; 5] = [
    RouteName { name: "bare", path: "/bare" },
    RouteName { name: "Verified<User>", path: "/verified" },
    RouteName { name: "#[protected(handler, role = ..)]", path: "/handler" },
    RouteName { name: "#[protected(role = ..)] with `token: Bearer`", path: "/bearer" },
    RouteName { name: "extractor by hand, jsonwebtoken::decode, without revocation", path: "/by-hand" },
];

/// A server on this machine.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Server {
    /// Starts the server on a thread of its own, which ends with the process.
    pub(crate) fn start() -> BenchResult<Self> {
        let auth = Auth::new(Users, SECRET, MemorySessions::new())?;
        let token = auth.tokens().create_access_token(&User { user_id: 42, role: "admin".to_owned() })?;
        let app = auth.serve(Router::new().merge(guarded()));
        let app = app.merge(Router::new().route("/bare", get(bare)).merge(by_hand()?));

        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            runtime.block_on(async { axum::serve(TcpListener::from_std(listener)?, app).await })
        });
        Ok(Self { address, token })
    }
}

const SECRET: &str = "a secret of at least thirty-two bytes";

#[derive(Debug, Clone, Claims)]
struct User {
    user_id: u64,
    #[claims(role)]
    role: String,
}

#[derive(Clone, AuthUser)]
struct Account {
    id: u64,
    password_hash: String,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id, role: "admin".to_owned() }
    }
}

struct Users;

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, _: &str) -> Result<Option<Account>, BoxError> {
        Ok(Some(Account { id: 42, password_hash: testing::PASSWORD_HASH.to_owned() }))
    }
    async fn find_by_id(&self, _: &UserId) -> Result<Option<Account>, BoxError> {
        self.find_by_name("").await
    }
}

async fn bare() -> String {
    42.to_string()
}

async fn verified(who: Verified<User>) -> String {
    who.user_id.to_string()
}

#[protected(handler, role = "admin")]
async fn handler(user: User) -> Result<String, GuardError> {
    Ok(user.user_id.to_string())
}

#[protected(role = "admin")]
async fn bearer(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.user_id.to_string())
}

fn guarded() -> Router {
    Router::new()
        .route("/verified", get(verified))
        .route("/handler", get(handler))
        .route("/bearer", get(bearer))
}

/// The claims of the guard written by hand.
#[derive(Deserialize)]
struct HandUser {
    user_id: u64,
    role: String,
    #[serde(rename = "type")]
    kind: String,
}

/// What a program would write with jsonwebtoken: a prepared key, one decode, then its own conditions.
struct HandGuard {
    key: DecodingKey,
    validation: Validation,
}

impl<S: Sync> FromRequestParts<S> for HandUser {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
        let guard = parts.extensions.get::<Arc<HandGuard>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        let decoded = jsonwebtoken::decode::<Self>(token, &guard.key, &guard.validation);
        let user = decoded.map_err(|_| StatusCode::UNAUTHORIZED)?.claims;
        if user.kind != "access" {
            return Err(StatusCode::UNAUTHORIZED);
        }
        Ok(user)
    }
}

async fn hand(user: HandUser) -> Result<String, StatusCode> {
    if user.role != "admin" {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(user.user_id.to_string())
}

fn by_hand() -> BenchResult<Router> {
    // Another bench of the workspace enables a second back end, between which jsonwebtoken does not choose. An error means that
    // the provider is there already.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.leeway = 0;
    let guard = HandGuard { key: DecodingKey::from_secret(SECRET.as_bytes())?, validation };
    Ok(Router::new().route("/by-hand", get(hand)).layer(Extension(Arc::new(guard))))
}
