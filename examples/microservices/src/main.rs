//! One service logs users in. Two others verify its tokens and receive its logouts. Each is a process:
//!
//!     cargo run -p microservices        (needs redis-server, or a REDIS_URL)
//!
//! `auth.rs` signs, publishes its public keys, and keeps sessions in Redis. `resource.rs` is the other two, which share no
//! secret with it. `scenario.rs` starts them as `microservices auth`, `orders` and `billing`, and calls them.
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

mod auth;
mod resource;
mod scenario;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use gatevault::Claims;
use tokio::runtime::Runtime;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The settings that the services share.
const ISSUER: &str = "https://auth.shop.example";
const AUDIENCE: &str = "shop";

/// The claims of an access token: a login writes them, a resource reads them.
#[derive(Debug, Claims)]
struct User {
    sub: u64,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => scenario::run(),
        ["auth"] => auth::run(&Runtime::new()?, &variable("REDIS_URL")?, &variable("DIGEST_SECRET")?),
        [name @ ("orders" | "billing")] => {
            resource::run(&Runtime::new()?, name, &variable("REDIS_URL")?, &variable("AUTH_URL")?)
        }
        _ => Err("usage: microservices [auth|orders|billing]".into()),
    }
}

fn variable(name: &str) -> Outcome<String> {
    std::env::var(name).map_err(|_| format!("`{name}` is not set").into())
}

/// Serves on a free port and prints its address on the first line.
fn serve(runtime: &Runtime, app: Router) -> Outcome<()> {
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    println!("http://{}", listener.local_addr()?);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    runtime.spawn(async { axum::serve(listener, app).await });
    Ok(())
}
