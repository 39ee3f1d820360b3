//! One contract for the applications that `Auth` serves, tested with real requests over real sockets. No gate is installed in this
//! process.
#![cfg(test)]

mod actix_only;
mod connections;
mod gates;
mod handlers;
mod others;
mod rocket_only;
mod two_applications;

/// Runs every test against the application of one framework, on a server that they share.
macro_rules! contract {
    ($framework:ident: $($theme:ident::{$($test:ident),+ $(,)?})+) => {
        mod $framework {
            use std::net::SocketAddr;
            use std::sync::LazyLock;

            static SERVER: LazyLock<SocketAddr> = LazyLock::new(gatevault_web_tests::served::$framework);

            $(mod $theme {
                $(#[test]
                fn $test() {
                    crate::$theme::$test(*super::SERVER);
                })+
            })+
        }
    };
}

/// Runs the whole contract for several frameworks.
macro_rules! frameworks {
    ($($framework:ident),+ $(,)?) => {
        $(contract! {
            $framework:
            gates::{
                a_token_of_the_login_opens_every_route,
                a_token_of_another_manager_opens_none,
                the_token_of_a_cookie_brings_the_gate_too,
                an_argument_takes_precedence_over_the_gate_of_the_request,
                nothing_that_a_client_sends_chooses_a_gate,
                the_fallback_is_guarded_too,
            }
            handlers::{
                a_stranger_is_denied_before_the_path_is_parsed,
                a_stranger_is_denied_before_the_body_is_read,
                a_wrong_role_is_not_allowed,
                an_old_login_gets_the_challenge_of_its_age,
                a_denial_has_the_form_of_the_applications_error,
                a_stranger_learns_all_scopes_of_a_handler_at_once,
                a_page_reads_the_token_of_the_cookie,
            }
            connections::{
                the_body_of_a_denied_request_is_never_read_as_the_next_request,
                a_stranger_who_asks_whether_to_send_a_body_is_denied,
                of_two_tokens_in_headers_neither_counts,
                a_page_reads_the_cookie_only_and_every_other_route_the_header_only,
                no_method_leads_past_the_guard_of_a_handler,
            }
        })+
    };
}

frameworks! { actix, axum, poem, rocket, salvo }

/// Rocket has no scopes.
macro_rules! scopes {
    ($($framework:ident),+ $(,)?) => {
        mod scopes {
            $(#[test]
            fn $framework() {
                crate::gates::the_gate_of_an_inner_scope_takes_precedence(gatevault_web_tests::served::$framework());
            })+
        }
    };
}

scopes! { actix, axum, poem, salvo }

/// Rocket manages the settings of denials.
macro_rules! denials {
    ($($framework:ident),+ $(,)?) => {
        mod denials {
            $(#[test]
            fn $framework() {
                let server = gatevault_web_tests::served::$framework();
                crate::handlers::the_application_chooses_what_a_denial_of_a_handler_says(server, "/presented");
            })+
        }
    };
}

denials! { actix, axum, poem, salvo }
