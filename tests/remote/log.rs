//! The log: an event for each failed fetch and each change of keys, without any content of a response.

use std::time::Duration;

use gatevault::RemoteKeys;
use gatevault_tests::Recorder;
use tracing::Level;

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{arrived, eventually};

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
}
