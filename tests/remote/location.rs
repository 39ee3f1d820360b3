//! Where the configuration of an issuer is, by `OpenID` Connect Discovery 1.0 and by RFC 8414, and which URL an error names.

use std::error::Error;
use std::time::Duration;

use gatevault::{ConfigError, Issuer, RemoteKeys, TokenManager};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::signer::{Signer, set};
use crate::{CENTURY, arrived, failure, verdict};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

fn paths(server: &Server) -> Vec<String> {
    let path = |head: &String| head.split(' ').nth(1).unwrap_or_default().to_owned();
    server.requests().iter().map(path).collect()
}

/// Starts an issuer whose configuration has the location of RFC 8414, and which answers `first` at the other one.
fn oauth_server(name: &str, first: &Answer, set: String) -> Server {
    let first = first.clone();
    Server::issuer(name, move |issuer, path| match path {
        "/certs" => Answer::Body(set.clone()),
        path if path.ends_with(OPENID) => first.clone(),
        path if path.starts_with(OAUTH) => {
            let host = issuer.split('/').take(3).collect::<Vec<_>>().join("/");
            Answer::Body(json!({"issuer": issuer, "jwks_uri": format!("{host}/certs")}).to_string())
        }
        _ => Answer::Status("404 Not Found", String::new()),
    })
}

#[test]
fn the_metadata_of_rfc_8414_is_used_where_there_is_no_openid_configuration() {
    let signer = Signer::es256("a");
    let missing = Answer::Status("404 Not Found", String::new());
    for (name, openid, oauth) in [
        ("", OPENID.to_owned(), OAUTH.to_owned()),
        ("/", OPENID.to_owned(), OAUTH.to_owned()),
        ("/realms/shop", format!("/realms/shop{OPENID}"), format!("{OAUTH}/realms/shop")),
        ("/realms/shop/", format!("/realms/shop{OPENID}"), format!("{OAUTH}/realms/shop")),
    ] {
        let server = oauth_server(name, &missing, set(&[&signer]));
        let issuer = server.url(name);
        let keys = RemoteKeys::discover(&issuer).allow_plain_http().build().unwrap();
        arrived(&keys);
        assert_eq!(paths(&server), [openid, oauth, "/certs".to_owned()], "{name}");
        let issuer_of_keys = Issuer::new(&issuer, keys).audience("billing").max_lifetime(CENTURY);
        let tokens = TokenManager::builder().accept(issuer_of_keys).build().unwrap();
        assert_eq!(verdict(&tokens, &signer.token_of(&issuer)), Ok(()));
    }
}

#[test]
fn an_answer_without_a_configuration_leads_to_the_second_location_and_an_outage_does_not() {
    let page = "<html>the page of a web application</html>".to_owned();
    for status in ["400 Bad Request", "403 Forbidden", "405 Method Not Allowed", "410 Gone"] {
        let server = oauth_server("", &Answer::Status(status, page.clone()), set(&[&Signer::es256("a")]));
        arrived(&RemoteKeys::discover(server.url("")).allow_plain_http().build().unwrap());
    }
    let server = oauth_server("", &Answer::Body(page), set(&[&Signer::es256("a")]));
    arrived(&RemoteKeys::discover(server.url("")).allow_plain_http().build().unwrap());

    let elsewhere =
        json!({"issuer": "https://id.other.example", "jwks_uri": "https://id.other.example/certs"});
    for outage in [
        Answer::Status("500 Internal Server Error", String::new()),
        Answer::Status("503 Service Unavailable", String::new()),
        Answer::Status("429 Too Many Requests", String::new()),
        Answer::Status("408 Request Timeout", String::new()),
        Answer::Redirect("/elsewhere".to_owned()),
        Answer::Body(elsewhere.to_string()),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\n"),
    ] {
        let server = oauth_server("", &outage, set(&[&Signer::es256("a")]));
        let keys = RemoteKeys::discover(server.url("")).allow_plain_http().build().unwrap();
        failure(&keys);
        assert!(paths(&server).iter().all(|path| path == OPENID), "{:?}", paths(&server));
    }
}

#[test]
fn a_client_of_the_caller_is_asked_for_both_locations() {
    let signer = Signer::es256("a");
    let text = set(&[&signer]);
    let keys = RemoteKeys::discover("https://id.example/shop")
        .fetch_with(move |url| match url {
            "https://id.example/.well-known/oauth-authorization-server/shop" => {
                Ok(json!({"issuer": "https://id.example/shop", "jwks_uri": "https://id.example/certs"})
                    .to_string())
            }
            "https://id.example/certs" => Ok(text.clone()),
            _ => Err("there is nothing".into()),
        })
        .build()
        .unwrap();
    arrived(&keys);
}

