//! The users, in memory: a program of yours asks its database here.

use gatevault::error::BoxError;
use gatevault::{AuthUser, Claims, UserId, UserStore};

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
pub struct User {
    pub user_id: u64,
    #[claims(scope)]
    pub scope: String,
}

#[derive(Debug, Clone, AuthUser)]
pub struct Person {
    pub id: u64,
    pub name: String,
    pub password_hash: String,
    pub scope: String,
}

impl From<&Person> for User {
    fn from(person: &Person) -> Self {
        Self { user_id: person.id, scope: person.scope.clone() }
    }
}

#[derive(Debug)]
pub struct Users(pub Vec<Person>);

impl UserStore for Users {
    type User = Person;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Person>, BoxError> {
        Ok(self.0.iter().find(|person| person.name == name).cloned())
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Person>, BoxError> {
        Ok(self.0.iter().find(|person| *id == UserId::from(person.id)).cloned())
    }
}
