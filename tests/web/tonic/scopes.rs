//! A `RouteGuard` in front of a service, and of a server.

use gatevault::{Payload, Verified};
use gatevault_tests::Recorder;
use gatevault_web_tests::edges::proto::inside_client::InsideClient;
use gatevault_web_tests::edges::proto::inside_server::InsideServer;
use gatevault_web_tests::edges::proto::site_client::SiteClient;
use gatevault_web_tests::edges::proto::site_server::SiteServer;
use gatevault_web_tests::edges::{self, Behind, Outside};
use gatevault_web_tests::{User, insiders, mint, mint_expired, mint_refresh, tokens};
use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::service::{Interceptor as _, InterceptorLayer};
use tonic::transport::Server;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::scoped::{EXPIRED, INVALID, MALFORMED, MISSING};
use crate::{NOT_ALLOWED, SERVER};
use crate::{bearing, channel, inside, note, seen, text};

fn a(role: &str) -> String {
    mint(&User { role: role.to_owned(), ..User::member(42) })
}

#[tokio::test]
async fn a_guarded_service_accepts_a_good_token_and_methods_find_its_claims() {
    assert_eq!(text(inside().await.hello(bearing(&a("member"), note(""))).await), "hello member 42");
}

#[tokio::test]
async fn a_guarded_service_denies_as_a_method_does() {
    let ask = async |request| inside().await.hello(request).await.unwrap_err();
    assert_eq!(seen(&ask(Request::new(note(""))).await), MISSING);
    assert_eq!(seen(&ask(bearing("junk", note(""))).await), MALFORMED);
    assert_eq!(seen(&ask(bearing(&mint_expired(&User::member(42)), note(""))).await), EXPIRED);
    assert_eq!(seen(&ask(bearing(&mint_refresh(&User::member(42)), note(""))).await), INVALID);
    assert_eq!(seen(&ask(bearing(&a("guest"), note(""))).await), NOT_ALLOWED);
}

#[tokio::test]
async fn a_method_behind_a_guard_can_have_its_own_guard() {
    let ask = async |role| inside().await.admin(bearing(&a(role), note(""))).await;
    assert_eq!(text(ask("admin").await), "admin 42 is 42");
    assert_eq!(seen(&ask("member").await.unwrap_err()), NOT_ALLOWED);
    assert_eq!(seen(&ask("guest").await.unwrap_err()), NOT_ALLOWED);
}

#[tokio::test]
async fn without_a_guard_in_front_a_method_that_reads_its_claims_fails() {
    let server = edges::serve_tonic(|incoming| {
        Server::builder().add_service(InsideServer::new(Behind)).serve_with_incoming(incoming)
    });
    let response = InsideClient::new(channel(server).await).hello(bearing(&a("admin"), note(""))).await;
    assert_eq!(seen(&response.unwrap_err()), (Code::Internal, Code::Internal.description(), ""));
}

#[test]
fn other_claims_than_the_guard_verified_are_an_error_that_is_logged() {
    let request = insiders().call(bearing(&a("member"), ())).unwrap();
    let (recorder, of_others) = (Recorder::default(), || Verified::<Payload>::of(&request).unwrap_err());
    let denial = tracing::subscriber::with_default(recorder.clone(), of_others);
    assert_eq!((denial.status(), Verified::<User>::of(&request).unwrap().user_id), (500, 42));
    let message = "message=RouteGuard missing in front of the service".to_owned();
    assert_eq!(recorder.lines(), [(tracing::Level::ERROR, message)]);
}

#[tokio::test]
async fn a_guard_can_protect_a_whole_server() {
    let _ = tokens();
    let server = edges::serve_tonic(|incoming| {
        Server::builder()
            .layer(InterceptorLayer::new(insiders()))
            .add_service(InsideServer::new(Behind))
            .add_service(SiteServer::new(Outside))
            .serve_with_incoming(incoming)
    });
    let channel = channel(server).await;
    let (mut inside, mut site) = (InsideClient::new(channel.clone()), SiteClient::new(channel));
    assert_eq!(text(inside.hello(bearing(&a("member"), note(""))).await), "hello member 42");
    assert_eq!(text(site.profile(bearing(&a("member"), note("hi"))).await), r#"user 42 says "hi""#);
    assert_eq!(seen(&inside.hello(bearing(&a("guest"), note(""))).await.unwrap_err()), NOT_ALLOWED);
    assert_eq!(seen(&site.profile(bearing(&a("guest"), note(""))).await.unwrap_err()), NOT_ALLOWED);
    assert_eq!(seen(&site.fail(note("")).await.unwrap_err()), MISSING);
}

/// A note whose text is not UTF-8.
#[derive(Clone, PartialEq, Message)]
struct Unreadable {
    #[prost(bytes, tag = "1")]
    text: Vec<u8>,
}

async fn send_unreadable(method: &'static str, token: &str) -> Status {
    let mut client = Grpc::new(channel(*SERVER).await);
    client.ready().await.unwrap();
    let codec = ProstCodec::<Unreadable, Unreadable>::default();
    let request = bearing(token, Unreadable { text: vec![0xff] });
    client.unary(request, PathAndQuery::from_static(method), codec).await.unwrap_err()
}

/// The framework reads the message of a unary call before it calls the method, so a guard on the method runs after that.
#[tokio::test]
async fn a_guarded_service_denies_before_a_message_is_read_and_a_unary_method_after() {
    assert_eq!(seen(&send_unreadable("/site.Inside/Hello", "junk").await), MALFORMED);
    assert_eq!(send_unreadable("/site.Inside/Hello", &a("member")).await.code(), Code::Internal);
    assert_eq!(send_unreadable("/site.Site/Profile", "junk").await.code(), Code::Internal);
}
