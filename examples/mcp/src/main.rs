//! An MCP server over HTTP whose tools are guarded by scope, and an agent that finds out where its tokens come from:
//!
//!     cargo run -p mcp-example     (needs Node.js 20.12 or newer with npm)
//!
//! `server.rs` has the server. The agent is a client of the official MCP SDK (`client/agent.mjs`), its user has a browser
//! (`client/browser.mjs`), and the authorization server is a certified `OpenID` provider (`client/provider.mjs`). The walk in
//! `client/walk.mjs` fails unless every answer is the expected one.
#![expect(unreachable_pub, reason = "a program has no public interface")]

mod node;
mod server;

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use crate::node::Programs;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let origin = format!("http://{}", listener.local_addr()?);
    // Of the second resource there are only tokens, which the first one must refuse.
    let (resource, other) = (format!("{origin}/mcp"), format!("{origin}/mail"));

    let programs = Programs::install()?;
    let provider = programs.start_provider([&resource, &other])?;
    let app = server::app(&resource, &provider.issuer)?;
    thread::spawn(|| server::serve(listener, app));
    programs.walk([&resource, &other])
}
