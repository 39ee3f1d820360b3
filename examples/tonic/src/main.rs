//! A gRPC server with guarded methods, and a client that logs in, refreshes and logs out:
//!
//!     cargo run -p tonic-example
//!
//! `server.rs` has the services. This file is the client, which fails unless every answer is the expected one.
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

mod server;

use std::error::Error;
use std::time::Duration;

use gatevault::testing::ManualClock;
use tokio_stream::StreamExt as _;
use tonic::metadata::AsciiMetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

use proto::auth_client::AuthClient;
use proto::orders_client::OrdersClient;
use proto::{Credentials, Nothing, Order, RefreshToken};

/// The code that `build.rs` generates from `shop.proto`.
#[allow(missing_docs, unused_qualifications, clippy::pedantic, clippy::restriction, reason = "generated")]
mod proto {
    tonic::include_proto!("shop");
}

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let clock = ManualClock::default();
    let address = server::start(clock.clone())?;
    let channel = Channel::from_shared(format!("http://{address}"))?.connect().await?;
    let mut auth = AuthClient::new(channel.clone());

    println!("1. without a token every call is denied");
    let answer = OrdersClient::new(channel.clone()).cancel(Order { id: 7 }).await;
    refused(answer, Code::Unauthenticated, "Bearer")?;

    println!("2. a customer is not a clerk");
    let bob = auth.login(credentials("bob", "correct horse")).await?.into_inner();
    let answer = orders(&channel, &bob.access_token)?.cancel(Order { id: 7 }).await;
    refused(answer, Code::PermissionDenied, "")?;

    println!("3. a clerk may cancel orders, and watches events while the token is valid");
    let ada = auth.login(credentials("ada", "correct horse")).await?.into_inner();
    let mut ada_orders = orders(&channel, &ada.access_token)?;
    let mut events = ada_orders.watch(Nothing {}).await?.into_inner();
    ada_orders.cancel(Order { id: 7 }).await?;
    println!("   watched: {}", events.next().await.ok_or("the stream ended")??.text);

    println!("4. the token expires: the call is denied with the reason, and a refresh gets the next token");
    clock.advance(Duration::from_secs(ada.expires_in));
    let expired = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    refused(ada_orders.cancel(Order { id: 8 }).await, Code::Unauthenticated, expired)?;
    let next = auth.refresh(RefreshToken { refresh_token: ada.refresh_token }).await?.into_inner();
    let mut ada_orders = orders(&channel, &next.access_token)?;
    println!("   {}", ada_orders.cancel(Order { id: 8 }).await?.into_inner().text);
    if events.next().await.is_some() {
        return Err("the stream outlived its token".into());
    }
    println!("   the stream of the first token has ended");

    println!("5. after the logout the token is revoked, although it has not expired");
    auth.logout(RefreshToken { refresh_token: next.refresh_token.clone() }).await?;
    let invalid = r#"Bearer error="invalid_token""#;
    refused(ada_orders.cancel(Order { id: 9 }).await, Code::Unauthenticated, invalid)?;
    let answer = auth.refresh(RefreshToken { refresh_token: next.refresh_token }).await;
    refused(answer, Code::Unauthenticated, invalid)?;

    println!("6. guessing is slowed down");
    for guess in 1..=10 {
        let Err(status) = auth.login(credentials("bob", "a guess")).await else {
            return Err("a guess was right".into());
        };
        if let (Code::ResourceExhausted, Some(seconds)) =
            (status.code(), status.metadata().get("retry-after"))
        {
            println!("   guess {guess}: {}, try again in {} s", status.message(), seconds.to_str()?);
            return Ok(());
        }
    }
    Err("guessing was not slowed down".into())
}

fn credentials(username: &str, password: &str) -> Credentials {
    Credentials { username: username.to_owned(), password: password.to_owned() }
}

/// Creates a client that sends a token with each call.
fn orders(
    channel: &Channel,
    access_token: &str,
) -> Outcome<OrdersClient<InterceptedService<Channel, impl Interceptor + use<>>>> {
    let mut bearer: AsciiMetadataValue = format!("Bearer {access_token}").parse()?;
    bearer.set_sensitive(true); // hidden in `Debug` output, and never indexed by HPACK
    Ok(OrdersClient::with_interceptor(channel.clone(), move |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", bearer.clone());
        Ok(request)
    }))
}

/// Prints a denial, and fails if another one was expected.
fn refused<T>(answer: Result<Response<T>, Status>, code: Code, challenge: &str) -> Outcome<()> {
    let Err(status) = answer else { return Err("this should have been refused".into()) };
    let actual = status.metadata().get("www-authenticate").map(|value| value.to_str()).transpose()?;
    let actual = actual.unwrap_or_default();
    println!("   {:?}: {} [{actual}]", status.code(), status.message());
    if (status.code(), actual) == (code, challenge) { Ok(()) } else { Err(status.into()) }
}
