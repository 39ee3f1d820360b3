//! The login routes in the form of each framework, with the routes for browsers.

use gatevault::testing::{self, TestApp, TestUser, Users};
use gatevault::{Auth, MemorySessions, Payload};
use gatevault_attack_tests::tokens;
use gatevault_web_tests::login_apps;
use tokio::runtime::Builder;

use crate::routes::{PLACES, outcome};
use crate::target::separate;
use crate::watch::{Meter, watched};

/// The places of the routes for browsers, without logins, which decide nothing about tokens.
const TRIED: usize = 5;

fn run<A: TestApp>(framework: &str, app: impl FnOnce(&Auth<Users<Payload>>) -> A) {
    let users = Users::<Payload>::new([TestUser::new(1, "ada")]);
    let auth = Auth::with_tokens(users, separate(), MemorySessions::new()).unwrap().hasher(testing::hasher());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let running = runtime.block_on(app(&auth).start()).unwrap();
    let login = auth.handler().login("ada", testing::PASSWORD).unwrap();
    for place in &PLACES[..TRIED] {
        let mut meter = Meter::new(format!("{framework} {}", place.name), 256 * 1024);
        for attack in tokens() {
            let Some(request) = (place.request)(&attack.token).to_http() else {
                meter.cannot_send();
                continue;
            };
            meter.send(&attack.name, place.refusal, || {
                let response = runtime.block_on(A::respond(&running, request, None)).ok()?;
                Some(outcome(response.status().as_u16(), response.body()))
            });
        }
        meter.finish();
    }
    assert!(auth.handler().refresh(&login.refresh_token).is_ok(), "{framework}: the session ended");
}

macro_rules! frameworks {
    ($($test:ident: $framework:literal = $app:expr;)+) => {
        /// Each place in the routes of each framework.
        pub(crate) const WAYS: usize = TRIED * [$($framework),+].len();

        $(#[test]
        fn $test() {
            watched(|| run($framework, $app));
        })+
    };
}

frameworks! {
    the_routes_of_axum_refuse_every_hostile_token: "axum" = login_apps::axum;
    the_routes_of_actix_refuse_every_hostile_token: "actix-web" = login_apps::actix;
    the_routes_of_poem_refuse_every_hostile_token: "poem" = login_apps::poem;
    the_routes_of_rocket_refuse_every_hostile_token: "Rocket" = login_apps::rocket;
    the_routes_of_salvo_refuse_every_hostile_token: "Salvo" = login_apps::salvo;
    the_routes_of_warp_refuse_every_hostile_token: "warp" = login_apps::warp;
}
