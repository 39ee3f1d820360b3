//! The handlers of the routes, which axum and actix-web share, and the login service behind the guards.

use std::future::{Ready, ready};
use std::sync::Arc;

use gatevault::error::BoxError;
use gatevault::{
    Auth, AuthUser, Bearer, Claims, GuardError, MemorySessions, TokenManager, UserId, UserStore, Verified,
    protected, testing,
};

use crate::BenchResult;

pub(crate) const SECRET: &str = "a secret of at least thirty-two bytes";

/// Creates the login service whose gate verifies the tokens, and an access token of it.
pub(crate) fn auth() -> BenchResult<(Auth<Users>, String)> {
    let auth = Auth::new(Users, SECRET, MemorySessions::new())?;
    let token = auth.tokens().create_access_token(&User { user_id: 42, role: "admin".to_owned() })?;
    Ok((auth, token))
}

#[derive(Debug, Clone, Claims)]
pub(crate) struct User {
    user_id: u64,
    #[claims(role)]
    role: String,
}

#[derive(Clone, AuthUser)]
pub(crate) struct Account {
    id: u64,
    password_hash: String,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id, role: "admin".to_owned() }
    }
}

pub(crate) struct Users;

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

pub(crate) async fn bare() -> String {
    42.to_string()
}

pub(crate) async fn verified(who: Verified<User>) -> String {
    who.user_id.to_string()
}

#[protected(handler, role = "admin")]
pub(crate) async fn handler(user: User) -> Result<String, GuardError> {
    Ok(user.user_id.to_string())
}

#[protected(role = "admin")]
pub(crate) async fn bearer(token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.user_id.to_string())
}

/// Creates a handler that decodes this token, which no request brings: the cost of the verification alone.
pub(crate) fn decoding(tokens: &TokenManager, token: &str) -> impl Fn() -> Ready<String> + Clone + use<> {
    let (tokens, token): (_, Arc<str>) = (tokens.clone(), token.into());
    move || {
        let verified = tokens.decode_access_token::<User>(&token);
        ready(verified.map_or_else(|error| error.to_string(), |who| who.user_id.to_string()))
    }
}
