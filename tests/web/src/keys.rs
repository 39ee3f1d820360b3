//! The API keys of the site, which every edge exchanges in front of its guards.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use gatevault::error::StoreError;
use gatevault::login::NewApiKey;
use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
    RevokeSessions, Rotation, RotationOutcome, StoreFuture, StoredSession,
};
use gatevault::web::KeyExchange;
use gatevault::{
    AuthRoutes, ChangePasswords, KeyRequest, MemorySessions, OAuthHandler, Session, SessionStore,
};
use gatevault_tests::quick_hasher;

use super::site::with_token_endpoint;
use super::{Users, tokens};

/// Returns the exchange of an async edge.
#[must_use]
pub fn async_keys() -> KeyExchange<Users> {
    KeyExchange::new(Arc::clone(&ASYNC))
}

/// Returns the exchange of an edge without async.
#[must_use]
pub fn sync_keys() -> KeyExchange<Users> {
    KeyExchange::new(Arc::clone(&SYNC))
}

/// Returns the login routes of the handler of the keys, at `/keys`.
pub(crate) fn async_key_routes() -> AuthRoutes<Users> {
    key_routes(AuthRoutes::new(Arc::clone(&ASYNC)))
}

/// Returns the same routes for an edge without async.
pub(crate) fn sync_key_routes() -> AuthRoutes<Users> {
    key_routes(AuthRoutes::new(Arc::clone(&SYNC)))
}

fn key_routes<S: ChangePasswords>(routes: AuthRoutes<S>) -> AuthRoutes<S> {
    let routes = routes.mounted_at("/keys").unwrap().without_cookies().with_password_change();
    with_token_endpoint(routes, "/keys")
}

/// Creates a key of user 1, which is limited to these scopes if there are any.
#[must_use]
pub fn new_key(scopes: &[&str]) -> NewApiKey {
    let request = KeyRequest::new("script");
    let request = if scopes.is_empty() { request } else { request.scopes(scopes.iter().copied()) };
    SYNC.create_key(1, request).unwrap()
}

/// Creates a key of another store, which this site does not know though its checksum is right.
#[must_use]
pub fn unknown_key() -> String {
    handler(OAuthHandler::with_sync_users(tokens(), Users))
        .session_store(MemorySessions::new())
        .create_key(1, KeyRequest::new("script"))
        .unwrap()
        .key
}

/// Returns an access token of a key.
#[must_use]
pub fn key_token(key: &str) -> String {
    SYNC.exchange_key(key).unwrap().access_token
}

/// Ends a key of user 1.
pub fn end_key(id: &str) {
    assert!(SYNC.revoke(1, id).unwrap());
}

/// Returns how often the session of a key was looked up.
#[must_use]
pub fn lookups(id: &str) -> usize {
    STORE.lookups.lock().unwrap().get(id).copied().unwrap_or_default()
}

/// Makes the lookups of a key fail, or succeed again.
pub fn set_down(id: &str, is_down: bool) {
    let mut down = STORE.down.lock().unwrap();
    if is_down {
        down.insert(id.to_owned())
    } else {
        down.remove(id)
    };
}

static ASYNC: LazyLock<Arc<OAuthHandler<Users>>> =
    LazyLock::new(|| Arc::new(handler(OAuthHandler::with_users(tokens(), Users))));

static SYNC: LazyLock<Arc<OAuthHandler<Users>>> =
    LazyLock::new(|| Arc::new(handler(OAuthHandler::with_sync_users(tokens(), Users))));

fn handler<S>(oauth: OAuthHandler<S>) -> OAuthHandler<S> {
    oauth.hasher(quick_hasher()).user_pool("keys").api_key_prefix("site").session_store(Arc::clone(&*STORE))
}

static STORE: LazyLock<Arc<Watched>> = LazyLock::new(Arc::default);

/// A store that counts lookups and can fail.
#[derive(Default)]
struct Watched {
    inner: MemorySessions,
    lookups: Mutex<HashMap<String, usize>>,
    down: Mutex<HashSet<String>>,
}

macro_rules! forwarded {
    ($($method:ident($argument:ty) -> $output:ty;)+) => {
        $(fn $method(&self, argument: $argument) -> StoreFuture<'_, $output> {
            self.inner.$method(argument)
        })+
    };
}

impl SessionStore for Watched {
    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        *self.lookups.lock().unwrap().entry(request.session.clone()).or_default() += 1;
        if self.down.lock().unwrap().contains(&request.session) {
            return Box::pin(async { Err(StoreError::from("the store is down")) });
        }
        Box::pin(async {
            // Long enough for requests that come at the same time.
            std::thread::sleep(Duration::from_millis(50));
            self.inner.find(request).await
        })
    }
    forwarded! {
        open(NewSession) -> Vec<String>;
        rotate(Rotation) -> RotationOutcome;
        revoke(RevokeSessions) -> Vec<String>;
        list(ListSessions) -> Vec<Session>;
        record_revocation(NewRevocation) -> ();
        revocations_since(RevocationCursor) -> RevocationBatch;
        remove_expired(RemoveExpired) -> u64;
    }
    fn is_shared(&self) -> bool {
        false
    }
}
