//! API keys: created, exchanged for access tokens, listed. The rules of every store are in `tests/stores`.

mod ends;
mod exchange;
mod routes;
mod scopes;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use gatevault::error::{ConfigError, InvalidReason};
use gatevault::login::{KeyToken, SyncLookup};
use gatevault::session::{FindSession, StoreFuture, StoredSession};
use gatevault::testing::ManualClock;
use gatevault::{
    GuardError, KeyRequest, MemorySessions, OAuthHandler, Payload, SessionStore, TokenError, TokenManager,
    Verified,
};
use gatevault_tests::{Account, Recorder, quick_hasher, timed};

const DAY: Duration = Duration::from_hours(24);

/// A handler over one user, which a test can change or remove, and the clock of its tokens.
struct Fixture {
    oauth: OAuthHandler<SyncLookup<Account>>,
    tokens: TokenManager,
    clock: ManualClock,
    user: Arc<Mutex<Option<Account>>>,
    store: MemorySessions,
}

fn fixture() -> Fixture {
    let store = MemorySessions::new();
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let oauth = handler(&tokens, &user).session_store(store.clone());
    Fixture { oauth, tokens, clock, user, store }
}

fn handler(tokens: &TokenManager, user: &Arc<Mutex<Option<Account>>>) -> OAuthHandler<SyncLookup<Account>> {
    let (by_name, by_id) = (Arc::clone(user), Arc::clone(user));
    OAuthHandler::new(tokens.clone(), move |_: &str| by_name.lock().unwrap().clone())
        .lookup_by_id(move |_| by_id.lock().unwrap().clone())
        .hasher(quick_hasher())
}

impl Fixture {
    fn key(&self, request: KeyRequest<'_>) -> String {
        self.oauth.create_key(1, request).unwrap().key
    }

    fn verified(&self, token: &KeyToken) -> Result<Verified<Payload>, TokenError> {
        self.tokens.decode_access_token(&token.access_token)
    }
}

#[track_caller]
fn is_refused<T>(outcome: Result<T, GuardError>) {
    let denial = outcome.err().unwrap();
    assert!(matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::ApiKey))), "{denial:?}");
    assert_eq!(
        (denial.status(), denial.challenge().as_deref()),
        (401, Some(r#"Bearer error="invalid_token""#))
    );
}

#[test]
fn a_key_is_exchanged_for_a_token_of_its_user_and_its_session() {
    let fixture = fixture();
    let created = fixture.oauth.create_key(1, KeyRequest::new("ci")).unwrap();
    fixture.clock.advance(Duration::from_mins(5));
    let token = fixture.oauth.exchange_key(&created.key).unwrap();
    assert_eq!((token.token_type, token.expires_in), ("bearer", fixture.tokens.access_expiry()));
    let verified = fixture.verified(&token).unwrap();
    assert_eq!(verified.user_id(), &1.into());
    assert_eq!(verified.session_id(), Some(&*created.id));
    let created_at = verified.issued_at().unwrap() - Duration::from_mins(5);
    assert_eq!(
        verified.authenticated_at(),
        Some(created_at),
        "a guard with `max_age` sees the age of the key"
    );
    assert_eq!((verified.acr(), verified.amr().count()), (None, 0));
    let again = fixture.oauth.exchange_key(&created.key).unwrap();
    assert_ne!(again.access_token, token.access_token);
}

#[test]
fn keys_are_listed_with_what_they_are_and_sessions_are_those_of_logins() {
    let fixture = fixture();
    fixture.oauth.login("ada", "correct horse").unwrap();
    let first = fixture.oauth.create_key(1, KeyRequest::new("ci\n").lifetime(DAY)).unwrap();
    fixture.clock.advance(Duration::from_mins(1));
    let request = KeyRequest::new("import").scopes(["orders:read"]).lifetime(2 * DAY);
    let scoped = handler(&fixture.tokens, &fixture.user).user_pool("other");
    assert!(scoped.create_key(1, request.clone()).is_err(), "the claims have no scopes");
    let second = fixture.oauth.create_key(1, KeyRequest::new("import").lifetime(2 * DAY)).unwrap();
    let keys = fixture.oauth.api_keys(1).unwrap();
    let listed: Vec<_> =
        keys.iter().map(|key| (&*key.id, &*key.name, key.scopes.len(), key.expires_at)).collect();
    assert_eq!(
        listed,
        [(&*second.id, "import", 0, second.expires_at), (&*first.id, "ci", 0, first.expires_at)]
    );
    assert_eq!(keys[0].created_at.seconds() + 2 * DAY.as_secs(), keys[0].expires_at.seconds());
    let sessions = fixture.oauth.sessions(1).unwrap();
    assert_eq!(sessions.len(), 1);
    assert!(sessions.iter().all(|session| session.id != first.id && session.id != second.id));
    assert!(scoped.api_keys(1).unwrap().is_empty() && fixture.oauth.api_keys(2).unwrap().is_empty());
}

/// A store that counts the sessions it is asked for.
struct Counted {
    found: Arc<AtomicUsize>,
    inner: MemorySessions,
}

/// Forwards to the store inside, except for `find`.
macro_rules! forwarded {
    ($($method:ident($argument:ty) -> $output:ty;)+) => {
        $(fn $method(&self, argument: $argument) -> StoreFuture<'_, $output> {
            self.inner.$method(argument)
        })+
    };
}