#[test]
fn an_error_names_both_locations_if_neither_has_a_configuration() {
    let server = Server::answering(Answer::Status("404 Not Found", String::new()));
    let keys = RemoteKeys::discover(server.url("/shop")).allow_plain_http().build().unwrap();
    let reason = failure(&keys);
    let error = keys.wait(Duration::ZERO).unwrap_err();
    assert_eq!(error.url(), server.url(&format!("/shop{OPENID}")));
    assert!(error.to_string().contains(error.url()), "{error}");
    assert!(reason.contains(&server.url(&format!("{OAUTH}/shop"))), "{reason}");
    // Not the number alone, which the port may contain.
    assert_eq!(reason.matches("status 404").count(), 2, "{reason}");

    let keys = RemoteKeys::discover("https://id.example")
        .fetch_with(|url| Err(if url.ends_with(OPENID) { "first reason" } else { "second reason" }.into()))
        .build()
        .unwrap();
    let reason = failure(&keys);
    assert!(reason.contains("first reason") && reason.contains("second reason"), "{reason}");
}

#[test]
fn an_error_names_the_url_that_failed() {
    let keys_server = Server::answering(Answer::Status("500 Internal Server Error", String::new()));
    let jwks_uri = keys_server.url("/certs");
    let named = jwks_uri.clone();
    let server = Server::issuer("", move |issuer, _| {
        Answer::Body(json!({"issuer": issuer, "jwks_uri": named}).to_string())
    });
    let keys = RemoteKeys::discover(server.url("")).allow_plain_http().build().unwrap();
    failure(&keys);
    let error = keys.wait(Duration::ZERO).unwrap_err();
    assert_eq!(error.url(), jwks_uri);
    assert!(error.to_string().contains(&server.url("")) && error.to_string().contains(&jwks_uri), "{error}");

    let url = "https://id.example/jwks";
    for reason in ["the certificate is not trusted", "timeout"] {
        let keys = RemoteKeys::jwks(url).fetch_with(move |_| Err(reason.into())).build().unwrap();
        assert_eq!(failure(&keys), reason);
        let error = keys.wait(Duration::ZERO).unwrap_err();
        assert_eq!((error.url(), error.to_string().matches(url).count()), (url, 1), "{error}");
        assert!(error.source().is_some());
    }
}

#[test]
fn a_configuration_of_another_issuer_is_named_with_the_configured_one() {
    for (given, found) in [
        ("https://id.example", "https://id.example/"),
        ("https://id.example/", "https://id.example"),
        ("https://id.example/shop", "https://ID.example/shop"),
        ("https://id.example", "http://id.example"),
    ] {
        for reason in refusals(given, found) {
            for part in [&format!("{found:?}"), &format!("{given:?}"), "`discover(..)`", "`Issuer::new(..)`"]
            {
                assert!(reason.contains(part), "{part}: {reason}");
            }
        }
    }
    let hostile = format!("https://\u{1b}[31m\n{}", "a".repeat(100_000));
    for reason in refusals("https://id.example", &hostile) {
        assert!(reason.len() < 1000 && !reason.contains(['\n', '\u{1b}']), "{reason}");
    }
}

#[test]
fn a_configuration_of_several_tenants_is_explained() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    for reason in refusals("https://login.microsoftonline.com/common/v2.0", template) {
        for part in
            [template, "RemoteKeys::jwks(\"https://keys.example/set\")", "Issuer::multi_tenant(", "{tid}"]
        {
            assert!(reason.contains(part), "{part}: {reason}");
        }
    }
}

/// Returns why this configuration is not accepted, at each of the two locations.
fn refusals(given: &str, found: &str) -> [String; 2] {
    [false, true].map(|is_second| {
        let configuration = json!({"issuer": found, "jwks_uri": "https://keys.example/set"}).to_string();
        let fetch = move |url: &str| {
            assert!(!url.starts_with("https://keys.example"), "the keys of another issuer were fetched");
            if is_second && url.ends_with(OPENID) { Err("nothing".into()) } else { Ok(configuration.clone()) }
        };
        failure(&RemoteKeys::discover(given).fetch_with(fetch).build().unwrap())
    })
}

#[test]
fn an_issuer_with_a_query_or_a_fragment_is_rejected() {
    for issuer in ["https://id.example?tenant=a", "https://id.example/shop#a", "https://id.example/shop?"] {
        let error = RemoteKeys::discover(issuer).build().expect_err("not the URL of an issuer");
        assert!(matches!(error, ConfigError::Url { setting: "discover", .. }), "{error}");
    }
}
