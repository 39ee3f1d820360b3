//! Rocket only: gates and catchers of the application beside those of `serve`.

use gatevault::GateVault;
use gatevault::web::denial_catchers;
use gatevault_web_tests::served::{application, auth, inner};
use gatevault_web_tests::{Request, User, edges, own_denials};
use rocket::fairing::AdHoc;
use rocket::{Request as RocketRequest, catch, catchers};

use crate::handlers::the_application_chooses_what_a_denial_of_a_handler_says;

#[catch(401)]
fn unauthorized() -> &'static str {
    "our own page"
}

#[catch(default)]
fn any(status: rocket::http::Status, _request: &RocketRequest<'_>) -> String {
    format!("our own page {}", status.code)
}

#[test]
fn catchers_of_the_application_stay_and_do_not_collide() {
    for catchers in [catchers![unauthorized], catchers![any], denial_catchers()] {
        let server = edges::serve_rocket(auth().serve(application()).register("/", catchers));
        // The denial of a handler has its own form.
        let reply = Request::get("/admin").send(server);
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{reply:?}");
        let own = Request::get("/own").send(server);
        assert_eq!((own.status, own.body.as_str()), (418, "own 401"), "{own:?}");
        assert!(own.header("content-type").starts_with("text/plain"), "{own:?}");
        // A header of Rocket's `Shield`, which has seen the response before.
        assert_eq!(own.header("x-content-type-options"), "nosniff", "{own:?}");
        assert_eq!(Request::get("/claims").send(server).status, 401);
    }
    let server = edges::serve_rocket(auth().serve(application().register("/", catchers![unauthorized])));
    assert_eq!(Request::get("/claims").send(server).body, "our own page");
    let server = edges::serve_rocket(auth().serve(application()));
    assert_eq!(Request::get("/claims").send(server).header("www-authenticate"), "Bearer");
}

#[test]
fn a_gate_that_the_application_manages_stays() {
    let server = edges::serve_rocket(auth().serve(application().manage(GateVault::new(inner()))));
    let user = User::member(42);
    let (of_application, of_auth) =
        (inner().create_access_token(&user).unwrap(), auth().tokens().create_access_token(&user).unwrap());
    assert_eq!(Request::get("/accounts/7").bearer(&of_application).send(server).body, "account 7 of user 42");
    assert_eq!(Request::get("/accounts/7").bearer(&of_auth).send(server).status, 401);
}

#[test]
fn an_application_that_is_served_twice_launches() {
    let other = auth().routes().mounted_at("/other").unwrap();
    let server = edges::serve_rocket(other.serve(auth().serve(application())));
    assert_eq!(Request::get("/own").send(server).body, "own 401");
    for path in ["/login", "/other/login"] {
        assert_eq!(Request::post(path).send(server).status, 415, "{path}");
    }
}

#[test]
fn managed_settings_of_denials_apply_to_every_denial() {
    for managing in [
        application().manage(own_denials()),
        application()
            .attach(AdHoc::on_ignite("denials", |rocket| Box::pin(async { rocket.manage(own_denials()) }))),
    ] {
        let server = edges::serve_rocket(auth().serve(managing));
        the_application_chooses_what_a_denial_of_a_handler_says(server, "/scoped");
        for path in ["/claims", "/group", "/nested/deep/token"] {
            let reply = Request::get(path).bearer("junk").send(server);
            assert_eq!(reply.body, "401 invalid_token: the token is not valid; none", "{path}");
            assert!(reply.header("www-authenticate").contains(r#"realm="the site""#), "{path}: {reply:?}");
        }
    }
}
