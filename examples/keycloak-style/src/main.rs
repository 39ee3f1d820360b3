//! A resource server that accepts Keycloak's access tokens, and shows which tokens it refuses:
//!
//!     cargo run -p keycloak-style
//!     KEYCLOAK_REALM=https://id.example/realms/shop cargo run -p keycloak-style    (a real realm; serves until stopped)
//!
//! Without a realm a stand-in in this program (`issuer.rs`) signs the tokens, and `scenario.rs` sends them. Your own service
//! needs only this file. In Keycloak, add an "Audience" mapper with the value `orders-api` to your clients: without it the
//! tokens lack this audience, and this service refuses them.
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

mod issuer;
mod scenario;

use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::{delete, get};
use gatevault::key::RemoteKeysBuilder;
use gatevault::web::RouteGuard;
use gatevault::{Bearer, Claims, GateVault, GuardError, Issuer, RemoteKeys};
use gatevault::{TokenManager, Verified, protected};
use serde::{Deserialize, Serialize};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The audience of this service, which must be in `aud`.
const AUDIENCE: &str = "orders-api";

/// The longest "Access Token Lifespan" of the realm and its clients. Tokens that live longer are refused.
const ACCESS_TOKEN_LIFESPAN: Duration = Duration::from_mins(30);

/// The claims that this service reads. Signature, issuer, audience, kind and times are verified before.
#[derive(Debug, Clone, Claims)]
struct Caller {
    /// The user's id in Keycloak. Names can change.
    sub: String,
    preferred_username: String,
    /// The application that the token was issued to.
    azp: String,
    #[claims(scope)]
    scope: String,
    #[claims(default)] // absent for a user without roles
    realm_access: RealmAccess,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct RealmAccess {
    roles: Vec<String>,
}

impl Caller {
    fn has_realm_role(&self, role: &str) -> bool {
        self.realm_access.roles.iter().any(|held| held == role)
    }
}

async fn list(who: Verified<Caller>) -> String {
    format!("the orders of {} ({}), shown by {}", who.preferred_username, who.sub, who.azp)
}

#[protected(require = payload.has_realm_role("clerk"))]
async fn cancel(token: Bearer, Path(order): Path<u64>, payload: Caller) -> Result<String, GuardError> {
    Ok(format!("order {order} cancelled by {}", payload.preferred_username))
}

/// Builds the routes, all behind one guard: it admits only tokens with the scope `orders`.
fn app() -> Outcome<Router> {
    let guard = RouteGuard::<Caller>::installed().scopes(&["orders"])?;
    Ok(Router::new().route("/orders", get(list)).route("/orders/{order}", delete(cancel)).layer(guard))
}

/// Installs a gate that accepts the access tokens of a realm, and no ID, refresh or logout tokens. This service needs no secret.
fn trust(realm: &str, keys: RemoteKeysBuilder) -> Outcome<()> {
    let keys = keys.build()?;
    keys.wait(Duration::from_secs(30))?; // do not start without keys; this blocks, so call it outside an executor
    // The log-outs that this service learns of are kept for as long as the realm's access tokens live.
    let issuer = Issuer::new(realm, keys).audience(AUDIENCE).max_lifetime(ACCESS_TOKEN_LIFESPAN);
    GateVault::new(TokenManager::builder().accept(issuer).build()?).install()?;
    Ok(())
}

fn serve(listener: TcpListener, app: Router) -> Outcome<()> {
    listener.set_nonblocking(true)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await?;
        Ok(())
    })
}

fn main() -> Outcome<()> {
    let Ok(realm) = std::env::var("KEYCLOAK_REALM") else {
        return scenario::run();
    };
    // Exactly the `iss` of the tokens. A realm on plain `http` is refused: an attacker on the network could replace its keys.
    trust(&realm, RemoteKeys::discover(&realm))?;
    let listener = TcpListener::bind("127.0.0.1:3000")?;
    println!("the tokens of {realm} for `{AUDIENCE}` open http://{}/orders", listener.local_addr()?);
    serve(listener, app()?)
}
