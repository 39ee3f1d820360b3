//! An application whose access tokens are too large for a cookie, since its claims are.
#![expect(clippy::unwrap_used, reason = "a test's support that panics is a test that fails")]

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use gatevault::error::BoxError;
use gatevault::web::Pages;
use gatevault::{
    AuthRoutes, AuthUser, Claims, OAuthHandler, RouteGuard, TokenManager, UserId, UserStore, hash_password,
};

use crate::servers::run;
use crate::visitor::PASSWORD;

#[derive(Debug, Clone, Claims)]
struct Large {
    user_id: u64,
    padding: String,
}

#[derive(Debug, Clone)]
struct Account(String);

impl AuthUser for Account {
    fn id(&self) -> UserId {
        1.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.0)
    }
}

impl From<&Account> for Large {
    fn from(_: &Account) -> Self {
        Self { user_id: 1, padding: "x".repeat(4_000) }
    }
}

/// Every name is that of the one account.
struct Users(Account);

impl UserStore for Users {
    type User = Account;
    type Claims = Large;

    async fn find_by_name(&self, _: &str) -> Result<Option<Account>, BoxError> {
        Ok(Some(self.0.clone()))
    }

    async fn find_by_id(&self, _: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(Some(self.0.clone()))
    }
}

/// Serves the application and returns its port.
pub(crate) fn serve() -> u16 {
    let tokens = TokenManager::new(gatevault::generate_secret().unwrap()).unwrap();
    let users = Users(Account(hash_password(PASSWORD).unwrap()));
    let site = Pages::new("large").unwrap();
    let guard = RouteGuard::<Large>::with(tokens.clone()).for_pages(&site);
    let routes = AuthRoutes::new(OAuthHandler::with_users(tokens, users)).for_pages(&site).unwrap();
    let app = Router::new()
        .route("/", get(async || "never seen"))
        .layer(guard)
        .route("/login", get(async || Html(LOGIN)))
        .merge(routes.into_router());
    run(|listener| async { axum::serve(listener, app).await.unwrap() })
}

const LOGIN: &str = "<!doctype html><form method=post action=/auth/login><input name=username><input name=password>\
    <button>x</button></form>";
