//! `inspect --issuer`: the keys of an issuer over http, on this machine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::json;

use crate::command::Folder;
use crate::hostile::{all_hostile, assert_harmless, colored};

/// Starts an issuer with its keys at its own `/jwks`, and returns its URL. It ends with the process.
fn issuer(set: String) -> String {
    issuer_with(set, |url| format!("{url}/jwks"))
}

/// Starts an issuer that answers with this key set, and names the place of its keys.
fn issuer_with(set: String, jwks_uri: impl Fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let configuration = json!({ "issuer": url, "jwks_uri": jwks_uri(&url) }).to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &configuration, &set);
        }
    });
    url
}

fn answer(mut stream: TcpStream, configuration: &str, set: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    let request = lines.next().unwrap_or_default();
    while lines.next().is_some_and(|line| !line.is_empty()) {}
    let (status, body) = match request.split(' ').nth(1).unwrap_or_default() {
        "/.well-known/openid-configuration" => ("200 OK", configuration),
        "/jwks" => ("200 OK", set),
        _ => ("404 Not Found", ""),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
}

#[test]
fn the_token_of_an_issuer_is_verified_with_its_published_keys() {
    let folder = Folder::new();
    folder.ok(&["keygen", "ES256", "--out", "key"]);
    let url = issuer(folder.ok(&["jwks", "key"]));
    let token =
        folder.ok(&["mint", "--key", "key", "--sub", "ada", "--issuer", &url, "--audience", "billing"]);
    let inspect = |arguments: &[&str]| {
        folder.run(&[&["inspect", &token, "--issuer", &url, "--json"], arguments].concat())
    };

    let valid = inspect(&["--audience", "billing"]);
    let verdict = valid.json()["verdict"].clone();
    assert_eq!(
        (valid.code, &verdict["valid"], &verdict["user_id"]),
        (0, &json!(true), &json!("ada")),
        "{verdict}"
    );
    assert_eq!(inspect(&["--audience", "shop", "--audience", "billing"]).code, 0);

    let for_another = inspect(&["--audience", "shop"]);
    assert_eq!((for_another.code, &for_another.json()["verdict"]["signature"]), (1, &json!("genuine")));
    let expired = inspect(&["--audience", "billing", "--at", "2099-01-01T00:00:00Z"]);
    assert_eq!((expired.code, &expired.json()["verdict"]["error"]), (1, &json!("the token has expired")));

    let without_audience = inspect(&[]);
    assert_eq!(without_audience.code, 2);
    assert!(without_audience.err.contains("this token has \"billing\""), "{without_audience:?}");
}

/// A service may verify its own tokens with the keys that its login service publishes.
#[test]
fn the_keys_of_an_issuer_verify_own_tokens_too() {
    let folder = Folder::new();
    folder.ok(&["keygen", "EdDSA", "--out", "key"]);
    let url = issuer(folder.ok(&["jwks", "key"]));
    let token = folder.ok(&["mint", "--key", "key", "--user-id", "42", "--kind", "refresh"]);
    let own = folder.run(&["inspect", &token, "--issuer", &url, "--profile", "own", "--json"]);
    assert_eq!((own.code, &own.json()["verdict"]["kind"]), (0, &json!("refresh")), "{own:?}");
}

#[test]
fn a_token_of_a_key_that_the_issuer_does_not_publish_is_not_valid() {
    let folder = Folder::new();
    folder.ok(&["keygen", "ES256", "--out", "key"]);
    folder.ok(&["keygen", "ES256", "--out", "other"]);
    let url = issuer(folder.ok(&["jwks", "key"]));
    let mint = |kid: &[&str]| {
        let arguments = ["mint", "--key", "other", "--sub", "ada", "--issuer", &url, "--audience", "billing"];
        folder.ok(&[&arguments, kid].concat())
    };
    let verdict = |token: &str| {
        let output = folder.run(&["inspect", token, "--issuer", &url, "--audience", "billing", "--json"]);
        assert_eq!(output.code, 1);
        output.json()["verdict"].clone()
    };
    let unknown = verdict(&mint(&[]));
    assert!(unknown["reason"].as_str().unwrap().contains("`kid`"), "{unknown}");
    assert!(unknown["advice"].to_string().contains("the token has the `kid`"), "{unknown}");
    let set: serde_json::Value = serde_json::from_str(&folder.ok(&["jwks", "key"])).unwrap();
    let forged = verdict(&mint(&["--kid", set["keys"][0]["kid"].as_str().unwrap()]));
    assert_eq!(forged["signature"], "wrong");
}

#[test]
fn a_key_that_the_library_skipped_is_named_with_the_reason() {
    let folder = Folder::new();
    folder.ok(&["keygen", "ES256", "--out", "key"]);
    let usable = folder.ok(&["jwks", "key"]);
    let set: serde_json::Value = serde_json::from_str(&usable).unwrap();
    let mut skipped = set["keys"][0].clone();
    skipped["kid"] = "encryption".into();
    skipped["use"] = "enc".into();
    let url = issuer(json!({ "keys": [set["keys"][0], skipped] }).to_string());
    let token = folder.ok(&[
        "mint",
        "--key",
        "key",
        "--kid",
        "encryption",
        "--sub",
        "a",
        "--issuer",
        &url,
        "--audience",
        "b",
    ]);
    let output = folder.run(&["inspect", &token, "--issuer", &url, "--audience", "b", "--json"]);
    let reason = output.json()["verdict"]["reason"].as_str().unwrap().to_owned();
    assert!(output.code == 1 && reason.contains("cannot be used") && reason.contains("`use`"), "{reason}");
}

#[test]
fn no_key_set_comes_over_http_from_another_machine() {
    let folder = Folder::new();
    let token = folder.token(&["--sub", "ada"]);
    let url = issuer_with("{}".to_owned(), |_| "http://keys.example/jwks".to_owned());
    let refused = folder.run(&["inspect", &token, "--issuer", &url, "--audience", "a"]);
    assert!(refused.code == 2 && refused.err.contains("`http` from another machine"), "{refused:?}");
}

#[test]
fn an_issuer_that_cannot_be_reached_or_trusted_is_no_verdict() {
    let folder = Folder::new();
    let token = folder.token(&["--sub", "ada"]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    let other = issuer("{}".to_owned());
    let slash = format!("{other}/");
    for (url, part) in [
        ("http://id.example", "`http` from another machine"),
        ("http://localhost.evil.example", "`http` from another machine"),
        ("id.example", "https"),
        ("https://user:password@id.example", "credentials"),
        (&closed, "could not be fetched"),
        (&other, "could not be fetched"),
        (&slash, "could not be fetched"),
    ] {
        let refused = folder.run(&["inspect", &token, "--issuer", url, "--audience", "a"]);
        assert!(refused.code == 2 && refused.out.is_empty(), "{url}: {refused:?}");
        assert!(refused.err.contains(part), "{url}: {refused:?}");
    }
}

#[test]
fn no_hostile_character_of_an_issuer_reaches_the_terminal() {
    let folder = Folder::new();
    let hostile = all_hostile();
    let token = folder.token(&["--sub", "ada", "--kid", &hostile]);
    folder.ok(&["keygen", "EdDSA", "--format", "jwk", "--kid", &hostile, "--out", "key"]);
    let set = folder.ok(&["jwks", "key"]);
    let unusable =
        json!({ "keys": [{ "kty": hostile, "kid": hostile, "use": hostile, "alg": hostile }] }).to_string();
    for url in [
        issuer(set.clone()),
        issuer(unusable),
        issuer(hostile.clone()),
        issuer_with(set.clone(), |_| hostile.clone()),
        issuer_with(set, |url| format!("{url}/{hostile}")),
    ] {
        for arguments in [&["--audience", "a"][..], &["--audience", "a", "--json"], &["--profile", "own"]] {
            assert_harmless(&colored(
                &folder,
                &[&["inspect", &token, "--issuer", &url], arguments].concat(),
                "",
            ));
        }
    }
}
