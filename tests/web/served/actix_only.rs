//! actix-web only: which extractors run for a denied request.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::test::TestRequest;
use actix_web::web;
use actix_web::{App, FromRequest, HttpRequest};
use gatevault::{Auth, GuardError, MemorySessions, OAuthHandler, protected};
use gatevault_web_tests::served::auth;
use gatevault_web_tests::{User, Users};

/// Counts how often its future was created and polled.
#[derive(Default, Clone)]
struct Counts {
    created: Rc<Cell<u32>>,
    polled: Rc<Cell<u32>>,
}

impl FromRequest for Counts {
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let counts = request.app_data::<Self>().unwrap().clone();
        counts.created.set(counts.created.get().saturating_add(1));
        Box::pin(async move {
            counts.polled.set(counts.polled.get().saturating_add(1));
            Ok(counts)
        })
    }
}

#[protected(handler)]
async fn counting(_counts: Counts, user: User) -> Result<String, GuardError> {
    Ok(user.to_string())
}

#[test]
fn other_extractors_are_created_and_not_polled_for_a_denied_request() {
    actix_web::rt::System::new().block_on(async {
        let counts = Counts::default();
        let app = auth().serve(App::new().app_data(counts.clone()).route("/", web::get().to(counting)));
        let app = actix_web::test::init_service(app).await;
        let ask = async |token: &str| {
            let request =
                TestRequest::get().uri("/").insert_header(("authorization", format!("Bearer {token}")));
            actix_web::test::call_service(&app, request.to_request()).await.status().as_u16()
        };
        assert_eq!(ask("junk").await, 401);
        assert_eq!((counts.created.get(), counts.polled.get()), (1, 0));
        assert_eq!(ask(&auth().tokens().create_access_token(&User::member(42)).unwrap()).await, 200);
        assert_eq!((counts.created.get(), counts.polled.get()), (2, 1));
    });
}

/// The gate of the innermost scope is found, whether it is in `Data` or not, in front of the one that `serve` adds.
#[test]
fn the_data_of_the_application_itself_takes_precedence_over_serve() {
    actix_web::rt::System::new().block_on(async {
        let own = gatevault_web_tests::served::inner();
        let app = App::new().app_data(gatevault::GateVault::new(own.clone()));
        let app = auth().serve(app).route("/", web::get().to(by_data));
        let app = actix_web::test::init_service(app).await;
        for (tokens, status) in [(&own, 200), (auth().tokens(), 401)] {
            let token = tokens.create_access_token(&User::member(42)).unwrap();
            let request =
                TestRequest::get().uri("/").insert_header(("authorization", format!("Bearer {token}")));
            let response = actix_web::test::call_service(&app, request.to_request()).await;
            assert_eq!(response.status().as_u16(), status);
        }
    });
}

/// `App` does not show its data, so `serve` cannot leave a gate as it is.
#[test]
fn of_two_applications_around_one_app_the_last_counts() {
    actix_web::rt::System::new().block_on(async {
        let auth_of_others = {
            let handler = OAuthHandler::with_users(gatevault_web_tests::served::inner(), Users);
            Auth::over(handler.session_store(MemorySessions::new())).unwrap()
        };
        let within = auth().serve(App::new().route("/", web::get().to(by_data)));
        let app = auth_of_others.routes().mounted_at("/other").unwrap().serve(within);
        let app = actix_web::test::init_service(app).await;
        for (tokens, status) in [(auth_of_others.tokens(), 200), (auth().tokens(), 401)] {
            let token = tokens.create_access_token(&User::member(42)).unwrap();
            let request =
                TestRequest::get().uri("/").insert_header(("authorization", format!("Bearer {token}")));
            let response = actix_web::test::call_service(&app, request.to_request()).await;
            assert_eq!(response.status().as_u16(), status);
        }
    });
}

#[protected]
async fn by_data(token: gatevault::Bearer, payload: User) -> Result<String, GuardError> {
    Ok(payload.to_string())
}
