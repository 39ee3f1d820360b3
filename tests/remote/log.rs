//! The log: an event for each failed fetch and each change of keys, without any content of a response.

use std::time::Duration;

use gatevault::RemoteKeys;
use gatevault_tests::Recorder;
use tracing::Level;

use crate::script::Script;
use crate::server::{Answer, Server};
use crate::signer::{Signer, set};
use crate::{arrived, eventually, failure};

#[test]
fn failures_and_changes_are_logged_without_the_content_of_responses() {
    const URL: &str = "https://logged.example/jwks";
    // Keys are fetched on their own threads, so the recorder is global.
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    let logged = || recorder.lines().into_iter().filter(|(_, line)| line.contains(URL)).collect::<Vec<_>>();
    let (old, new) = (Signer::es256("old"), Signer::es256("new\n\u{1b}[31m"));
    let script = Script::answering(set(&[&old]));
    let second = Duration::from_secs(1);
    let keys = RemoteKeys::jwks(URL).refresh_interval(second).fetch_with(script.fetch()).build().unwrap();
    arrived(&keys);
    eventually("an unchanged set", || script.fetches() > 2);
    script.answer("<html>a page of a stranger</html>");
    eventually("a failure", || logged().len() > 1);
    script.answer(set(&[&old, &new]));
    eventually("a change", || logged().last().is_some_and(|(level, _)| *level == Level::INFO));
    let (levels, lines): (Vec<_>, Vec<_>) = logged().into_iter().unzip();
    let [Level::INFO, failures @ .., Level::INFO] = &levels[..] else { panic!("{levels:?} {lines:#?}") };
    assert!(!failures.is_empty() && failures.iter().all(|level| *level == Level::WARN), "{lines:#?}");
    let all = lines.concat();
    assert!(all.contains("old") && all.contains("ES256"), "{all}");
    assert!(!all.contains("stranger") && !all.contains(['\n', '\u{1b}']), "{all}");
    failures_name_their_url_and_no_credential(&recorder);
}

/// Verifies what is logged about a key set that another server refuses.
fn failures_name_their_url_and_no_credential(recorder: &Recorder) {
    let keys_server = Server::answering(Answer::Status("403 Forbidden", "Bearer secret".to_owned()));
    let jwks_uri = keys_server.url("/certs");
    let named = jwks_uri.clone();
    let server = Server::issuer("", move |issuer, _| {
        Answer::Body(serde_json::json!({"issuer": issuer, "jwks_uri": named}).to_string())
    });
    let keys = RemoteKeys::discover(server.url(""))
        .allow_plain_http()
        .header("authorization", "Bearer secret")
        .header_with("x-current", || Ok("secret".to_owned()))
        .build()
        .unwrap();
    failure(&keys);
    let (level, line) = recorder
        .lines()
        .into_iter()
        .find(|(_, line)| line.contains(&jwks_uri))
        .expect("an event with this URL");
    assert_eq!(level, Level::WARN);
    for part in [&format!("source={:?}", server.url("")), &format!("url={jwks_uri:?}"), "403"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(server.requests().concat().contains("Bearer secret"));
    assert!(recorder.lines().iter().all(|(_, line)| !line.contains("secret")), "{line}");
}
