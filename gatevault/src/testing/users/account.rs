//! `TestUser`: an account.

use std::fmt;

use crate::claims::{Payload, UserId};
use crate::login::AuthUser;
use crate::testing::PASSWORD_HASH;

/// An account of [`Users`](super::Users), whose password is [`PASSWORD`](crate::testing::PASSWORD).
///
/// It converts into a [`Payload`] with the claims `role` and `scope`. For a claims type of your own, implement
/// `From<&TestUser>`.
///
/// # Examples
///
/// ```
/// use gatevault::Payload;
/// use gatevault::testing::TestUser;
///
/// let ada = TestUser::new(1, "ada").with_role("admin").with_scopes(["posts:read", "posts:write"]);
/// let claims = Payload::from(&ada);
/// assert_eq!((&claims["role"], &claims["scope"]), (&"admin".into(), &"posts:read posts:write".into()));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TestUser {
    id: UserId,
    name: String,
    role: Option<String>,
    scopes: Vec<String>,
    pub(super) hash: Option<String>,
}

impl TestUser {
    /// Creates an account without a role and without scopes.
    #[must_use]
    pub fn new(id: impl Into<UserId>, name: impl Into<String>) -> Self {
        let hash = Some(PASSWORD_HASH.to_owned());
        Self { id: id.into(), name: name.into(), role: None, scopes: Vec::new(), hash }
    }

    /// Sets the role.
    #[must_use]
    pub fn with_role(self, role: impl Into<String>) -> Self {
        Self { role: Some(role.into()), ..self }
    }

    /// Sets the scopes.
    #[must_use]
    pub fn with_scopes<I: IntoIterator<Item: Into<String>>>(self, scopes: I) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the hash of another password, or `None` for an account without one.
    #[must_use]
    pub fn with_hash(self, hash: Option<String>) -> Self {
        Self { hash, ..self }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &UserId {
        &self.id
    }

    /// Returns the login name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the role.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// Returns the scopes.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }
}

impl AuthUser for TestUser {
    fn id(&self) -> UserId {
        self.id.clone()
    }

    fn hashed_password(&self) -> Option<&str> {
        self.hash.as_deref()
    }
}

/// The claims `role` and `scope`, each if the account has one.
impl From<&TestUser> for Payload {
    fn from(user: &TestUser) -> Self {
        let payload = Self::new(user.id.clone());
        let payload = match user.role() {
            Some(role) => payload.with("role", role),
            None => payload,
        };
        if user.scopes.is_empty() { payload } else { payload.with("scope", user.scopes.join(" ")) }
    }
}

/// Shows no hash.
impl fmt::Debug for TestUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, role, scopes, hash: _ } = self;
        let mut user = f.debug_struct("TestUser");
        user.field("id", id).field("name", name).field("role", role).field("scopes", scopes);
        user.finish_non_exhaustive()
    }
}
