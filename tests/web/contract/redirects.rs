//! Redirects after a login or a refresh: a browser stays at the origin, for every string that a link or a form can contain.

use std::fmt::Write as _;

use gatevault::login::SessionRequest;
use gatevault::web::{HttpRequest, Pages};
use gatevault::{AuthRoutes, MemorySessions, OAuthHandler, TokenManager};
use gatevault_tests::{Account, SECRET, quick_hasher};
use proptest::prelude::*;
use url::Url;

/// Strings that attackers try: pieces of URLs, white space, control characters and encodings, in any order.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "/",
        "//",
        "\\",
        "%2F",
        "%5C",
        "%2e",
        ".",
        "..",
        "\t",
        "\n",
        "\r",
        "\u{0}",
        " ",
        "%09",
        "%0A",
        "%0D",
        "%00",
        ":",
        "@",
        "?",
        "#",
        "https:",
        "http://",
        "javascript:",
        "evil.example",
        "a",
        "\u{ff0f}",
        "\u{2028}",
        "\u{e9}",
        "%",
        "%25",
        "%E2%80%A8",
        ";",
        "&next=",
        "+",
        "[::1]",
        "\"",
        "<",
    ];
    let pieces =
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..8).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces.clone(), pieces.prop_map(|rest| format!("/{rest}")), any::<String>()]
}

fn assert_stays(location: &str, next: &str) {
    assert!(
        location.starts_with('/') && location.bytes().all(|byte| byte.is_ascii_graphic()),
        "{location:?} {next:?}"
    );
    for page in
        ["https://app.example/", "https://app.example/auth/continue?next=x", "http://app.example:8080/a/b/"]
    {
        let page = Url::parse(page).unwrap();
        let arrived = page.join(location).unwrap();
        assert_eq!(arrived.origin(), page.origin(), "{next:?} leads to {arrived}");
        assert_eq!((arrived.username(), arrived.password()), ("", None), "{next:?}");
    }
}

proptest! {
    #[test]
    fn every_next_leads_to_a_page_of_this_host(next in hostile()) {
        let tokens = TokenManager::new(SECRET).unwrap();
        let account = Account::new(1, "correct horse");
        let oauth = OAuthHandler::new(tokens, |_| None::<Account>).hasher(quick_hasher()).session_store(MemorySessions::new());
        let pair = oauth.begin_session(&account, SessionRequest::new()).unwrap();
        let routes = AuthRoutes::new(oauth).for_pages(&Pages::new("shop").unwrap()).unwrap();

        let request = HttpRequest::new("POST", "/auth/login");
        assert_stays(routes.lead_to(&next, &pair, &request).header("location").unwrap(), &next);
        let encoded = next.bytes().fold(String::new(), |mut encoded, byte| {
            write!(encoded, "%{byte:02X}").unwrap();
            encoded
        });
        for next in [&next, &encoded] {
            let request = HttpRequest::new("GET", "/auth/continue").with_target(&format!("/auth/continue?next={next}"));
            let location = routes.respond(&request, None).header("location").unwrap().to_owned();
            assert_stays(&location, next);
            // What the login page sends back.
            if let Some(kept) = Url::parse("https://app.example").unwrap().join(&location).unwrap().query_pairs().next() {
                assert_stays(routes.lead_to(&kept.1, &pair, &request).header("location").unwrap(), next);
                assert_eq!(routes.lead_to(&kept.1, &pair, &request).header("location").unwrap(), kept.1);
            }
        }
    }
}
