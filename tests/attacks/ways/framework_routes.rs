//! The login routes in the form of each framework: for browsers, for other clients, and for pages of a server.

use gatevault::AuthRoutes;
use gatevault::testing::{self, TestApp, Users};
use gatevault_attack_tests::tokens;
use poem::EndpointExt as _;
use tokio::runtime::Builder;
use warp::Filter as _;

use crate::frameworks::{Headers, LIMIT};
use crate::routes::{PLACES, Routes, outcome_of};
use crate::watch::{Meter, watched};

fn run<A: TestApp>(framework: &str, headers: Headers, app: impl FnOnce([AuthRoutes<Users>; 3]) -> A) {
    let routes = Routes::new("attacked");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let app = app([&routes.browsers, &routes.others, &routes.pages].map(Clone::clone));
    let running = runtime.block_on(app.start()).unwrap();
    let login = routes.handler.login("ada", testing::PASSWORD).unwrap();
    for place in PLACES {
        let mut meter = Meter::new(format!("{framework} {}", place.name), LIMIT).copying(place.copies());
        for attack in tokens() {
            let sent = (place.request)(&attack.token);
            match sent.to_http().filter(|request| place.can_hold(&attack.token) && headers.can_carry(request))
            {
                Some(request) => meter.call(attack, place.expected(attack, &sent), || {
                    outcome_of(&runtime.block_on(A::respond(&running, request.clone(), None)).unwrap())
                }),
                None => meter.cannot_send(),
            }
        }
        meter.finish(place.unsendable(headers));
    }
    routes.assert_session_is_active(&login.refresh_token);
}

fn axum_app([browsers, others, pages]: [AuthRoutes<Users>; 3]) -> axum::Router {
    axum::Router::new().merge(browsers.into_router()).merge(others.into_router()).merge(pages.into_router())
}

fn poem_app(routes: [AuthRoutes<Users>; 3]) -> poem::endpoint::BoxEndpoint<'static> {
    let add = |route, routes: AuthRoutes<Users>| routes.add_to(route);
    routes.into_iter().fold(poem::Route::new(), add).map_to_response().boxed()
}

fn rocket_app(routes: [AuthRoutes<Users>; 3]) -> rocket::Rocket<rocket::Build> {
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::default() };
    routes.into_iter().fold(rocket::custom(config), |app, routes| app.mount("/", routes))
}

fn salvo_app(routes: [AuthRoutes<Users>; 3]) -> salvo::Router {
    routes.into_iter().fold(salvo::Router::new(), |router, routes| router.push(routes.into()))
}

fn warp_app(
    [browsers, others, pages]: [AuthRoutes<Users>; 3],
) -> warp::filters::BoxedFilter<(impl warp::Reply + use<>,)> {
    browsers.into_filter().or(others.into_filter()).unify().or(pages.into_filter()).unify().boxed()
}

macro_rules! frameworks {
    ($($test:ident: $framework:literal, $headers:ident = $app:expr;)+) => {
        /// Each place in the routes of each framework.
        pub(crate) const WAYS: usize = PLACES.len() * [$($framework),+].len();

        $(#[test]
        fn $test() {
            watched(|| run($framework, Headers::$headers, $app));
        })+
    };
}

frameworks! {
    the_routes_of_axum_refuse_every_hostile_token: "axum", Any = axum_app;
    the_routes_of_actix_refuse_every_hostile_token: "actix-web", Any = |[browsers, others, pages]| {
        actix_web::App::new().service(browsers).service(others).service(pages)
    };
    the_routes_of_poem_refuse_every_hostile_token: "poem", Any = poem_app;
    the_routes_of_rocket_refuse_every_hostile_token: "Rocket", Ascii = rocket_app;
    the_routes_of_salvo_refuse_every_hostile_token: "Salvo", Any = salvo_app;
    the_routes_of_warp_refuse_every_hostile_token: "warp", Any = warp_app;
}
