//! Handlers over user stores, in both forms.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatevault::error::BoxError;
use gatevault::login::HashUpdate;
use gatevault::{
    AttemptLimit, AuthUser, Claims, GuardError, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher,
    SyncUserStore, TokenManager, UserId, UserStore,
};
use gatevault_tests::{Recorder, quick_hasher, tokens};

/// A row of a table. It has neither `Clone` nor anything else that a handler does not need.
struct Row {
    id: u64,
    role: &'static str,
    hash: Option<String>,
}

impl AuthUser for Row {
    fn id(&self) -> UserId {
        self.id.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.hash.as_deref()
    }
}

#[derive(Debug, Claims)]
struct Member {
    user_id: u64,
    #[claims(role)]
    role: String,
}

impl From<&Row> for Member {
    fn from(row: &Row) -> Self {
        Self { user_id: row.id, role: row.role.to_owned() }
    }
}

/// An error as database crates have them.
#[derive(Debug)]
struct ConnectionLost;

impl fmt::Display for ConnectionLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was lost")
    }
}

impl Error for ConnectionLost {}

/// A table of users, which is a store of both kinds.
#[derive(Default)]
struct Table {
    hashes: Mutex<HashMap<String, (u64, Option<String>)>>,
    is_down: AtomicBool,
    replaced: AtomicUsize,
}

impl Table {
    fn with_ada() -> Self {
        let table = Self::default();
        table.set("ada", 1, Some("correct horse"));
        table
    }

    fn set(&self, name: &str, id: u64, password: Option<&str>) {
        let hash = password.map(|password| quick_hasher().hash(password).unwrap());
        self.hashes.lock().unwrap().insert(name.to_owned(), (id, hash));
    }

    fn hash_of(&self, name: &str) -> Option<String> {
        self.hashes.lock().unwrap().get(name).unwrap().1.clone()
    }

    fn find(&self, is_meant: impl Fn(&str, u64) -> bool) -> Result<Option<Row>, ConnectionLost> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(ConnectionLost);
        }
        let hashes = self.hashes.lock().unwrap();
        let found = hashes.iter().find(|(name, (id, _))| is_meant(name, *id));
        Ok(found.map(|(_, (id, hash))| Row { id: *id, role: "member", hash: hash.clone() }))
    }

    fn replace(&self, update: HashUpdate) -> bool {
        self.replaced.fetch_add(1, Ordering::SeqCst);
        let mut hashes = self.hashes.lock().unwrap();
        let stored = hashes.values_mut().find(|(id, _)| UserId::from(*id) == update.user);
        let stored = stored.filter(|(_, hash)| hash.as_ref() == Some(&update.outdated));
        stored.map(|(_, hash)| *hash = Some(update.replacement)).is_some()
    }
}

impl SyncUserStore for Table {
    type User = Row;
    type Claims = Member;

    fn find_by_name(&self, name: &str) -> Result<Option<Row>, BoxError> {
        Ok(self.find(|known, _| known == name)?)
    }
    fn find_by_id(&self, id: &UserId) -> Result<Option<Row>, BoxError> {
        Ok(self.find(|_, known| *id == known.into())?)
    }
    fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.replace(update))
    }
}

/// The same table in an async program.
struct AsyncTable(Arc<Table>);

impl UserStore for AsyncTable {
    type User = Row;
    type Claims = Member;

    async fn find_by_name(&self, name: &str) -> Result<Option<Row>, BoxError> {
        tokio::task::yield_now().await;
        Ok(self.0.find(|known, _| known == name)?)
    }
    async fn find_by_id(&self, id: &UserId) -> Result<Option<Row>, BoxError> {
        tokio::task::yield_now().await;
        Ok(self.0.find(|_, known| *id == known.into())?)
    }
    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        tokio::task::yield_now().await;
        Ok(self.0.replace(update))
    }
}

/// The application's state names its handler by the type of its store.
struct State {
    oauth: OAuthHandler<Arc<Table>>,
    table: Arc<Table>,
}

impl State {
    fn over(table: Table) -> Self {
        let table = Arc::new(table);
        let oauth = OAuthHandler::with_sync_users(tokens(), Arc::clone(&table)).hasher(quick_hasher());
        Self { oauth, table }
    }
}

