//! gRPC over HTTP/2 and real sockets: a tonic client calls the guarded methods of the site.
#![cfg(test)]

mod denials;
mod guards;
mod keys;
mod routes;
mod scopes;
mod streams;

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use gatevault_web_tests::edges::proto::Note;
use gatevault_web_tests::edges::proto::inside_client::InsideClient;
use gatevault_web_tests::edges::proto::site_client::SiteClient;
use gatevault_web_tests::{Site, edges};
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

/// The site, which the tests share.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| edges::tonic(Site::default()));

/// Opens a channel on the runtime of the calling test.
async fn channel(server: SocketAddr) -> Channel {
    let endpoint = Channel::from_shared(format!("http://{server}")).unwrap();
    endpoint.timeout(Duration::from_secs(20)).connect().await.unwrap()
}

async fn site() -> SiteClient<Channel> {
    SiteClient::new(channel(*SERVER).await)
}

async fn inside() -> InsideClient<Channel> {
    InsideClient::new(channel(*SERVER).await)
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

/// Creates a request with these values of `authorization`, which may be any bytes that HTTP allows.
fn with_authorization<T>(message: T, values: &[&[u8]]) -> Request<T> {
    let mut request = Request::new(message);
    for value in values {
        request.metadata_mut().append("authorization", MetadataValue::try_from(*value).unwrap());
    }
    request
}

fn bearing<T>(token: &str, message: T) -> Request<T> {
    with_authorization(message, &[format!("Bearer {token}").as_bytes()])
}

fn text(response: Result<Response<Note>, Status>) -> String {
    response.unwrap().into_inner().text
}

/// Returns what a client sees of a denial: the code, the message and the challenge.
fn seen(denial: &Status) -> (Code, &str, &str) {
    let challenge = denial.metadata().get("www-authenticate").map_or("", |value| value.to_str().unwrap());
    (denial.code(), denial.message(), challenge)
}

const MISSING: (Code, &str, &str) = (Code::Unauthenticated, "a token is required", "Bearer");
const INVALID: (Code, &str, &str) =
    (Code::Unauthenticated, "the token is not valid", r#"Bearer error="invalid_token""#);
const MALFORMED: (Code, &str, &str) = (Code::Unauthenticated, "the token is malformed", INVALID.2);
const EXPIRED: (Code, &str, &str) = (
    Code::Unauthenticated,
    "the token has expired",
    r#"Bearer error="invalid_token", error_description="the token has expired""#,
);
const NOT_ALLOWED: (Code, &str, &str) = (Code::PermissionDenied, "not allowed", "");

/// Denials of the guard of `insiders`, whose challenges name its scope.
mod scoped {
    use super::Code;

    pub(crate) const MISSING: (Code, &str, &str) =
        (super::MISSING.0, super::MISSING.1, r#"Bearer scope="notes:write""#);
    pub(crate) const INVALID: (Code, &str, &str) =
        (super::INVALID.0, super::INVALID.1, r#"Bearer error="invalid_token", scope="notes:write""#);
    pub(crate) const MALFORMED: (Code, &str, &str) = (super::MALFORMED.0, super::MALFORMED.1, INVALID.2);
    pub(crate) const EXPIRED: (Code, &str, &str) = (
        super::EXPIRED.0,
        super::EXPIRED.1,
        r#"Bearer error="invalid_token", error_description="the token has expired", scope="notes:write""#,
    );
}
