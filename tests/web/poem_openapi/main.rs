//! poem-openapi only: the API document, and guarded operations.
#![cfg(test)]
#![expect(clippy::unused_async, reason = "operations are async in most applications")]

use std::collections::BTreeSet;
use std::net::SocketAddr;

use gatevault::web::RouteGuard;
use gatevault::web::poem_openapi::{ApiBearer, ApiOptional, ApiVerified};
use gatevault::{Claims, GuardError, Payload, TokenManager, protected};
use gatevault_web_tests::{Request, assert_refused_without_gate, edges, own_gate};
use poem::{EndpointExt as _, Route};
use poem_openapi::payload::PlainText;
use poem_openapi::{ApiResponse, OpenApi, OpenApiService, SecurityScheme};
use serde_json::{Value, json};

/// An API with its gate in a field. No gate is installed in this process.
struct Api {
    tokens: TokenManager,
}

#[OpenApi]
impl Api {
    /// Without a payload, `#[protected]` is on the operation itself.
    #[oai(path = "/guarded", method = "get")]
    #[protected(gate = self.tokens)]
    async fn guarded(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText("42".to_owned()))
    }

    /// With a payload, `#[protected]` is on the function that the operation calls.
    #[oai(path = "/calling", method = "get")]
    async fn calling(&self, token: ApiBearer) -> Result<PlainText<String>, GuardError> {
        self.called(&token).map(PlainText)
    }

    #[protected(gate = self.tokens)]
    fn called(&self, token: &ApiBearer, payload: Payload) -> Result<String, GuardError> {
        Ok(payload.user_id().to_string())
    }

    #[oai(path = "/verified", method = "get")]
    async fn verified(&self, caller: ApiVerified<Payload>) -> PlainText<String> {
        PlainText(caller.user_id().to_string())
    }

    #[oai(path = "/optional", method = "get")]
    async fn optional(&self, ApiOptional(caller): ApiOptional<Payload>) -> PlainText<String> {
        PlainText(caller.map_or("anonymous".to_owned(), |caller| caller.user_id().to_string()))
    }

    #[oai(path = "/open", method = "get")]
    async fn open(&self) -> PlainText<String> {
        PlainText("42".to_owned())
    }

    /// The application has two security schemes.
    #[oai(path = "/either", method = "get")]
    async fn either(&self, caller: Caller) -> Result<PlainText<String>, GuardError> {
        Ok(PlainText(match caller {
            Caller::User(user) => user.user_id.to_string(),
            Caller::Machine(Key(key)) => key.key,
        }))
    }

    #[oai(path = "/fallback", method = "get")]
    async fn fallback(&self, caller: OptionalUser) -> PlainText<String> {
        PlainText(match caller {
            OptionalUser::User(user) => user.user_id.to_string(),
            OptionalUser::Anonymous => "anonymous".to_owned(),
        })
    }

    #[oai(path = "/with-handler", method = "get")]
    async fn with_handler(&self, caller: ApiVerified<Payload>) -> WithHandler {
        WithHandler::Good(PlainText(caller.user_id().to_string()))
    }
}

#[derive(Debug, Clone, Claims)]
struct User {
    user_id: u64,
}

/// The scheme of the token is the last one: its refusal is the response.
#[derive(SecurityScheme)]
enum Caller {
    Machine(Key),
    User(ApiVerified<User>),
}

#[derive(SecurityScheme)]
enum OptionalUser {
    User(ApiVerified<User>),
    #[oai(fallback)]
    Anonymous,
}

#[derive(SecurityScheme)]
#[oai(ty = "api_key", key_name = "X-Key", key_in = "header")]
struct Key(poem_openapi::auth::ApiKey);

/// A response type that handles errors of the operation's extractors, denials among them.
#[derive(ApiResponse)]
#[oai(bad_request_handler = "bad_request")]
enum WithHandler {
    #[oai(status = 200)]
    Good(PlainText<String>),
    #[oai(status = 400)]
    Denied(PlainText<String>),
}

fn bad_request(error: poem::Error) -> WithHandler {
    WithHandler::Denied(PlainText(error.downcast::<GuardError>().map_or("no denial".to_owned(), |denial| {
        format!("{} {}", denial.status(), denial.challenge().unwrap_or_default())
    })))
}

fn service(tokens: &TokenManager) -> OpenApiService<Api, ()> {
    OpenApiService::new(Api { tokens: tokens.clone() }, "Test", "1.0")
}

fn app() -> (SocketAddr, String) {
    let (gate, tokens, access) = own_gate();
    let guard = RouteGuard::<Payload>::with(gate.clone());
    let app = Route::new()
        .at("/document", service(&tokens).spec_endpoint())
        .nest("/lent", service(&tokens).data(gate))
        .nest("/behind", service(&tokens).with(guard))
        .nest("/none", service(&tokens));
    (edges::serve_poem(app), access)
}

const INVALID: &str = r#"Bearer error="invalid_token""#;

