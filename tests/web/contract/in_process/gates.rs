//! The gate of one test, in an application of each framework that is called in the process. The application has no gate of its
//! own, and another one is installed in the process of these tests.
#![expect(clippy::needless_pass_by_value, clippy::unused_async, reason = "the signatures of handlers")]

use gatevault::testing::{self, TestApp};
use gatevault::web::RouteGuard;
use gatevault::{Bearer, GateVault, GuardError, Payload, TokenManager, Verified, protected};
use gatevault_web_tests::{Request, Site, User, edges, mint};

fn user(caller: &Verified<Payload>) -> String {
    format!("user {}", caller.user_id())
}

fn axum_app() -> axum::Router {
    use axum::routing::get;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let inside =
        axum::Router::new().route("/layered", get(extracted)).layer(RouteGuard::<Payload>::installed());
    axum::Router::new().route("/guarded", get(guarded)).route("/extracted", get(extracted)).merge(inside)
}

macro_rules! actix {
    () => {{
        use actix_web::web;

        actix_web::App::new()
            .route("/guarded", web::get().to(actix_guarded))
            .route("/extracted", web::get().to(actix_extracted))
            .route("/layered", web::get().to(actix_extracted).wrap(RouteGuard::<Payload>::installed()))
    }};
}

#[protected]
async fn actix_guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id()))
}

async fn actix_extracted(caller: Verified<Payload>) -> String {
    user(&caller)
}

fn poem_app() -> poem::endpoint::BoxEndpoint<'static> {
    use poem::{EndpointExt as _, Route, get, handler};

    #[protected]
    #[handler]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let layered = get(extracted).with(RouteGuard::<Payload>::installed());
    let route = Route::new().at("/guarded", get(guarded)).at("/extracted", get(extracted));
    route.at("/layered", layered).map_to_response().boxed()
}

fn rocket_app() -> rocket::Rocket<rocket::Build> {
    use rocket::{get, routes};

    #[protected]
    #[get("/guarded")]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[get("/extracted")]
    fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    #[get("/layered")]
    fn layered(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::default() };
    let app = rocket::custom(config).mount("/", routes![guarded, extracted, layered]);
    app.register("/", gatevault::web::denial_catchers())
}

fn salvo_app() -> salvo::Router {
    use salvo::prelude::*;

    #[protected]
    #[handler]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    #[handler]
    async fn extracted(caller: Verified<Payload>) -> String {
        user(&caller)
    }
    let layered = Router::with_path("layered").hoop(RouteGuard::<Payload>::installed()).get(extracted);
    let routes = Router::new().push(Router::with_path("guarded").get(guarded)).push(layered);
    routes.push(Router::with_path("extracted").get(extracted))
}

fn warp_app() -> warp::filters::BoxedFilter<(impl warp::Reply + use<>,)> {
    use gatevault::web::warp::{bearer, recover_denials};
    use warp::Filter as _;

    #[protected]
    async fn guarded(token: Bearer, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("user {}", payload.user_id()))
    }
    let guard = RouteGuard::<Payload>::installed();
    let of_guard = warp::path!("layered").or(warp::path!("extracted")).unify().and(guard.as_filter());
    let of_guard = of_guard.map(|caller: Verified<Payload>| user(&caller)).recover(recover_denials);
    warp::path!("guarded").and(bearer()).then(guarded).or(of_guard).boxed()
}

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
    on_actix = actix!();
    on_poem = poem_app();
    on_rocket = rocket_app();
    on_salvo = salvo_app();
    on_warp = warp_app();
}

#[gatevault::test(as = Payload::new(42))]
#[actix_web::test]
async fn a_test_of_actix_has_a_gate_and_a_token(token: &str) {
    let request = axum::http::Request::get("/guarded").header("authorization", format!("Bearer {token}"));
    let response = testing::browser(actix!()).send(request.body(String::new()).unwrap()).await;
    assert_eq!((response.status(), response.text()), (200, "user 42".to_owned()));
}

#[gatevault::test(as = Payload::new(42))]
#[rocket::async_test]
async fn a_test_of_rocket_has_a_gate_and_a_token(token: &str) {
    let request = axum::http::Request::get("/guarded").header("authorization", format!("Bearer {token}"));
    let response = testing::browser(rocket_app()).send(request.body(String::new()).unwrap()).await;
    assert_eq!((response.status(), response.text()), (200, "user 42".to_owned()));
}
