//! The login routes, on the port of the services.

use gatevault_web_tests::edges::proto::site_client::SiteClient;
use gatevault_web_tests::edges::proto::site_server::SiteServer;
use gatevault_web_tests::edges::{self, Outside};
use gatevault_web_tests::{PASSWORD, Request};
use serde_json::json;
use tonic::transport::Server;

use crate::{INVALID, SERVER, bearing, channel, note, seen, site, text};

#[tokio::test]
async fn a_user_who_logs_in_by_http_calls_by_grpc_until_the_session_ends() {
    let credentials = json!({ "username": "ada", "password": PASSWORD });
    let login = Request::post("/api/login").json(&credentials).send(*SERVER);
    assert_eq!(login.status, 200, "{login:?}");
    let access = login.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(text(site().await.profile(bearing(&access, note("hi"))).await), r#"user 1 says "hi""#);

    let refresh = json!({ "refresh_token": login.json()["refresh_token"] });
    assert_eq!(Request::post("/api/logout").json(&refresh).send(*SERVER).status, 204);
    let denial = site().await.profile(bearing(&access, note("hi"))).await.unwrap_err();
    assert_eq!(seen(&denial), INVALID);
}

#[tokio::test]
async fn the_address_of_a_caller_is_where_the_server_stores_it() {
    assert_eq!(text(site().await.address(note("")).await), "None Some(127.0.0.1)");
    let server = edges::serve_tonic(|incoming| {
        Server::builder().add_service(SiteServer::new(Outside)).serve_with_incoming(incoming)
    });
    let mut site = SiteClient::new(channel(server).await);
    assert_eq!(text(site.address(note("")).await), "Some(127.0.0.1) None");
}

#[tokio::test]
async fn an_unknown_path_gets_the_grpc_status_unimplemented() {
    assert_eq!(Request::get("/nowhere").send(*SERVER).header("grpc-status"), "12");
}