impl SessionStore for Counted {
    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        self.found.fetch_add(1, Ordering::Relaxed);
        self.inner.find(request)
    }
    forwarded! {
        open(gatevault::session::NewSession) -> Vec<String>;
        rotate(gatevault::session::Rotation) -> gatevault::session::RotationOutcome;
        revoke(gatevault::session::RevokeSessions) -> Vec<String>;
        list(gatevault::session::ListSessions) -> Vec<gatevault::Session>;
        record_revocation(gatevault::session::NewRevocation) -> ();
        revocations_since(gatevault::session::RevocationCursor) -> gatevault::session::RevocationBatch;
        remove_expired(gatevault::session::RemoveExpired) -> u64;
    }
    fn is_shared(&self) -> bool {
        false
    }
}

#[test]
fn a_key_with_a_typo_asks_no_store_and_every_invalid_key_gets_one_answer() {
    let fixture = fixture();
    let found = Arc::new(AtomicUsize::new(0));
    let oauth = handler(&fixture.tokens, &fixture.user)
        .session_store(Counted { found: Arc::clone(&found), inner: fixture.store.clone() });
    let oauth = oauth.user_pool("keys");
    let created = oauth.create_key(1, KeyRequest::new("ci").lifetime(DAY)).unwrap();
    let pair = oauth.login("ada", "correct horse").unwrap();
    let (prefix, secret) = created.key.split_once('_').unwrap();
    let (first, rest) = secret.split_at(1);
    let flipped = format!("{prefix}_{}{rest}", if first == "0" { "1" } else { "0" });
    let malformed = [&flipped, &created.id, &pair.access_token, &pair.refresh_token, "", "gv_", "Bearer"];
    for text in malformed {
        is_refused(oauth.exchange_key(text));
    }
    assert_eq!(found.load(Ordering::Relaxed), 0);
    let of_other_store = handler(&fixture.tokens, &fixture.user).user_pool("elsewhere");
    is_refused(oauth.exchange_key(&of_other_store.create_key(1, KeyRequest::new("ci")).unwrap().key));
    assert_eq!(found.load(Ordering::Relaxed), 1);
    assert!(oauth.exchange_key(&created.key).is_ok());
    fixture.clock.advance(DAY);
    is_refused(oauth.exchange_key(&created.key));
}

#[test]
fn a_key_belongs_to_the_pool_and_the_prefix_of_its_handler() {
    let fixture = fixture();
    let of = |pool: &str, prefix: &str| {
        let oauth = handler(&fixture.tokens, &fixture.user).session_store(fixture.store.clone());
        oauth.user_pool(pool).api_key_prefix(prefix)
    };
    let (customers, admins, renamed) =
        (of("customers", "shop"), of("admins", "shop"), of("customers", "shop2"));
    let created = customers.create_key(1, KeyRequest::new("ci")).unwrap();
    assert!(created.key.starts_with("shop_"), "{}", created.key);
    is_refused(admins.exchange_key(&created.key));
    is_refused(renamed.exchange_key(&created.key));
    is_refused(fixture.oauth.exchange_key(&created.key));
    assert!(!admins.revoke(1, &created.id).unwrap());
    let token = customers.exchange_key(&created.key).unwrap();
    assert_eq!(fixture.verified(&token).unwrap().user_pool(), Some("customers"));
}

