//! A service with registration and logins, a route for members of an organization, and one for admins who logged in within the
//! last five minutes.

#![expect(missing_docs, reason = "an application, not a library")]

mod users;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use gatevault::{Auth, ClaimValue, Claims, GuardError, Verified, protected};

pub use users::{Person, Users};

#[derive(Debug, Clone, Copy, PartialEq, ClaimValue)]
pub enum Role {
    Member,
    Admin,
}

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
pub struct User {
    user_id: u64,
    #[claims(role)]
    role: Role,
    orgs: Vec<u64>,
}

impl From<&Person> for User {
    fn from(person: &Person) -> Self {
        let role = if person.admin { Role::Admin } else { Role::Member };
        Self { user_id: person.id, role, orgs: person.orgs.clone() }
    }
}

async fn me(who: Verified<User>) -> String {
    who.user_id.to_string()
}

#[protected(handler, require = user.orgs.contains(&org))]
async fn org(Path(org): Path<u64>, user: User) -> Result<String, GuardError> {
    Ok(format!("organization {org}"))
}

#[protected(handler, payload = _: User, role = Role::Admin, max_age = "5m")]
async fn remove(State(auth): State<Auth<Users>>, Path(id): Path<u64>) -> Result<StatusCode, GuardError> {
    auth.users().remove(id);
    auth.logout_everywhere(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub fn app(auth: &Auth<Users>) -> Router {
    let own = Router::new()
        .route("/me", get(me))
        .route("/orgs/{org}", get(org))
        .route("/users/{id}", delete(remove))
        .with_state(auth.clone());
    auth.routes().with_register().serve(own)
}
