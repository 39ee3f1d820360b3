//! The users, in memory: a program of yours asks its database here.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gatevault::error::BoxError;
use gatevault::{AuthUser, RegisterUsers, UserId, UserStore};

use crate::User;

#[derive(Debug, Clone, AuthUser)]
pub struct Person {
    pub id: u64,
    pub name: String,
    pub password_hash: String,
    pub admin: bool,
    pub orgs: Vec<u64>,
}

impl Person {
    #[must_use]
    pub fn new(id: u64, name: &str, password_hash: &str) -> Self {
        let (name, password_hash) = (name.to_owned(), password_hash.to_owned());
        Self { id, name, password_hash, admin: false, orgs: Vec::new() }
    }
}

#[derive(Debug, Default)]
pub struct Users(Mutex<Vec<Person>>);

impl Users {
    pub fn new(people: impl Into<Vec<Person>>) -> Self {
        Self(Mutex::new(people.into()))
    }

    pub fn remove(&self, id: u64) {
        self.people().retain(|person| person.id != id);
    }

    fn people(&self) -> MutexGuard<'_, Vec<Person>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UserStore for Users {
    type User = Person;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Person>, BoxError> {
        Ok(self.people().iter().find(|person| person.name == name).cloned())
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Person>, BoxError> {
        Ok(self.people().iter().find(|person| *id == UserId::from(person.id)).cloned())
    }
}

impl RegisterUsers for Users {
    async fn add(&self, name: &str, hash: &str) -> Result<bool, BoxError> {
        let mut people = self.people();
        if people.iter().any(|person| person.name == name) {
            return Ok(false);
        }
        let id = people.iter().map(|person| person.id).max().map_or(1, |last| last.saturating_add(1));
        people.push(Person::new(id, name, hash));
        Ok(true)
    }
}
