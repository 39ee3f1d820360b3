//! A service that only guards: it fetches public keys and follows revocations. A guarded call does no I/O.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use gatevault::session::StalePolicy;
use gatevault::{Bearer, GateVault, GuardError, Issuer, RedisSessions, RemoteKeys, RevocationFeed};
use gatevault::{TokenManager, protected};
use tokio::runtime::Runtime;

use crate::{AUDIENCE, ISSUER, Outcome, User, serve};

#[protected]
async fn show(State(name): State<String>, token: Bearer, payload: User) -> Result<String, GuardError> {
    Ok(format!("the {name} of user {}", payload.sub))
}

pub fn run(runtime: &Runtime, name: &str, redis: &str, auth: &str) -> Outcome<()> {
    // Plain `http` within one machine, and a second between fetches, so that the scenario is short. Use neither in production.
    let keys = RemoteKeys::jwks(format!("{auth}/.well-known/jwks.json"))
        .allow_plain_http()
        .min_refetch_interval(Duration::from_secs(1))
        .build()?;
    keys.wait(Duration::from_secs(30))?;
    let issuer = Issuer::new(ISSUER, keys).audience(AUDIENCE).at_jwt();
    // A logout is remembered for as long as a token of the issuer can live: 24 h, unless `Issuer::max_lifetime` says otherwise.
    let tokens = TokenManager::builder().accept(issuer).build()?;

    // While Redis is unreachable for longer than this, logouts may be missing, so guards answer 503.
    let sessions = runtime.block_on(RedisSessions::connect(redis))?;
    let feed = RevocationFeed::of(sessions)
        .max_staleness(Duration::from_secs(10))
        .when_stale(StalePolicy::Deny)
        .follow(&tokens)?;
    GateVault::new(tokens).install()?;
    serve(runtime, Router::new().route("/", get(show)).with_state(name.to_owned()))?;

    // Until the parent process ends.
    std::io::stdin().lines().for_each(drop);
    drop(feed);
    Ok(())
}
