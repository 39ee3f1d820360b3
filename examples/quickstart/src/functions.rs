//! The guarded functions, and the claims of their tokens.

use gatevault::{ClaimValue, Claims, GuardError, Verified, protected};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ClaimValue)]
#[claims(rename_all = "lowercase")]
pub enum Role {
    Member,
    Admin,
}

#[derive(Debug, Clone, Claims)]
pub struct User {
    pub user_id: i64,
    pub role: Role,
}

/// Returns who the token says the caller is: open to any verified user.
#[protected]
pub fn profile(payload: User) -> Result<String, GuardError> {
    Ok(format!("user {} is a {:?}", payload.user_id, payload.role))
}

/// Reads notes. Users read their own, admins read all.
#[protected(require = payload.user_id == owner || payload.role == Role::Admin)]
pub async fn notes(owner: i64, payload: User) -> Result<String, GuardError> {
    tokio::task::yield_now().await; // a query
    Ok(format!("the notes of user {owner}, read by user {}", payload.user_id))
}

/// Takes `&Verified<User>`, so it cannot be called without a verified token.
fn delete_everything(who: &Verified<User>) -> String {
    format!("everything deleted by user {} with token {}", who.user_id, who.token_id().unwrap_or_default())
}

#[protected(require = payload.role >= Role::Admin)]
pub fn reset(payload: Verified<User>) -> Result<String, GuardError> {
    Ok(delete_everything(&payload))
}