fn async_handler(table: &Arc<Table>) -> OAuthHandler<AsyncTable> {
    OAuthHandler::with_users(tokens(), AsyncTable(Arc::clone(table))).hasher(quick_hasher())
}

fn costlier() -> PasswordHasher {
    PasswordHasher::builder().cost(5).build().unwrap()
}

#[test]
fn a_sync_store_logs_in_with_its_claims_and_refreshes_by_id() {
    let State { oauth, .. } = State::over(Table::with_ada());
    let pair = oauth.login("ada", "correct horse").unwrap();
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    for access in [&pair.access_token, &next.access_token] {
        let member = tokens().decode_access_token::<Member>(access).unwrap();
        assert_eq!((member.user_id, member.role.as_str()), (1, "member"));
    }
    assert_eq!(oauth.login("ada", "wrong").unwrap_err().status(), 401);
    assert_eq!(oauth.login("bob", "correct horse").unwrap_err().status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_async_store_logs_in_with_its_claims_and_refreshes_by_id() {
    let oauth = async_handler(&Arc::new(Table::with_ada()));
    let pair = oauth.async_login("ada", "correct horse").await.unwrap();
    let refreshed = tokio::spawn(async move { oauth.async_refresh(pair.refresh_token).await });
    let next = refreshed.await.unwrap().unwrap();
    assert_eq!(tokens().decode_access_token::<Member>(&next.access_token).unwrap().role, "member");
}

#[test]
fn a_store_that_fails_is_unavailable_and_its_error_is_logged() {
    let State { oauth, table } = State::over(Table::with_ada());
    let pair = oauth.login("ada", "correct horse").unwrap();
    table.is_down.store(true, Ordering::SeqCst);
    let recorder = Recorder::default();
    let denials = tracing::subscriber::with_default(recorder.clone(), || {
        [oauth.login("ada", "correct horse"), oauth.refresh(&pair.refresh_token)].map(Result::unwrap_err)
    });
    for denial in &denials {
        assert_eq!(denial.status(), 503);
        let source = denial.source().and_then(Error::source).unwrap_or_else(|| denial.source().unwrap());
        assert!(source.to_string().contains("connection was lost"), "{denial:?}");
    }
    let lines = recorder.lines();
    let failures = lines.iter().filter(|(_, line)| line.contains("the connection was lost"));
    assert_eq!(failures.count(), 2, "{lines:?}");
    // Nothing was decided.
    table.is_down.store(false, Ordering::SeqCst);
    assert!(oauth.refresh(&pair.refresh_token).is_ok());
}

#[tokio::test]
async fn an_async_store_that_fails_is_unavailable() {
    let table = Arc::new(Table::with_ada());
    let oauth = async_handler(&table);
    table.is_down.store(true, Ordering::SeqCst);
    assert_eq!(oauth.async_login("ada", "correct horse").await.unwrap_err().status(), 503);
}

#[test]
fn a_sync_store_replaces_an_outdated_hash_and_no_session_ends() {
    let State { oauth, table } = State::over(Table::with_ada());
    let before = oauth.login("ada", "correct horse").unwrap();
    let oauth = oauth.hasher(costlier());
    oauth.login("ada", "correct horse").unwrap();
    assert!(table.hash_of("ada").unwrap().starts_with("$2b$05$"));
    oauth.login("ada", "correct horse").unwrap();
    assert_eq!(table.replaced.load(Ordering::SeqCst), 1, "nothing is outdated any more");
    assert!(oauth.refresh(&before.refresh_token).is_ok());
}

#[tokio::test]
async fn an_async_store_replaces_an_outdated_hash() {
    let table = Arc::new(Table::with_ada());
    let oauth = async_handler(&table).hasher(costlier());
    let pair = oauth.async_login("ada", "correct horse").await.unwrap();
    assert!(table.hash_of("ada").unwrap().starts_with("$2b$05$"));
    assert!(oauth.async_refresh(pair.refresh_token).await.is_ok());
}

/// A store of a generic database that leaves `replace_hash` out.
struct Generic<D> {
    database: D,
}

impl<D: Fn() -> Row + Send + Sync + 'static> UserStore for Generic<D> {
    type User = Row;
    type Claims = Member;

    async fn find_by_name(&self, _: &str) -> Result<Option<Row>, BoxError> {
        Ok(Some((self.database)()))
    }
    async fn find_by_id(&self, _: &UserId) -> Result<Option<Row>, BoxError> {
        Ok(Some((self.database)()))
    }
}

impl<D: Fn() -> Row + Send + Sync> SyncUserStore for Generic<D> {
    type User = Row;
    type Claims = Member;

    fn find_by_name(&self, _: &str) -> Result<Option<Row>, BoxError> {
        Ok(Some((self.database)()))
    }
    fn find_by_id(&self, _: &UserId) -> Result<Option<Row>, BoxError> {
        Ok(Some((self.database)()))
    }
}

#[tokio::test]
async fn a_generic_store_in_an_arc_keeps_outdated_hashes() {
    let hash = quick_hasher().hash("correct horse").unwrap();
    let database = move || Row { id: 1, role: "admin", hash: Some(hash.clone()) };
    let store = Arc::new(Generic { database });
    let oauth = OAuthHandler::with_users(tokens(), Arc::clone(&store)).hasher(costlier());
    for _ in 0..2 {
        let pair = oauth.async_login("ada", "correct horse").await.unwrap();
        assert!(
            oauth.async_refresh(&pair.refresh_token).await.is_ok(),
            "its session has the stamp of the stored hash"
        );
    }
    let oauth = OAuthHandler::with_sync_users(tokens(), store).hasher(costlier());
    let pair = oauth.login("ada", "correct horse").unwrap();
    assert!(oauth.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn a_login_to_an_account_without_a_password_fails_like_a_wrong_password() {
    let State { oauth, table } = State::over(Table::with_ada());
    table.set("eve", 2, None);
    let attempts = [("ada", "wrong"), ("eve", "correct horse"), ("eve", ""), ("eve", "no-password")];
    let errors = attempts.map(|(name, password)| {
        let denial = oauth.login(name, password).unwrap_err();
        assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
        format!("{denial:?}")
    });
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
}

#[test]
fn a_login_to_an_account_without_a_password_counts_as_a_failure() {
    let throttle =
        LoginThrottle::new(MemoryAttempts::new()).per_account(AttemptLimit::new(2, Duration::from_secs(30)));
    let State { oauth, table } = State::over(Table::default());
    table.set("eve", 2, None);
    let oauth = oauth.throttle(throttle);
    let statuses = [(); 3].map(|()| oauth.login("eve", "guess").unwrap_err().status());
    assert_eq!(statuses, [401, 401, 429]);
}

#[test]
fn an_account_without_a_password_is_refreshed_until_it_has_one() {
    let State { oauth, table } = State::over(Table::with_ada());
    let pair = oauth.login("ada", "correct horse").unwrap();
    let session = oauth.sessions(1).unwrap().remove(0).id;
    table.set("ada", 1, None);
    oauth.logout_others(1, &session).unwrap();
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    let next = oauth.refresh(&next.refresh_token).unwrap();
    table.set("ada", 1, Some("correct horse"));
    assert_eq!(oauth.refresh(&next.refresh_token).unwrap_err().status(), 401);
}

#[test]
fn a_removed_password_ends_the_session_at_its_next_refresh() {
    let State { oauth, table } = State::over(Table::with_ada());
    let pair = oauth.login("ada", "correct horse").unwrap();
    table.set("ada", 1, None);
    assert_eq!(oauth.refresh(&pair.refresh_token).unwrap_err().status(), 401);
}

#[test]
fn a_store_may_borrow_what_lives_as_long_as_its_handler() {
    struct Borrowing<'t>(&'t Table);
    impl SyncUserStore for Borrowing<'_> {
        type User = Row;
        type Claims = Member;
        fn find_by_name(&self, name: &str) -> Result<Option<Row>, BoxError> {
            SyncUserStore::find_by_name(self.0, name)
        }
        fn find_by_id(&self, id: &UserId) -> Result<Option<Row>, BoxError> {
            SyncUserStore::find_by_id(self.0, id)
        }
    }
    let table = Table::with_ada();
    let tokens: TokenManager = tokens();
    let oauth = OAuthHandler::with_sync_users(tokens, Borrowing(&table)).hasher(quick_hasher());
    assert!(oauth.login("ada", "correct horse").is_ok());
}
