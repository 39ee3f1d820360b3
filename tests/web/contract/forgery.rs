//! Cross-site request forgery: requests with the refresh cookie, sent by a page of another site.

use std::net::SocketAddr;

use gatevault_web_tests::Request;

use crate::browser::{Browser, CSRF, REFRESH};

/// Asserts that the request is refused and has no effect.
fn assert_forged(browser: &Browser, request: Request) {
    let reply = request.send(browser.server);
    assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{reply:?}");
    assert_eq!(browser.profile().status, 200);
}

pub(crate) fn a_refresh_needs_the_csrf_header(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    assert_forged(&browser, browser.post_without_header("/refresh"));
    for junk in ["", "junk", &browser.refresh, &browser.csrf[1..]] {
        assert_forged(&browser, browser.post_without_header("/refresh").header("X-CSRF-Token", junk));
    }
    assert_forged(&browser, browser.post("/refresh").header("X-CSRF-Token", &browser.csrf));
    browser.refresh();
}

pub(crate) fn a_logout_needs_the_csrf_header(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    assert_forged(&browser, browser.post_without_header("/logout"));
    assert_forged(&browser, browser.post_without_header("/logout").header("X-CSRF-Token", "junk"));
}

pub(crate) fn the_csrf_token_of_another_session_is_refused(server: SocketAddr) {
    let (browser, other) = (Browser::log_in(server, "ada"), Browser::log_in(server, "ada"));
    assert_forged(&browser, browser.post_without_header("/refresh").header("X-CSRF-Token", &other.csrf));
}

/// Another host of the site sets the CSRF cookie and sends the matching header (cookie tossing). An unsigned double submit
/// would accept it.
pub(crate) fn a_planted_pair_of_cookie_and_header_is_refused(server: SocketAddr) {
    let (browser, attacker) = (Browser::log_in(server, "ada"), Browser::log_in(server, "bob"));
    for planted in ["planted", &attacker.csrf] {
        let cookies = format!("{REFRESH}={}; {CSRF}={planted}", browser.refresh);
        let request = Request::post("/refresh").header("Cookie", cookies).header("X-CSRF-Token", planted);
        assert_forged(&browser, request);
    }
}

pub(crate) fn the_csrf_token_stays_while_the_session_is_refreshed(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    assert_eq!(browser.refresh().refresh().csrf, browser.csrf);
}

pub(crate) fn a_page_of_another_site_is_refused(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    assert_forged(&browser, browser.post("/refresh").header("Sec-Fetch-Site", "cross-site"));
    assert_forged(&browser, browser.post("/logout").header("Sec-Fetch-Site", "cross-site"));
}
