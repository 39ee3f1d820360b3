//! A resource server that takes the access tokens of Keycloak, and what it refuses:
//!
//!     cargo run -p keycloak-style
//!     KEYCLOAK_REALM=https://id.example/realms/shop cargo run -p keycloak-style    (a real one; serves until stopped)
//!
//! Without a realm a stand-in in this program (`issuer.rs`) signs the tokens, and `story.rs` shows them. All that a service
//! of yours needs is in this file. In Keycloak give your clients the scope of an "Audience" mapper with the value
//! `orders-api`: without one it writes no audience of yours, and nothing is accepted here.
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

mod issuer;
mod story;

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

/// Who we are to Keycloak: what must be in `aud`.
const AUDIENCE: &str = "orders-api";

/// What we read of an access token. Who signed it for whom, and until when, is judged before any of this.
#[derive(Debug, Clone, Claims)]
struct Caller {
    /// The id in Keycloak; names change.
    sub: String,
    preferred_username: String,
    /// `Bearer` in an access token. That of an ID token is `ID`, and it has the same issuer and signature.
    typ: String,
    /// The application that the token was issued to.
    azp: String,
    #[claims(scope)]
    scope: String,
    #[claims(default)] // not there for a user without roles
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

/// Every route of ours is behind a guard: only an access token opens it, and only one for orders.
fn app() -> Router {
    let guard = RouteGuard::<Caller>::installed()
        .require("an access token", |who| who.typ == "Bearer")
        .scopes(&["orders"]);
    Router::new().route("/orders", get(list)).route("/orders/{order}", delete(cancel)).layer(guard)
}

/// Installs a gate that accepts the tokens of a realm; no secret of ours is needed.
fn trust(realm: &str, keys: RemoteKeysBuilder) -> Outcome<()> {
    let keys = keys.build()?;
    keys.wait(Duration::from_secs(30))?; // do not start without keys; this blocks, and so stands outside of any executor
    let issuer = Issuer::new(realm, keys).audience(AUDIENCE);
    // Clocks of two machines differ a little.
    GateVault::new(TokenManager::builder().accept(issuer).leeway(Duration::from_secs(5)).build()?)
        .install()?;
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
        return story::tell();
    };
    // Exactly as the tokens have it in `iss`. A realm on plain `http` is refused: whoever is on the way could sign.
    trust(&realm, RemoteKeys::discover(&realm))?;
    let listener = TcpListener::bind("127.0.0.1:3000")?;
    println!("the tokens of {realm} for `{AUDIENCE}` open http://{}/orders", listener.local_addr()?);
    serve(listener, app())
}
