//! Which gate verifies a token, in a process with an installed gate.

use std::net::SocketAddr;

use gatevault_web_tests::served::{self, argument, auth};
use gatevault_web_tests::{Request, User, mint};

fn assert_order(server: SocketAddr) {
    let user = User::member(42);
    // This call installs the gate of the site.
    let of_installed = mint(&user);
    let of_request = auth().tokens().create_access_token(&user).unwrap();
    let of_argument = argument().create_access_token(&user).unwrap();
    let ask = |path: &str, token: &str| Request::get(path).bearer(token).send(server).status;
    for path in ["/token", "/nested/deep/token", "/claims", "/group", "/accounts/7", "/no/such/route"] {
        let statuses = [&of_request, &of_installed, &of_argument].map(|token| ask(path, token));
        assert_eq!(statuses, [200, 401, 401], "{path}");
    }
    let statuses = [&of_argument, &of_request, &of_installed].map(|token| ask("/argument", token));
    assert_eq!(statuses, [200, 401, 401]);
}

macro_rules! the_gate_of_an_argument_precedes_that_of_the_request_and_that_the_installed_one {
    ($($framework:ident),+ $(,)?) => {
        $(#[test]
        fn $framework() {
            assert_order(served::$framework());
        })+
    };
}

the_gate_of_an_argument_precedes_that_of_the_request_and_that_the_installed_one!(
    actix, axum, poem, rocket, salvo
);
