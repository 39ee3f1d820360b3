//! The clients: processes of Python and JavaScript, and the crate `oauth2`.
//!
//! Each takes the same requests. Its response has `token`, `metadata` or `issuer` if it returned one, `status` if it returned a
//! response of HTTP, `raised` with the name of its error, or `absent` if it has no such operation.

use oauth2::basic::BasicClient;
use oauth2::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, ErrorResponse, HttpRequest,
    HttpResponse, RefreshToken, RequestTokenError, ResourceOwnerPassword, ResourceOwnerUsername,
    RevocationUrl, Scope, StandardRevocableToken, TokenUrl,
};
use serde_json::{Value, json};

use crate::peer::{self, Process};

/// A client of the matrix.
pub(crate) enum Client {
    /// A library in a process of its own.
    Process(Process),
    /// The crate `oauth2`, in this process.
    Crate,
}

impl Client {
    /// Starts each client.
    pub(crate) fn all() -> Result<Vec<Self>, String> {
        let python =
            ["authlib", "requests-oauthlib"].map(|name| (name, peer::python("peers/oauth_clients.py")));
        let script = include_str!("../peers/oauth_clients.mjs");
        let node =
            ["openid-client", "oauth4webapi"].map(|name| (name, peer::node("oauth_clients.mjs", script)));
        let processes = python.into_iter().chain(node).map(|(name, command)| {
            let mut command = command?;
            command.arg(name);
            Process::start(command).map(Self::Process)
        });
        processes.chain([Ok(Self::Crate)]).collect()
    }

    /// Returns the name and the version.
    pub(crate) fn name(&mut self) -> String {
        match self {
            Self::Process(_) => self.ask(&json!({"operation": "name"}))["name"].as_str().unwrap().to_owned(),
            Self::Crate => {
                let lock = include_str!("../../../Cargo.lock");
                let version = lock.split("name = \"oauth2\"\nversion = \"").nth(1).unwrap();
                format!("oauth2 {}", version.split('"').next().unwrap())
            }
        }
    }

    /// Runs an operation and returns the response.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        match self {
            Self::Process(process) => process.ask(request),
            Self::Crate => match request["operation"].as_str().unwrap() {
                "token" => token(request),
                "revoke" => revoke(request),
                _ => json!({"absent": true}),
            },
        }
    }
}

/// Requests a token.
fn token(request: &Value) -> Value {
    let string = |name: &str| request[name].as_str().map(str::to_owned);
    let parameter = |name: &str| request["parameters"][name].as_str().unwrap_or_default().to_owned();
    let endpoint = request["endpoint"].as_str().unwrap_or("/auth/token");
    let url = TokenUrl::new(format!("{}{endpoint}", request["server"].as_str().unwrap())).unwrap();
    let client =
        BasicClient::new(ClientId::new(request["client_id"].as_str().unwrap().to_owned())).set_token_uri(url);
    let client = match string("secret") {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret)),
        None => client,
    };
    let in_body = request["authentication"] == "client_secret_post";
    let client = client.set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth });
    let scopes = string("scope").into_iter().map(Scope::new);
    let response = match request["grant"].as_str().unwrap() {
        "password" => {
            let name = ResourceOwnerUsername::new(parameter("username"));
            let password = ResourceOwnerPassword::new(parameter("password"));
            client.exchange_password(&name, &password).add_scopes(scopes).request(&send)
        }
        "refresh_token" => {
            let token = RefreshToken::new(parameter("refresh_token"));
            client.exchange_refresh_token(&token).add_scopes(scopes).request(&send)
        }
        "client_credentials" => client.exchange_client_credentials().add_scopes(scopes).request(&send),
        _ => client.exchange_code(AuthorizationCode::new(parameter("code"))).request(&send),
    };
    match response {
        Ok(token) => json!({"token": token}),
        Err(error) => raised(error, |error| error.error().as_ref().to_owned()),
    }
}

/// Revokes a token.
fn revoke(request: &Value) -> Value {
    let address = request["server"].as_str().unwrap().replacen("http:", "https:", 1);
    let client = BasicClient::new(ClientId::new(request["client_id"].as_str().unwrap().to_owned()))
        .set_revocation_url(RevocationUrl::new(format!("{address}/auth/revoke")).unwrap());
    let token = request["token"].as_str().unwrap().to_owned();
    let token: StandardRevocableToken = match request["hint"].as_str() {
        Some("refresh_token") => RefreshToken::new(token).into(),
        _ => AccessToken::new(token).into(),
    };
    match client.revoke_token(token).unwrap().request(&send) {
        Ok(()) => json!({"status": 200, "body": ""}),
        Err(error) => raised(error, |error| error.error().to_string()),
    }
}

/// Describes an error of the crate by its variant, and by the code that it parsed.
fn raised<E: ErrorResponse + 'static>(
    error: RequestTokenError<ureq::Error, E>,
    code: impl Fn(&E) -> String,
) -> Value {
    match error {
        RequestTokenError::ServerResponse(error) => json!({"raised": "ServerResponse", "code": code(&error)}),
        RequestTokenError::Request(error) => json!({"raised": "Request", "text": error.to_string()}),
        RequestTokenError::Parse(..) => json!({"raised": "Parse", "text": "not parsed"}),
        RequestTokenError::Other(text) => json!({"raised": "Other", "text": text}),
    }
}

/// Sends a request over plain HTTP, also one to `https`, which the crate demands for revocations: as a proxy that ends TLS.
fn send(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let (mut head, body) = request.into_parts();
    head.uri =
        head.uri.to_string().replacen("https:", "http:", 1).parse().map_err(ureq::http::Error::from)?;
    let (head, mut body) = agent.run(ureq::http::Request::from_parts(head, body))?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}
