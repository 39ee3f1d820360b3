//! tonic: guarded methods of a service, and a service behind a guard.

use axum::http::Request;
use gatevault::testing::TestApp;
use gatevault_attack_tests::{good_tokens, tokens};
use gatevault_web_tests::edges::proto::inside_server::InsideServer;
use gatevault_web_tests::edges::proto::site_server::SiteServer;
use gatevault_web_tests::edges::{Behind, Outside};
use gatevault_web_tests::insiders;
use tokio::runtime::Builder;
use tonic::service::Routes;

use crate::frameworks::{COPIES, Headers, LIMIT, bearer};
use crate::target::manager;
use crate::watch::{Meter, watched};

const METHODS: [&str; 2] = ["/site.Site/Profile", "/site.Inside/Hello"];

pub(crate) const WAYS: usize = METHODS.len();

/// `Unauthenticated` of gRPC.
const REFUSED: &str = "16";

#[test]
fn grpc_refuses_every_hostile_token() {
    watched(|| {
        manager();
        let inside = InsideServer::with_interceptor(Behind, insiders());
        let app = Routes::new(SiteServer::new(Outside)).add_service(inside).into_axum_router();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let running = runtime.block_on(app.start()).unwrap();
        let send = |method: &str, value| {
            // A message of zero bytes: no compression, a length of four bytes.
            let request = Request::post(method)
                .header("content-type", "application/grpc")
                .header("authorization", value);
            let request = request.body(vec![0; 5]).unwrap();
            let response = runtime.block_on(axum::Router::respond(&running, request, None)).unwrap();
            let status = response.headers().get("grpc-status").map_or("0", |value| value.to_str().unwrap());
            status.to_owned()
        };
        for method in METHODS {
            for (algorithm, token) in good_tokens() {
                assert_eq!(send(method, bearer(&token).unwrap()), "0", "{method}, {algorithm}");
            }
            let mut meter = Meter::new(format!("tonic {method}"), LIMIT).copying(COPIES);
            for attack in tokens() {
                match bearer(&attack.token) {
                    Some(value) => meter.call(attack, REFUSED, || send(method, value.clone())),
                    None => meter.cannot_send(),
                }
            }
            meter.finish(Headers::Any.unsendable());
        }
    });
}
