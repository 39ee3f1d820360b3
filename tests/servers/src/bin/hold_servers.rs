//! Runs a Redis and a PostgreSQL for experiments: prints their URLs, and stops them when its input ends.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::io;
use std::sync::OnceLock;

use gatevault_servers::{PostgresServer, RedisServer};

fn main() -> io::Result<()> {
    // A `static` is never dropped. The servers stop with the process nevertheless, as in tests that share a server.
    static SERVERS: OnceLock<(RedisServer, PostgresServer)> = OnceLock::new();
    let (redis, postgres) = SERVERS.get_or_init(|| (RedisServer::start(), PostgresServer::start()));
    println!("{}\n{}", redis.url(), postgres.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
