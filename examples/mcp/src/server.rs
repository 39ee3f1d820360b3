//! The MCP server: tools over a user's notes, each guarded by a scope.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use gatevault::web::{Denials, ProtectedResource, RouteGuard};
use gatevault::{Claims, GateVault, GuardError, Issuer, RemoteKeys, TokenManager, guarded, protected};
use http::request::Parts;
use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ErrorCode, ErrorData};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{schemars, tool, tool_router};
use serde::Deserialize;

use crate::Outcome;

/// The claims of an agent, which acts for a user.
#[derive(Debug, Clone, Claims)]
pub struct Agent {
    /// The user.
    pub sub: String,
    /// The program that the user gave the scopes to.
    pub client_id: String,
    #[claims(scope)]
    pub scope: String,
}

/// The notes of all users, in place of a database.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Mutex<Vec<(String, String)>>>);

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct NewNote {
    text: String,
}

// A tool without a guard does not compile. The token comes from the HTTP request of the call, and the agent from the
// token's claims. A language model writes the arguments of a tool, so neither is an argument.
#[guarded(token = request, denied = |denial| refused(&request, denial))]
#[tool_router(server_handler)]
impl Notes {
    /// Lists the user's notes.
    #[protected(payload = agent: Agent, scope = "notes:read")]
    #[tool]
    async fn list_notes(&self, Extension(request): Extension<Parts>) -> Result<String, ErrorData> {
        let notes = self.lock();
        let own = notes.iter().filter(|(user, _)| *user == agent.sub).map(|(_, text)| text.as_str());
        Ok(own.collect::<Vec<_>>().join("\n"))
    }

    /// Adds a note.
    #[protected(payload = agent: Agent, scope = "notes:write")]
    #[tool]
    async fn add_note(
        &self,
        Extension(request): Extension<Parts>,
        Parameters(NewNote { text }): Parameters<NewNote>,
    ) -> Result<String, ErrorData> {
        self.lock().push((agent.sub, text));
        Ok(format!("{} added a note", agent.client_id))
    }
}

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The denial of a tool, on its way to the response of the HTTP request.
#[derive(Debug, Clone, Default)]
struct Denied(Arc<Mutex<Option<GuardError>>>);

/// Ends a tool. JSON-RPC has no error for a denial, so [`answer_denials`] answers the request.
fn refused<T>(request: &Parts, denial: GuardError) -> Result<T, ErrorData> {
    let error = ErrorData::new(ErrorCode::INVALID_REQUEST, denial.to_string(), None);
    if let Some(Denied(slot)) = request.extensions.get() {
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(denial);
    }
    Err(error)
}

/// Answers a tool's denial as MCP asks: 401 or 403, with the challenge that names the missing scopes.
async fn answer_denials(mut request: Request, next: Next) -> Response {
    let denied = Denied::default();
    request.extensions_mut().insert(denied.clone());
    let response = next.run(request).await;
    let denial = denied.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    denial.map_or(response, GuardError::into_response)
}

/// Creates the application: the server, and the metadata that leads a client to the authorization server.
///
/// `resource` is the URL of the server, and must be in `aud`: a token that an agent got for another server opens nothing here.
pub fn app(resource: &str, issuer: &str) -> Outcome<Router> {
    // In production the issuer is `https`, and the keys arrive while the program starts.
    let keys = RemoteKeys::discover(issuer).allow_plain_http().build()?;
    keys.wait(PATIENCE)?;
    let accepted = Issuer::new(issuer, keys).audience(resource).at_jwt();
    GateVault::new(TokenManager::builder().accept(accepted).build()?).install()?;

    let metadata = ProtectedResource::new(resource)?
        .authorization_server(issuer)?
        .guards(Notes::GUARDS) // a client asks for scopes that the tools demand, and for no others
        .name("Notes");
    let denials = Denials::new().resource_metadata(metadata.metadata_url())?;

    // Without sessions each request carries its token, and there is no session to take over. Answers are JSON, so a tool
    // has ended before the status is sent. Only loopback host names are accepted: add yours with `with_allowed_hosts`.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .enforce_origin_validation();
    let notes = Notes::default();
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(notes.clone()), sessions, config);
    // The outer guard: without a token nothing is read, not even the list of tools. Its challenge names the scope that a
    // client needs at first.
    let guarded = Router::new()
        .route_service("/mcp", service)
        .layer(middleware::from_fn(answer_denials))
        .layer(RouteGuard::<Agent>::installed().scopes(&["notes:read"])?)
        .layer(denials);
    Ok(guarded.merge(metadata.into_router()))
}

/// Serves until the process ends.
#[tokio::main(flavor = "current_thread")]
pub async fn serve(listener: TcpListener, app: Router) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await
}

/// How long the program waits for the keys of the authorization server at its start.
const PATIENCE: Duration = Duration::from_secs(30);
