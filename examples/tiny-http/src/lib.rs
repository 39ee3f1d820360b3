//! The application: its parts, its routing, and its guarded functions.

mod accounts;
mod error;
mod names;

use std::io::{Cursor, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use gatevault::error::BoxError;
use gatevault::web::{HttpResponse, RouteGuard};
use gatevault::{
    AuthRoutes, ClaimValue, Claims, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher,
    SqliteSessions, TokenManager, protected,
};
use rusqlite::params;
use serde::de::DeserializeOwned;
use tiny_http::{Method, Request, Response, Server};

use accounts::{Credentials, Database};
pub use error::AppError;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: i64,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
enum Role {
    Member,
    Admin,
}

/// The state that all threads share.
#[derive(Debug)]
pub struct App {
    db: Database,
    hasher: PasswordHasher,
    tokens: TokenManager,
    routes: AuthRoutes<Database>,
    admins: RouteGuard<User>,
}

type Text = Response<Cursor<Vec<u8>>>;
type Reply = Result<Text, AppError>;

impl App {
    /// Opens a database, or creates it if it is missing.
    ///
    /// # Errors
    ///
    /// An unusable file, and a secret of less than 32 bytes.
    pub fn open(database: &Path, secret: &str, hasher: PasswordHasher) -> Result<Self, BoxError> {
        let db = Database::open(database)?;
        // In the same file, so that sessions survive a restart.
        let sessions = SqliteSessions::blocking(database)?;

        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        let oauth = OAuthHandler::with_sync_users(tokens.clone(), db.clone())
            .hasher(hasher.clone())
            .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical))
            .session_store(sessions);
        let admins =
            RouteGuard::<User>::with(tokens.clone()).require("an admin", |who| who.role == Role::Admin);
        // Behind your own proxy: `.trusted_proxies(1)`, so that the throttle counts clients and not the proxy.
        Ok(Self { db, hasher, tokens, routes: AuthRoutes::new(oauth), admins })
    }

    /// Makes a user an admin, from their next login or refresh on.
    ///
    /// # Errors
    ///
    /// An unknown name, and errors of the database.
    pub fn promote(&self, name: &str) -> Result<(), AppError> {
        self.db.promote(name)
    }

    fn respond(&self, mut request: Request) -> std::io::Result<()> {
        if let Some(response) = self.routes.respond_to(&mut request) {
            return request.respond(response);
        }
        if request.url().starts_with("/admin/") {
            return self.admins.respond_behind(request, |request, _| text(self.admin(request)));
        }
        let reply = self.route(&mut request);
        request.respond(text(reply))
    }

    fn route(&self, request: &mut Request) -> Reply {
        let (method, path) = (request.method().clone(), path_of(request));
        let steps: Vec<_> = path.split('/').skip(1).collect();
        match (method, steps.as_slice()) {
            (Method::Post, ["register"]) => self.register(request),
            (Method::Get, ["lists", owner]) => self.list(request, id(owner)?),
            (Method::Post, ["lists", owner]) => self.add(request, id(owner)?),
            (Method::Delete, ["lists", owner]) => self.clear(request, id(owner)?),
            _ => Err(NOT_FOUND),
        }
    }

    fn register(&self, request: &mut Request) -> Reply {
        let new: Credentials = body(request)?;
        let name = new.require_acceptable()?;
        self.db.add(&name, &self.hasher.hash(&new.password)?)?;
        Ok(empty(201))
    }

    /// Reads a list. Members read their own, admins read all.
    #[protected(gate = self.tokens, require = payload.user_id == owner || payload.role == Role::Admin)]
    fn list(&self, token: &Request, owner: i64, payload: User) -> Reply {
        let db = self.db.connection();
        let mut query = db.prepare_cached("SELECT text FROM tasks WHERE owner = ?1 ORDER BY id")?;
        let rows = query.query_map([owner], |row| row.get(0))?;
        Ok(json(rows.collect::<Result<_, _>>()?))
    }

    /// Adds to a list. The body is read here, behind the guard.
    #[protected(gate = self.tokens, require = payload.user_id == owner)]
    fn add(&self, token: &mut Request, owner: i64, payload: User) -> Reply {
        let text: String = body(token)?;
        let query = "INSERT INTO tasks (owner, text) VALUES (?1, ?2)";
        self.db.connection().execute(query, params![owner, text])?;
        Ok(empty(201))
    }

    #[protected(gate = self.tokens, require = payload.user_id == owner)]
    fn clear(&self, token: &Request, owner: i64, payload: User) -> Reply {
        self.db.connection().execute("DELETE FROM tasks WHERE owner = ?1", [owner])?;
        Ok(empty(204))
    }

    /// Handles the admin paths, behind their guard.
    fn admin(&self, request: &Request) -> Reply {
        match (request.method(), path_of(request).as_str()) {
            (Method::Get, "/admin/accounts") => Ok(json(self.db.names()?)),
            _ => Err(NOT_FOUND),
        }
    }
}

fn text(reply: Reply) -> Text {
    reply.unwrap_or_else(Text::from)
}

fn path_of(request: &Request) -> String {
    let (path, _) = request.url().split_once('?').unwrap_or((request.url(), ""));
    path.to_owned()
}

fn id(step: &str) -> Result<i64, AppError> {
    step.parse().map_err(|_| NOT_FOUND)
}

/// Reads a JSON body. A body over the limit is truncated and so fails to parse.
fn body<T: DeserializeOwned>(request: &mut Request) -> Result<T, AppError> {
    let body = request.as_reader().take(16 * 1024);
    serde_json::from_reader(body).map_err(|_| AppError::Refused(422, "the body is not the expected JSON"))
}

fn json(texts: Vec<String>) -> Text {
    let body = serde_json::Value::from(texts).to_string();
    HttpResponse::new(200).with_header("content-type", "application/json").with_body(body).into()
}

fn empty(status: u16) -> Text {
    Text::from_data([]).with_status_code(status)
}

/// Serves until the process ends. A login occupies a thread while its password is hashed, a slow client for as long as it
/// likes: use more threads than processors, and a proxy in front.
///
/// # Errors
///
/// Errors of the listener.
pub fn serve(listener: TcpListener, app: &App) -> Result<(), BoxError> {
    let server = Server::from_listener(listener, None)?;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for request in server.incoming_requests() {
                    if let Err(error) = app.respond(request) {
                        tracing::info!(%error, "client disconnected");
                    }
                }
            });
        }
    });
    Ok(())
}

const NOT_FOUND: AppError = AppError::Refused(404, "not found");
const THREADS: usize = 16;
