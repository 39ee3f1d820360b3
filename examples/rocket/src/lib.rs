//! The board: its parts and its routes.

mod error;
mod memory;
mod names;

use gatevault::error::BoxError;
use gatevault::web::{RouteGuard, denial_catchers};
use gatevault::{
    AuthRoutes, Bearer, ClaimValue, Claims, GateVault, LoginThrottle, MemoryAttempts, MemorySessions,
    OAuthHandler, PasswordHasher, TokenManager, Verified, protected,
};
use rocket::http::Status;
use rocket::serde::Deserialize;
use rocket::serde::json::{self, Json};
use rocket::{Build, Rocket, State, delete, get, post, routes};

pub use error::AppError;
use memory::{Memory, Message};
use names::NewName;

/// The claims of an access token. The id of an account is the canonical spelling of its name, which never changes.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: String,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
enum Role {
    Member,
    Moderator,
}

// Without `Debug`, so that no log can contain a password.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Credentials {
    username: String,
    password: String,
}

/// Registers an account. It takes a `Result`, because Rocket logs the input of a data guard that fails, here a password.
#[post("/register", data = "<new>")]
async fn register(
    memory: &State<Memory>,
    hasher: &State<PasswordHasher>,
    new: Result<Json<Credentials>, json::Error<'_>>,
) -> Result<Status, AppError> {
    let new = new.map_err(|_| AppError::Invalid("`username` and `password` are needed, as JSON"))?;
    let Credentials { username, password } = new.into_inner();
    let name = require_acceptable(&username, &password)?;
    memory.register(name, Role::Member, hasher.async_hash(password).await?)?;
    Ok(Status::Created)
}

/// Returns the name, if name and password can be registered.
fn require_acceptable(username: &str, password: &str) -> Result<NewName, AppError> {
    if password.chars().count() < 8 {
        return Err(AppError::Invalid("a password needs at least 8 characters"));
    }
    NewName::parse(username).map_err(AppError::Invalid)
}

/// A guarded handler. Its gate is managed by Rocket.
#[protected(gate = gate)]
#[get("/messages")]
fn list(
    gate: &State<GateVault>,
    token: Bearer,
    memory: &State<Memory>,
) -> Result<Json<Vec<Message>>, AppError> {
    Ok(Json(memory.messages()))
}

/// A handler with a request guard: the body is read after the token was verified.
#[post("/messages", data = "<text>")]
fn write(who: Verified<User>, memory: &State<Memory>, text: Json<String>) -> Status {
    memory.write(Message { author: who.into_claims().user_id, text: text.into_inner() });
    Status::Created
}

/// Deletes messages. Authors delete their own, moderators delete all.
#[protected(gate = gate, require = payload.user_id == author || payload.role == Role::Moderator)]
#[delete("/messages/<author>")]
fn take_back(
    gate: &State<GateVault>,
    token: Bearer,
    memory: &State<Memory>,
    author: &str,
    payload: User,
) -> Result<Status, AppError> {
    memory.take_back(author);
    Ok(Status::NoContent)
}

#[get("/accounts")]
fn accounts(memory: &State<Memory>) -> Json<Vec<String>> {
    Json(memory.names())
}

/// Mounts the board on a Rocket.
///
/// # Errors
///
/// A secret of less than 32 bytes, and a moderator's password that is too short.
pub fn board(
    rocket: Rocket<Build>,
    secret: &str,
    moderator: Option<&str>,
    hasher: PasswordHasher,
) -> Result<Rocket<Build>, BoxError> {
    let memory = Memory::default();
    if let Some(password) = moderator {
        let name = require_acceptable("moderator", password)?;
        memory.register(name, Role::Moderator, hasher.hash(password)?)?;
    }
    let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
    let oauth = OAuthHandler::with_users(tokens.clone(), memory.clone())
        .hasher(hasher.clone())
        .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical))
        .session_store(MemorySessions::new());

    let moderators = RouteGuard::with(tokens.clone());
    let moderators = moderators.require("a moderator", |who: &Verified<User>| who.role == Role::Moderator);
    Ok(rocket
        .manage(GateVault::new(tokens))
        .manage(hasher)
        .manage(memory)
        .mount("/", routes![register, list, write, take_back])
        .mount("/moderation", moderators.guard_routes(routes![accounts]))
        // Behind your own proxy: `.trusted_proxies(1)`, so that the throttle counts clients and not the proxy.
        .mount("/", AuthRoutes::new(oauth))
        // A request guard of Rocket cannot respond, so these catchers respond for `Verified`.
        .register("/", denial_catchers()))
}
