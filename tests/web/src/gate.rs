//! Checks of edges that get their gate from the application, not from the process.

use std::net::SocketAddr;

use std::sync::LazyLock;

use gatevault::{GateVault, Payload, TokenManager};
use gatevault_tests::Recorder;
use tracing::Level;

use crate::Request;

/// Creates a gate other than the site's, with its manager and an access token of user 42.
#[must_use]
pub fn own_gate() -> (GateVault, TokenManager, String) {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    (GateVault::new(tokens.clone()), tokens, access)
}

/// Asserts that each path returns `42` with the access token, and 401 with a bad one.
pub fn assert_guarded(server: SocketAddr, access: &str, paths: &[&str]) {
    for path in paths {
        let reply = Request::get(path).bearer(access).send(server);
        assert_eq!((reply.status, reply.body.as_str()), (200, "42"), "{path}");
        assert_eq!(Request::get(path).bearer("junk").send(server).status, 401, "{path}");
    }
}

/// Asserts that each path, which has no gate, returns 500 even with a good token and does not say why, and that the log does:
/// in one event at ERROR for each request.
pub fn assert_refused_without_gate(server: SocketAddr, access: &str, paths: &[&str]) {
    let errors = || EVENTS.lines().into_iter().filter(|(level, _)| *level == Level::ERROR);
    for path in paths {
        let before = errors().count();
        let reply = Request::get(path).bearer(access).send(server);
        assert_eq!((reply.status, reply.body.contains("gate")), (500, false), "{path}: {reply:?}");
        let events: Vec<_> = errors().skip(before).map(|(_, line)| line).collect();
        let names_remedies = |event: &str| event.contains("install()") && event.contains("auth.serve(..)");
        assert!(matches!(events.as_slice(), [event] if names_remedies(event)), "{path}: {events:?}");
    }
}

/// The events of the process, from the first use of this on.
static EVENTS: LazyLock<Recorder> = LazyLock::new(|| {
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    recorder
});