#[test]
fn a_token_ends_with_its_key() {
    let fixture = fixture();
    let key = fixture.key(KeyRequest::new("ci").lifetime(Duration::from_mins(1)));
    fixture.clock.advance(Duration::from_secs(20));
    assert_eq!(fixture.oauth.exchange_key(&key).unwrap().expires_in, Duration::from_secs(40));
    fixture.clock.advance(Duration::from_secs(40));
    is_refused(fixture.oauth.exchange_key(&key));
    assert!(fixture.oauth.api_keys(1).unwrap().is_empty());
}

#[test]
fn requests_and_prefixes_out_of_bounds_are_errors_that_say_what_to_write() {
    let fixture = fixture();
    let request = || KeyRequest::new("ci");
    let second = Duration::from_secs(1);
    let many = (0..101).map(|number| format!("scope{number}"));
    let wrong = [
        KeyRequest::new(""),
        KeyRequest::new(" \n"),
        request().lifetime(Duration::from_mins(1) - second),
        request().lifetime(3650 * DAY + second),
        request().scopes([""; 0]),
        request().scopes(["orders read"]),
        request().scopes(["a\"b"]),
        request().scopes([""]),
        request().scopes(["x".repeat(201)]),
        request().scopes(many),
    ];
    for request in wrong {
        let denial = fixture.oauth.create_key(1, request.clone()).unwrap_err();
        assert!(matches!(denial, GuardError::Config(_)), "{request:?}: {denial:?}");
    }
    assert!(fixture.oauth.api_keys(1).unwrap().is_empty());
    let Fixture { oauth, user, .. } = fixture;
    let oauth = oauth.api_key_prefix("My-Shop");
    let found = "My-Shop".to_owned();
    assert_eq!(oauth.validate(), Err(ConfigError::InvalidKeyPrefix { found }));
    assert!(oauth.create_key(1, request()).is_err());
    let (builder, _) = timed();
    let stateless = handler(&builder.build().unwrap(), &user).stateless();
    let denials = [stateless.create_key(1, request()).map(drop), stateless.exchange_key("gv_").map(drop)];
    for denial in denials.into_iter().chain([stateless.api_keys(1).map(drop)]) {
        assert!(matches!(denial, Err(GuardError::Config(ConfigError::Missing { .. }))), "{denial:?}");
    }
}

#[test]
fn neither_the_log_nor_debug_shows_a_key_or_its_token() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let fixture = fixture();
    let created = fixture.oauth.create_key(1, KeyRequest::new("ci")).unwrap();
    let token = fixture.oauth.exchange_key(&created.key).unwrap();
    let wrong = format!("{}0", created.key);
    let denial = fixture.oauth.exchange_key(&wrong).unwrap_err();
    let shown = format!("{created:?} {token:?} {denial:?} {:?} {:?}", fixture.oauth, recorder.lines());
    let secret = created.key.split('_').nth(1).unwrap();
    assert!(!shown.contains(secret) && !shown.contains(&token.access_token), "{shown}");
    assert!(created.id != secret && shown.contains(&created.id));
    let json = serde_json::to_value(&token).unwrap();
    let seconds = fixture.tokens.access_expiry().as_secs();
    assert_eq!((json["token_type"].as_str(), json["expires_in"].as_u64()), (Some("bearer"), Some(seconds)));
}

#[test]
fn creation_exchange_and_refusal_emit_one_event_each_and_a_refusal_says_why() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let fixture = fixture();
    // An event that another test registers at the same time may be missed once, so an operation is repeated until one is seen.
    let events = |operation: &dyn Fn()| {
        loop {
            let seen = recorder.lines().len();
            operation();
            let lines = recorder.lines();
            if let Some((level, line)) = lines.get(seen) {
                assert_eq!(lines.len(), seen + 1, "one event: {lines:?}");
                return format!("{level} {line}");
            }
            thread::yield_now();
        }
    };
    let create = || fixture.oauth.create_key(1, KeyRequest::new("ci").lifetime(DAY)).unwrap();
    assert!(events(&|| drop(create())).contains("API key created"));
    let created = create();
    assert!(events(&|| drop(fixture.oauth.exchange_key(&created.key).unwrap())).starts_with("INFO"));
    assert!(events(&|| drop(fixture.oauth.exchange_key("gv_").unwrap_err())).contains("checksum"));
    let refused = || drop(fixture.oauth.exchange_key(&created.key).unwrap_err());
    let user = fixture.user.lock().unwrap().take();
    assert!(events(&refused).contains("user is gone"));
    *fixture.user.lock().unwrap() = user;
    fixture.clock.advance(DAY);
    assert!(events(&refused).contains("expired or revoked"));
}