fn assert_denied(request: Request, server: SocketAddr, challenge: &str) {
    let reply = request.send(server);
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, challenge), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.json()["status"], 401);
}

#[test]
fn operations_accept_a_good_token_only() {
    let (server, access) = app();
    let own = ["/none/guarded", "/none/calling"];
    let lent = ["/lent/guarded", "/lent/calling", "/lent/verified", "/lent/either", "/behind/verified"];
    for path in own.into_iter().chain(lent).chain(["/behind/open", "/behind/optional"]) {
        let reply = Request::get(path).bearer(&access).send(server);
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
        assert_denied(Request::get(path), server, "Bearer");
        assert_denied(Request::get(path).bearer("junk"), server, INVALID);
        assert_denied(Request::get(path).bearer(&access).bearer(&access), server, INVALID);
    }
}

#[test]
fn without_a_gate_every_request_is_refused() {
    let (server, access) = app();
    assert_refused_without_gate(server, &access, &["/none/verified", "/none/optional", "/none/either"]);
}

#[test]
fn an_optional_caller_may_send_no_token_but_not_a_bad_one() {
    let (server, access) = app();
    let ask = || Request::get("/lent/optional");
    assert_eq!(ask().send(server).body, "anonymous");
    assert_eq!(ask().bearer(&access).send(server).body, "42");
    assert_denied(ask().bearer("junk"), server, INVALID);
    assert_denied(ask().bearer(&access).bearer(&access), server, INVALID);
    assert_denied(ask().header("Authorization", b"Bearer \xff"), server, INVALID);
}

/// poem-openapi uses the first scheme that accepts the request. If none does, it responds with the last refusal.
#[test]
fn one_scheme_of_several_is_enough() {
    let (server, access) = app();
    let ask = || Request::get("/lent/either").header("X-Key", "k");
    assert_eq!(ask().send(server).body, "k");
    assert_eq!(ask().bearer("junk").send(server).body, "k");
    assert_eq!(Request::get("/lent/either").bearer(&access).send(server).body, "42");
    assert_denied(Request::get("/lent/either").bearer("junk"), server, INVALID);
}

/// The framework's fallback turns every refusal into an anonymous caller: no user is admitted, but a bad token gets no 401.
#[test]
fn a_fallback_accepts_a_bad_token_as_no_token() {
    let (server, access) = app();
    assert_eq!(Request::get("/lent/fallback").bearer(&access).send(server).body, "42");
    assert_eq!(Request::get("/lent/fallback").send(server).body, "anonymous");
    assert_eq!(Request::get("/lent/fallback").bearer("junk").send(server).body, "anonymous");
}

/// A denial is one of the errors of extractors.
#[test]
fn a_handler_of_bad_requests_receives_denials() {
    let (server, access) = app();
    assert_eq!(Request::get("/lent/with-handler").bearer(&access).send(server).body, "42");
    let reply = Request::get("/lent/with-handler").bearer("junk").send(server);
    assert_eq!((reply.status, reply.body), (400, format!("401 {INVALID}")));
}

#[test]
fn the_document_names_the_scheme_and_the_operations_that_require_it() {
    let (server, _) = app();
    let document = Request::get("/document").send(server).json();
    let scheme = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" });
    assert_eq!(document["components"]["securitySchemes"]["bearerAuth"], scheme);
    let required = |path: &str| document["paths"][path]["get"]["security"].clone();
    for path in ["/guarded", "/calling", "/verified", "/with-handler"] {
        assert_eq!(required(path), json!([{ "bearerAuth": [] }]), "{path}");
    }
    assert_eq!(required("/optional"), json!([{ "bearerAuth": [] }, {}]));
    assert_eq!(required("/either"), json!([{ "Key": [] }, { "bearerAuth": [] }]));
    assert_eq!(required("/open"), Value::Null);
    // The token is not a parameter.
    assert_eq!(document["paths"]["/verified"]["get"]["parameters"], Value::Null);
}

#[test]
fn the_document_lists_denials() {
    // As sets, because the order of members depends on the features of serde_json that other crates enable.
    let members = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let (server, _) = app();
    let document = Request::get("/document").send(server).json();
    let responses = &document["paths"]["/guarded"]["get"]["responses"];
    assert_eq!(members(responses), named(&["200", "401", "403", "503"]));
    assert_eq!(responses["401"]["headers"]["WWW-Authenticate"]["required"], true);
    // The response has the members that the document promises.
    let sent = Request::get("/lent/guarded").bearer("junk").send(server);
    let schema = &responses["401"]["content"][sent.header("content-type")]["schema"];
    let promised = members(&schema["properties"]);
    assert_eq!(promised, members(&sent.json()));
    // A denial of a missing token has no `error` (RFC 6750 section 3.1).
    let required: BTreeSet<_> =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(required, members(&Request::get("/lent/guarded").send(server).json()));
    // An operation that does not return a `GuardError` lists no denials.
    let silent = &document["paths"]["/verified"]["get"]["responses"];
    assert_eq!(members(silent), named(&["200"]));
}
