//! Discovery: keys found from the name of their issuer.

use std::sync::{Arc, Mutex};

use gatevault::{Issuer, RemoteKeys, TokenManager};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::signer::{Signer, set};
use crate::{CENTURY, ISSUER, arrived, failure, verdict};

/// Discovers the keys of `issuer`, which publishes this configuration. Returns the keys and the requested URLs.
fn discovered(issuer: &str, configuration: &str, keys: &str) -> (RemoteKeys, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (log, configuration, keys) = (asked.clone(), configuration.to_owned(), keys.to_owned());
    let fetch = move |url: &str| {
        log.lock().unwrap().push(url.to_owned());
        Ok(if url.ends_with("/.well-known/openid-configuration") {
            configuration.clone()
        } else {
            keys.clone()
        })
    };
    (RemoteKeys::discover(issuer).fetch_with(fetch).build().unwrap(), asked)
}

#[test]
fn the_configuration_of_an_issuer_has_the_url_of_its_keys() {
    let signer = Signer::es256("a");
    for (issuer, configuration_url) in [
        (ISSUER, "https://id.example/realms/shop/.well-known/openid-configuration"),
        ("https://tenant.example/", "https://tenant.example/.well-known/openid-configuration"),
    ] {
        let configuration = json!({"issuer": issuer, "jwks_uri": "https://keys.example/set"}).to_string();
        let (keys, asked) = discovered(issuer, &configuration, &set(&[&signer]));
        arrived(&keys);
        assert_eq!(*asked.lock().unwrap(), [configuration_url, "https://keys.example/set"]);
        let tokens = TokenManager::builder()
            .accept(Issuer::new(issuer, keys).audience("billing").max_lifetime(CENTURY))
            .build()
            .unwrap();
        assert_eq!(verdict(&tokens, &signer.token_of(issuer)), Ok(()));
    }
}

#[test]
fn documents_with_a_byte_order_mark_are_read() {
    let configuration = json!({"issuer": ISSUER, "jwks_uri": "https://keys.example/set"});
    let marked = |json: String| format!("\u{feff}{json}");
    let keys = set(&[&Signer::es256("a")]);
    arrived(&discovered(ISSUER, &marked(configuration.to_string()), &marked(keys)).0);
}

#[test]
fn the_configuration_of_another_issuer_is_rejected() {
    let good = "https://keys.example/set";
    for configuration in [
        json!({"issuer": "https://id.example/realms/other", "jwks_uri": good}),
        json!({"issuer": format!("{ISSUER}/"), "jwks_uri": good}),
        json!({"issuer": [ISSUER], "jwks_uri": good}),
        json!({"jwks_uri": good}),
        json!({"issuer": ISSUER}),
        json!({"issuer": ISSUER, "jwks_uri": 7}),
        json!({"issuer": ISSUER, "jwks_uri": "http://keys.example/set"}),
        json!({"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}),
        json!([ISSUER]),
    ] {
        let (keys, asked) = discovered(ISSUER, &configuration.to_string(), &set(&[&Signer::es256("a")]));
        assert!(!failure(&keys).is_empty(), "{configuration}");
        let asked = asked.lock().unwrap();
        assert!(asked.iter().all(|url| url.starts_with("https://id.example/")), "{configuration}: {asked:?}");
    }
}

#[test]
fn a_local_issuer_in_development_is_discovered_over_plain_http() {
    let signer = Signer::es256("a");
    let keys_server = Server::answering(Answer::Body(set(&[&signer])));
    let jwks_uri = keys_server.url("/set");
    let name = Arc::new(Mutex::new(String::new()));
    let own_name = name.clone();
    let issuer = Server::routing(move |path| match path {
        "/realms/shop/.well-known/openid-configuration" => {
            Answer::Body(json!({"issuer": *own_name.lock().unwrap(), "jwks_uri": jwks_uri}).to_string())
        }
        _ => Answer::Status("404 Not Found", String::new()),
    });
    let url = issuer.url("/realms/shop");
    name.lock().unwrap().clone_from(&url);
    let keys = RemoteKeys::discover(&url).allow_plain_http().build().unwrap();
    arrived(&keys);
    let tokens = TokenManager::builder()
        .accept(Issuer::new(&url, keys).audience("billing").max_lifetime(CENTURY))
        .build()
        .unwrap();
    assert_eq!(verdict(&tokens, &signer.token_of(&url)), Ok(()));
}
