//! A server for OAuth2 clients: the token endpoint, the key set, and two guarded routes, over a store that can be down.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use gatevault::error::{BoxError, StoreError};
use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
    RevokeSessions, Rotation, RotationOutcome, StoreFuture, StoredSession,
};
use gatevault::testing::ManualClock;
use gatevault::web::TokenEndpoint;
use gatevault::{
    AttemptLimit, AuthRoutes, Claims, GuardError, KeyRequest, KeyRing, LoginThrottle, MemoryAttempts,
    MemorySessions, OAuthHandler, Session, SessionStore, SigningKey, TokenManager, UserId, UserStore,
    protected,
};
use gatevault_tests::{Account, quick_hasher};

/// The password of both users: `ada`, user 1, and `bob`, user 2.
///
/// Its characters are those that forms encode.
pub(crate) const PASSWORD: &str = "100% correct+horse & b\u{e4}ttery=:";

/// The claims of the access tokens.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: u64,
    #[claims(scope)]
    scope: String,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id.as_u64().unwrap(), scope: "notes:read notes:write".to_owned() }
    }
}

#[protected(handler, scope = "notes:read")]
async fn notes(user: User) -> Result<String, GuardError> {
    Ok(format!("notes of user {}", user.user_id))
}

#[protected(handler, scope = "notes:write")]
async fn drafts(user: User) -> Result<String, GuardError> {
    Ok(format!("drafts of user {}", user.user_id))
}

/// A running server. It serves until the process ends.
pub(crate) struct Server {
    /// The address.
    pub(crate) origin: String,
    /// The issuer, which has a path: clients must find its metadata by the rule of RFC 8414 section 3.1.
    pub(crate) issuer: String,
    clock: ManualClock,
    store: Arc<Switched>,
    handler: Arc<OAuthHandler<Users>>,
}

impl Server {
    /// Starts a server on a free port.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{origin}/tenants/one");
        // It does not move by itself, so that a pause of the throttle does not end during a slow test.
        let clock = ManualClock::default();
        let ring = KeyRing::new(SigningKey::eddsa(PRIVATE_KEY).unwrap().with_id("2026-11").unwrap());
        let tokens = TokenManager::builder().key_ring(ring.clone()).issuer(&issuer).clock(clock.clone());
        let store = Arc::new(Switched::default());
        let accounts = ["ada", "bob"].into_iter().zip(1_u64..);
        let users = accounts.map(|(name, id)| (name, Account::new(id, PASSWORD))).collect();
        let handler = OAuthHandler::with_users(tokens.build().unwrap(), Users(users));
        let limit = AttemptLimit::new(3, Duration::from_secs(30));
        let throttle = LoginThrottle::new(MemoryAttempts::new()).per_account(limit).newcomers(limit);
        let handler = handler.hasher(quick_hasher()).session_store(Arc::clone(&store)).throttle(throttle);
        let handler = Arc::new(handler);
        let endpoint = TokenEndpoint::new(&issuer).unwrap().scopes(["notes:read", "notes:write"]).unwrap();
        let routes = AuthRoutes::new(Arc::clone(&handler)).mounted_at("/auth").unwrap().publish_keys(&ring);
        let routes = routes.with_token_endpoint(endpoint).unwrap();
        let app = Router::new().route("/notes", get(notes)).route("/drafts", get(drafts));
        serve(listener, routes.serve(app));
        Self { origin, issuer, clock, store, handler }
    }

    /// Makes the session store fail, or work again.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.store.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Moves the clock forward, past the end of access tokens.
    pub(crate) fn expire_access_tokens(&self) {
        self.clock.advance(self.handler.tokens().access_expiry());
    }

    /// Creates an API key of user 1, which is limited to these scopes if there are any.
    pub(crate) fn new_key(&self, scopes: &[&str]) -> String {
        let request = KeyRequest::new("script");
        let request = if scopes.is_empty() { request } else { request.scopes(scopes.iter().copied()) };
        pollster::block_on(self.handler.async_create_key(1, request)).unwrap().key
    }
}

/// Serves the application on a runtime of its own.
fn serve(listener: std::net::TcpListener, app: Router) {
    thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.unwrap().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
        });
    });
}

/// The users, by their names.
#[derive(Debug)]
struct Users(Vec<(&'static str, Account)>);

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok(self.0.iter().find(|(other, _)| *other == name).map(|(_, account)| account.clone()))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(self.0.iter().find(|(_, account)| account.id == *id).map(|(_, account)| account.clone()))
    }
}

/// A session store that can be down.
#[derive(Default)]
struct Switched {
    inner: MemorySessions,
    is_down: AtomicBool,
}

macro_rules! switched {
    ($($method:ident($argument:ty) -> $output:ty;)+) => {
        $(fn $method(&self, argument: $argument) -> StoreFuture<'_, $output> {
            if self.is_down.load(Ordering::SeqCst) {
                return Box::pin(async { Err(StoreError::from("the store is down")) });
            }
            self.inner.$method(argument)
        })+
    };
}

impl SessionStore for Switched {
    switched! {
        open(NewSession) -> Vec<String>;
        find(FindSession) -> Option<StoredSession>;
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

/// The example key of RFC 8410 section 10.3.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
