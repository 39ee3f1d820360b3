//! The tools of an MCP server over HTTP, called by rmcp's client over a socket.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use gatevault::error::GuardError;
use gatevault::testing::ManualClock;
use gatevault::{Claims, GateVault, TokenManager, protected};
use http::request::Parts;
use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolRequestParams, ClientConfig, ErrorCode, ErrorData};
use rmcp::service::{RequestContext, RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::{RoleServer, ServiceExt as _, schemars, tool, tool_router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The claims of the program that calls the tools.
#[derive(Debug, Claims)]
struct Agent {
    user_id: u64,
    #[claims(scope)]
    scope: String,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
struct Note {
    id: u64,
}

struct Notes;

#[tool_router(server_handler)]
impl Notes {
    #[protected(token = parts, payload = agent: Agent, scope = "notes:read", denied = refused)]
    #[tool]
    async fn guard_above(
        &self,
        Extension(parts): Extension<Parts>,
        Parameters(Note { id }): Parameters<Note>,
    ) -> Result<String, ErrorData> {
        Ok(served(&agent, id))
    }

    #[tool]
    #[protected(token = parts, payload = agent: Agent, scope = "notes:read", denied = refused)]
    async fn guard_below(
        &self,
        Extension(parts): Extension<Parts>,
        Parameters(Note { id }): Parameters<Note>,
    ) -> Result<String, ErrorData> {
        Ok(served(&agent, id))
    }

    #[tool]
    #[protected(token = context.extensions.get::<Parts>(), payload = agent: Agent, scope = "notes:read", denied = refused)]
    fn without_async(
        &self,
        context: RequestContext<RoleServer>,
        Parameters(Note { id }): Parameters<Note>,
    ) -> Result<String, ErrorData> {
        Ok(served(&agent, id))
    }

    #[protected(token = parts, payload = agent: Agent, require = may_read(&agent, id).await, denied = refused)]
    #[tool]
    async fn condition_that_awaits(
        &self,
        Extension(parts): Extension<Parts>,
        Parameters(Note { id }): Parameters<Note>,
    ) -> Result<String, ErrorData> {
        Ok(served(&agent, id))
    }
}

const TOOLS: [&str; 4] = ["condition_that_awaits", "guard_above", "guard_below", "without_async"];

fn served(agent: &Agent, id: u64) -> String {
    format!("note {id} for user {} with {}", agent.user_id, agent.scope)
}

async fn may_read(agent: &Agent, id: u64) -> bool {
    tokio::task::yield_now().await;
    id == 3 && agent.scope == "notes:read"
}

fn refused<T>(denial: GuardError) -> Result<T, ErrorData> {
    let data = json!({ "status": denial.status(), "challenge": denial.challenge() });
    Err(ErrorData::new(ErrorCode::INVALID_REQUEST, denial.to_string(), Some(data)))
}

/// The manager of the installed gate.
static TOKENS: LazyLock<TokenManager> = LazyLock::new(|| {
    let tokens = manager(ManualClock::default());
    GateVault::new(tokens.clone()).install().expect("the only gate of the process");
    tokens
});

fn manager(clock: ManualClock) -> TokenManager {
    TokenManager::builder().secret([7; 32]).clock(clock).build().expect("valid settings")
}

fn token(tokens: &TokenManager, scope: &str) -> String {
    tokens.create_access_token(&Agent { user_id: 7, scope: scope.to_owned() }).expect("valid claims")
}

async fn serve() -> SocketAddr {
    LazyLock::force(&TOKENS);
    let sessions = LocalSessionManager::default();
    let service = StreamableHttpService::new(|| Ok(Notes), sessions.into(), Default::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    let router = axum::Router::new().route_service("/mcp", service);
    tokio::spawn(axum::serve(listener, router).into_future());
    address
}

async fn client(server: SocketAddr, token: Option<&str>) -> RunningService<RoleClient, ClientConfig> {
    let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{server}/mcp"));
    let config = match token {
        Some(token) => config.auth_header(token),
        None => config,
    };
    let transport = StreamableHttpClientTransport::from_config(config);
    ClientConfig::default().serve(transport).await.expect("a session")
}

/// Calls a tool. A denial is its status and its challenge.
async fn call(
    client: &RunningService<RoleClient, ClientConfig>,
    tool: &'static str,
    arguments: Value,
) -> Result<String, Value> {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    match client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await {
        Ok(result) => Ok(result.content[0].as_text().expect("text").text.clone()),
        Err(ServiceError::McpError(error)) => Err(error.data.expect("status and challenge")),
        Err(error) => panic!("{tool}: {error}"),
    }
}

fn denial(status: u16, challenge: &str) -> Result<String, Value> {
    Err(json!({ "status": status, "challenge": challenge }))
}

#[tokio::test]
async fn a_tool_serves_the_right_scope_only() {
    let server = serve().await;
    let age = TOKENS.access_expiry() + Duration::from_secs(3600);
    let past = manager(ManualClock::at(SystemTime::now() - age));
    let callers = [
        (None, 401, "Bearer"),
        (
            Some(token(&past, "notes:read")),
            401,
            r#"Bearer error="invalid_token", error_description="the token has expired""#,
        ),
        (
            Some(token(&TOKENS, "notes:write")),
            403,
            r#"Bearer error="insufficient_scope", scope="notes:read""#,
        ),
    ];
    for (token, status, challenge) in &callers {
        let client = client(server, token.as_deref()).await;
        for tool in TOOLS {
            // Only scopes are named to the client.
            let hidden = tool == "condition_that_awaits" && *status == 403;
            let expected = if hidden {
                Err(json!({ "status": 403, "challenge": null }))
            } else {
                denial(*status, challenge)
            };
            assert_eq!(call(&client, tool, json!({ "id": 3 })).await, expected, "{tool}");
        }
    }
    let client = client(server, Some(&token(&TOKENS, "notes:read"))).await;
    for tool in TOOLS {
        let answer = call(&client, tool, json!({ "id": 3 })).await;
        assert_eq!(answer.as_deref(), Ok("note 3 for user 7 with notes:read"), "{tool}");
    }
}

#[tokio::test]
async fn claims_among_the_arguments_change_nothing() {
    let server = serve().await;
    let writer = token(&TOKENS, "notes:write");
    let client = client(server, Some(&writer)).await;
    let forged = json!({ "user_id": 1, "scope": "notes:read" });
    for tool in TOOLS {
        let arguments =
            json!({ "id": 3, "agent": forged, "payload": forged, "token": token(&TOKENS, "notes:read") });
        let answer = call(&client, tool, arguments).await;
        assert_eq!(answer.unwrap_err()["status"], 403, "{tool}");
    }
}

#[tokio::test]
async fn the_schema_of_a_tool_has_neither_token_nor_payload() {
    let tools = client(serve().await, None).await.list_all_tools().await.expect("the list is public");
    let mut names: Vec<_> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    names.sort_unstable();
    assert_eq!(names, TOOLS);
    for tool in tools {
        let properties = tool.input_schema["properties"].as_object().expect("an object");
        assert_eq!(properties.keys().collect::<Vec<_>>(), ["id"], "{}", tool.name);
    }
}

#[tokio::test]
async fn a_transport_without_http_requests_serves_no_tool() {
    LazyLock::force(&TOKENS);
    let (here, there) = tokio::io::duplex(4096);
    tokio::spawn(async { Notes.serve(there).await.expect("a session").waiting().await });
    let client = ClientConfig::default().serve(here).await.expect("a session");
    for tool in TOOLS {
        let arguments = json!({ "id": 3 }).as_object().cloned().unwrap_or_default();
        let answer = client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await;
        let Err(ServiceError::McpError(error)) = answer else { panic!("{tool}: {answer:?}") };
        // An `Extension` that is missing ends the call before the guard.
        let code =
            if tool == "without_async" { ErrorCode::INVALID_REQUEST } else { ErrorCode::INVALID_PARAMS };
        assert_eq!(error.code, code, "{tool}: {error}");
    }
}
