//! The service: its parts and its handlers. Queries run on the blocking pool.

mod accounts;
mod database;
mod error;
mod invoices;
mod names;

use std::net::TcpListener;
use std::path::Path;

use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer, get, post};
use gatevault::error::BoxError;
use gatevault::web::RouteGuard;
use gatevault::{
    AuthRoutes, Bearer, ClaimValue, Claims, GateVault, LoginThrottle, MemoryAttempts, OAuthHandler,
    PasswordHasher, SqliteSessions, TokenManager, Verified, protected,
};

use accounts::Credentials;
use database::Database;
pub use error::AppError;
use invoices::Invoice;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: i64,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
enum Role {
    Seller,
    Auditor,
}

/// The state that all workers share.
#[derive(Debug, Clone)]
pub struct Service {
    db: Database,
    hasher: PasswordHasher,
    routes: AuthRoutes<Database>,
}

impl Service {
    /// Opens a database, creates it if it is missing, and installs the gate of the process. Call it once.
    ///
    /// # Errors
    ///
    /// An unusable file, a secret of less than 32 bytes, and a second call.
    pub async fn open(database: &Path, secret: &str, hasher: PasswordHasher) -> Result<Self, BoxError> {
        let db = Database::open(database)?;
        // In the same file, so that sessions survive a restart.
        let sessions = SqliteSessions::open(database).await?;

        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        GateVault::new(tokens.clone()).install()?;
        let oauth = OAuthHandler::with_users(tokens, db.clone())
            .hasher(hasher.clone())
            .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical))
            .session_store(sessions);
        // Behind your own proxy: `.trusted_proxies(1)`, so that the throttle counts clients and not the proxy.
        Ok(Self { db, hasher, routes: AuthRoutes::new(oauth) })
    }

    /// Makes a user an auditor, from their next login or refresh on.
    ///
    /// # Errors
    ///
    /// An unknown name, and errors of the database.
    pub async fn promote(&self, name: String) -> Result<(), AppError> {
        self.db.run(move |db| accounts::promote(db, &name)).await
    }
}

#[post("/register")]
async fn register(service: Data<Service>, new: Json<Credentials>) -> Result<HttpResponse, AppError> {
    let name = new.require_acceptable()?;
    let hash = service.hasher.async_hash(new.into_inner().password).await?;
    service.db.run(move |db| accounts::add(db, &name, &hash)).await?;
    Ok(HttpResponse::Created().finish())
}

/// A guarded handler.
#[get("/me")]
#[protected]
async fn me(token: Bearer, payload: User) -> Result<Json<i64>, AppError> {
    Ok(Json(payload.user_id))
}

/// A handler with an extractor as its guard: the body is read after the token was verified.
#[post("/invoices")]
async fn write(
    who: Verified<User>,
    service: Data<Service>,
    new: Json<Invoice>,
) -> Result<HttpResponse, AppError> {
    service.db.run(move |db| invoices::add(db, &who, &new)).await?;
    Ok(HttpResponse::Created().finish())
}

/// A handler that passes the token on: the function that reads the rows decides.
#[get("/accounts/{seller}/invoices")]
async fn list(
    service: Data<Service>,
    token: Bearer,
    seller: web::Path<i64>,
) -> Result<Json<Vec<Invoice>>, AppError> {
    let seller = seller.into_inner();
    Ok(Json(service.db.run(move |db| invoices::of_seller(&token, db, seller)).await?))
}

async fn total(service: Data<Service>) -> Result<Json<i64>, AppError> {
    Ok(Json(service.db.run(invoices::total).await?))
}

/// Serves until the process receives a signal to end.
///
/// # Errors
///
/// Errors of the listener.
pub async fn serve(listener: TcpListener, service: Service) -> std::io::Result<()> {
    let (routes, service) = (service.routes.clone(), Data::new(service));
    let app = move || {
        let auditors = RouteGuard::<User>::installed().require("an auditor", |who| who.role == Role::Auditor);
        let audit = web::scope("/audit").route("/total", web::get().to(total)).wrap(auditors);
        let open = (register, me, write, list, audit, routes.clone());
        App::new().app_data(service.clone()).service(open)
    };
    HttpServer::new(app).listen(listener)?.run().await
}
