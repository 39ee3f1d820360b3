//! The cookie of a CSRF token that a handler of the application sets itself.

use std::time::Duration;

use gatevault::TokenManager;
use gatevault::web::{CsrfToken, RefreshCookie};

#[test]
fn the_cookie_of_a_csrf_token_is_readable_by_pages_of_the_host_and_has_its_age() {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let csrf = CsrfToken::of_session("session", &tokens).unwrap();
    let cookie = csrf.set_cookie(&RefreshCookie::default(), Duration::from_mins(2));
    let expected =
        format!("__Host-csrf_token={}; Secure; SameSite=Strict; Path=/; Max-Age=120", csrf.as_str());
    assert_eq!(cookie, expected);
    let deleted = CsrfToken::delete_cookie(&RefreshCookie::default());
    assert_eq!(deleted, "__Host-csrf_token=; Secure; SameSite=Strict; Path=/; Max-Age=0");
}

#[test]
fn the_debug_output_of_a_csrf_token_does_not_show_it() {
    let tokens = TokenManager::new([7; 32]).unwrap();
    assert_eq!(format!("{:?}", CsrfToken::of_session("session", &tokens).unwrap()), "CsrfToken(..)");
}
