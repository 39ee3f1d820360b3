//! A Redis and a PostgreSQL to try something on: prints their URLs, and holds them until its input ends.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io;
use std::sync::OnceLock;

use gatevault_servers::{PostgresServer, RedisServer};

fn main() -> io::Result<()> {
    // As tests do that share a server: it is never dropped, and ends with the process all the same.
    static SERVERS: OnceLock<(RedisServer, PostgresServer)> = OnceLock::new();
    let (redis, postgres) = SERVERS.get_or_init(|| (RedisServer::start(), PostgresServer::start()));
    println!("{}\n{}", redis.url(), postgres.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
