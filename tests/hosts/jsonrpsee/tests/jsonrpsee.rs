//! Methods of a JSON-RPC server: `#[rpc]` writes the trait, with the request's extensions as the only way to its token.

use std::net::SocketAddr;

use gatevault::{GuardError, protected};
use hosts_common::{Callers, User};
use jsonrpsee::Extensions;
use jsonrpsee::core::{ClientError, RpcResult, async_trait};
use jsonrpsee::proc_macros::rpc;
use jsonrpsee::server::{HttpRequest, Server, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee_http_client::{HeaderMap, HeaderValue, HttpClient};
use tower::ServiceBuilder;

#[rpc(server, client)]
trait Reports {
    #[method(name = "report", with_extensions)]
    async fn report(&self, year: u16) -> RpcResult<String>;
}

struct Service;

#[async_trait]
impl ReportsServer for Service {
    #[protected(
        token = extensions.get::<HeaderMap>(),
        payload = who: User,
        role = "admin",
        denied = |denial| Err(refused(&denial))
    )]
    async fn report(&self, extensions: &Extensions, year: u16) -> RpcResult<String> {
        Ok(format!("{year} for user {}", who.user_id))
    }
}

fn refused(denial: &GuardError) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(i32::from(denial.status()), denial.to_string(), None::<()>)
}

/// Starts a server that puts the headers of each request into its extensions.
async fn start() -> (SocketAddr, ServerHandle) {
    let with_headers = ServiceBuilder::new().map_request(|mut request: HttpRequest<_>| {
        let headers = request.headers().clone();
        request.extensions_mut().insert(headers);
        request
    });
    let server =
        Server::builder().set_http_middleware(with_headers).build("127.0.0.1:0").await.expect("a server");
    let address = server.local_addr().expect("an address");
    (address, server.start(Service.into_rpc()))
}

async fn ask(server: SocketAddr, token: Option<&str>) -> Result<String, ClientError> {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).expect("a header"));
    }
    let client =
        HttpClient::builder().set_headers(headers).build(format!("http://{server}")).expect("a client");
    client.report(2026).await
}

async fn refusal(server: SocketAddr, token: Option<&str>) -> i32 {
    match ask(server, token).await {
        Err(ClientError::Call(error)) => error.code(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn only_the_role_is_served() {
    let callers = Callers::get();
    let (server, _running) = start().await;
    assert_eq!(refusal(server, None).await, 401);
    assert_eq!(refusal(server, Some(&callers.expired)).await, 401);
    assert_eq!(refusal(server, Some(&callers.member)).await, 403);
    assert_eq!(ask(server, Some(&callers.admin)).await.expect("an answer"), "2026 for user 7");
}
