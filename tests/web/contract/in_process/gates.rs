//! The gate of one test, in an application of each framework that is called in the process. The application has no gate of its
//! own, and another one is installed in the process of these tests.

use gatevault::testing::{self, TestApp};
use gatevault::{GateVault, Payload, TokenManager};
use gatevault_web_tests::guarded_apps::{actix_app, axum_app, poem_app, rocket_app, salvo_app, warp_app};
use gatevault_web_tests::{Request, Site, User, edges, mint};

async fn only_tokens_of_the_tests_gate_are_accepted<A: TestApp>(app: A) {
    let of_process = mint(&User::member(7));
    let own = TokenManager::new([9; 32]).unwrap();
    let access = own.create_access_token(&Payload::new(42)).unwrap();
    let browser = testing::browser(app);
    for path in ["/guarded", "/extracted", "/layered"] {
        let send = async |access: &str| {
            let request = axum::http::Request::get(path).header("authorization", format!("Bearer {access}"));
            let response = browser.send(request.body(String::new()).unwrap()).await;
            (response.status(), response.text())
        };
        assert_eq!(send(&of_process).await, (200, "user 7".to_owned()), "{path}");
        assert_eq!(send(&access).await.0, 401, "{path}");
        let gate = GateVault::new(own.clone()).install_for_test();
        assert_eq!(send(&access).await, (200, "user 42".to_owned()), "{path}");
        assert_eq!(send(&of_process).await.0, 401, "{path}");
        drop(gate);
        assert_eq!(send(&access).await.0, 401, "{path}");
    }
}

#[test]
fn a_server_on_a_socket_asks_the_installed_gate() {
    let of_process = mint(&User::member(7));
    let own = TokenManager::new([9; 32]).unwrap();
    let access = own.create_access_token(&User::member(42)).unwrap();
    let server = edges::axum(Site::default());
    let _gate = GateVault::new(own).install_for_test();
    let status = |access: &str| Request::get("/profile").bearer(access).send(server).status;
    assert_eq!((status(&of_process), status(&access)), (200, 401));
}

macro_rules! frameworks {
    ($($framework:ident = $app:expr;)+) => {
        $(mod $framework {
            use super::*;

            #[tokio::test]
            async fn only_tokens_of_the_tests_gate_are_accepted() {
                super::only_tokens_of_the_tests_gate_are_accepted($app).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn so_it_is_on_a_multi_thread_runtime() {
                super::only_tokens_of_the_tests_gate_are_accepted($app).await;
            }
        })+
    };
}

frameworks! {
    on_axum = axum_app();
    on_actix = actix_app();
    on_poem = poem_app();
    on_rocket = rocket_app();
    on_salvo = salvo_app();
    on_warp = warp_app();
}

#[gatevault::test(as = Payload::new(42))]
#[actix_web::test]
async fn a_test_of_actix_has_a_gate_and_a_token(token: &str) {
    let request = axum::http::Request::get("/guarded").header("authorization", format!("Bearer {token}"));
    let response = testing::browser(actix_app()).send(request.body(String::new()).unwrap()).await;
    assert_eq!((response.status(), response.text()), (200, "user 42".to_owned()));
}

#[gatevault::test(as = Payload::new(42))]
#[rocket::async_test]
async fn a_test_of_rocket_has_a_gate_and_a_token(token: &str) {
    let request = axum::http::Request::get("/guarded").header("authorization", format!("Bearer {token}"));
    let response = testing::browser(rocket_app()).send(request.body(String::new()).unwrap()).await;
    assert_eq!((response.status(), response.text()), (200, "user 42".to_owned()));
}
