//! An MCP server over HTTP whose tools are guarded by scope, and an agent that is refused and then served:
//!
//!     cargo run -p mcp-example
//!
//! `server.rs` has the server. This file is the agent, and the authorization server that its tokens come from. It fails
//! unless every answer is the expected one.
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

mod server;

use std::error::Error;
use std::net::SocketAddr;

use gatevault::testing::ManualClock;
use gatevault::{KeyRing, SigningKey, TokenManager};
use rcgen::{KeyPair, PKCS_ED25519};
use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, ClientConfig};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use crate::server::{Agent, RESOURCE};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Client = RunningService<RoleClient, ClientConfig>;

const ISSUER: &str = "https://id.example";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let clock = ManualClock::default();
    let key = SigningKey::eddsa(KeyPair::generate_for(&PKCS_ED25519)?.serialize_pem())?;
    let public_keys = KeyRing::verifying([key.verifying_key().clone()])?;
    let server = server::start(ISSUER, public_keys, clock.clone()).await?;
    let issuer = |resource: &str| {
        TokenManager::builder()
            .key(key.clone())
            .issuer(ISSUER)
            .audience(resource)
            .subject_claim("sub")
            .at_jwt()
            .clock(clock.clone())
            .build()
    };
    let tokens = issuer(RESOURCE)?;

    println!("1. without a token the server reveals nothing, not even the names of its tools");
    refused(connect(server, None).await, "Bearer")?;

    println!("2. a token for another server is refused, although the same issuer signed it");
    let foreign = issuer("https://mail.example/mcp")?.create_access_token(&agent("ada", "notes:read"))?;
    refused(connect(server, Some(&foreign)).await, r#"Bearer error="invalid_token""#)?;

    println!("3. an agent that may read is served, and refused where it would write");
    let reader = connect(server, Some(&tokens.create_access_token(&agent("ada", "notes:read"))?)).await?;
    let tools = reader.list_all_tools().await?;
    println!("   tools: {}", tools.iter().map(|tool| tool.name.as_ref()).collect::<Vec<_>>().join(", "));
    served(&reader, "list_notes", json!({}), "").await?;
    let missing = r#"Bearer error="insufficient_scope", scope="notes:write""#;
    refused(call(&reader, "add_note", json!({ "text": "buy milk" })).await, missing)?;

    println!(
        "4. the challenge names the scope. The user allows it, and the agent is served with its next token"
    );
    let writer = tokens.create_access_token(&agent("ada", "notes:read notes:write"))?;
    let writer = connect(server, Some(&writer)).await?;
    served(&writer, "add_note", json!({ "text": "buy milk" }), "notes-agent added a note").await?;
    served(&reader, "list_notes", json!({}), "buy milk").await?;

    println!("5. the user comes from the token: an argument that claims to be another changes nothing");
    let bob = connect(server, Some(&tokens.create_access_token(&agent("bob", "notes:read"))?)).await?;
    served(&bob, "list_notes", json!({ "agent": { "sub": "ada" }, "sub": "ada" }), "").await?;

    println!("6. the token expires between two calls");
    clock.advance(tokens.access_expiry());
    let expired = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    refused(call(&writer, "list_notes", json!({})).await, expired)
}

fn agent(user: &str, scope: &str) -> Agent {
    Agent { sub: user.to_owned(), client_id: "notes-agent".to_owned(), scope: scope.to_owned() }
}

/// Connects as an agent does, with its token in each request. The error is the challenge, if there is one.
async fn connect(server: SocketAddr, access_token: Option<&str>) -> Result<Client, String> {
    let mut config = StreamableHttpClientTransportConfig::with_uri(format!("http://{server}/mcp"));
    if let Some(token) = access_token {
        config = config.auth_header(token);
    }
    let client = ClientConfig::default().serve(StreamableHttpClientTransport::from_config(config)).await;
    client.map_err(|error| error.auth_challenge().map_or_else(|| error.to_string(), str::to_owned))
}

/// Calls a tool. The error is the challenge, if there is one.
async fn call(client: &Client, tool: &'static str, arguments: Value) -> Result<String, String> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    let result = client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await;
    let result =
        result.map_err(|error| error.auth_challenge().map_or_else(|| error.to_string(), str::to_owned))?;
    let text = result.content.first().and_then(|content| content.as_text());
    Ok(text.map(|text| text.text.clone()).unwrap_or_default())
}

/// Prints an answer, and fails if another one was expected.
async fn served(client: &Client, tool: &'static str, arguments: Value, expected: &str) -> Outcome<()> {
    let answer = call(client, tool, arguments).await?;
    println!("   {tool}: {answer:?}");
    if answer == expected { Ok(()) } else { Err(format!("{expected:?} was expected").into()) }
}

/// Prints a denial, and fails if another one was expected.
fn refused<T>(answer: Result<T, String>, challenge: &str) -> Outcome<()> {
    let Err(denial) = answer else { return Err("this should have been refused".into()) };
    println!("   {denial}");
    if denial == challenge { Ok(()) } else { Err(format!("{challenge:?} was expected").into()) }
}
