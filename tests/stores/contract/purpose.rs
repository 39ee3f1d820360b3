//! Purpose tokens where state decides: two uses at once, of a token that may be used once and of one that a row ends.

use std::sync::Arc;
use std::time::Duration;

use gatevault::login::AsyncLookup;
use gatevault::token::Purpose;
use gatevault::{OAuthHandler, Payload, SessionStore, TokenManager, UserId};
use gatevault_store_tests::Backend;
use gatevault_tests::{Account, quick_hasher, tokens};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::tempdir;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

over_every_store!(
    of_many_concurrent_redemptions_in_two_processes_one_succeeds,
    a_logout_ends_the_tickets_of_the_session_in_every_process,
);

const RESET: Purpose = Purpose::new("password-reset", Duration::from_mins(30));
const TICKET: Purpose = Purpose::new("ticket", Duration::from_secs(30)).once();

type Handler = OAuthHandler<AsyncLookup<Account>>;

/// Creates the handler of a process, with a manager of its own.
fn process(store: &Arc<dyn SessionStore>) -> Arc<Handler> {
    let ada = Account::new(42, "correct horse");
    let oauth = OAuthHandler::new_async(tokens(), move |_: &str| {
        let ada = ada.clone();
        async { Some(ada) }
    });
    Arc::new(oauth.hasher(quick_hasher()).session_store(Arc::clone(store)))
}

async fn of_many_concurrent_redemptions_in_two_processes_one_succeeds(backend: &Backend) {
    let processes = [process(&backend.store), process(&backend.store)];
    for _ in 0..10 {
        let token = tokens().create_purpose_token(&TICKET, &UserId::from(42), "").unwrap();
        let mut redeeming = JoinSet::new();
        for number in 0..16 {
            let (oauth, token) = (Arc::clone(&processes[number % 2]), token.clone());
            redeeming
                .spawn(async move { oauth.async_redeem_purpose_token(&TICKET, &token, "").await.is_ok() });
        }
        let redeemed = redeeming.join_all().await.into_iter().filter(|is_redeemed| *is_redeemed).count();
        assert_eq!(redeemed, 1);
    }
}

async fn a_logout_ends_the_tickets_of_the_session_in_every_process(backend: &Backend) {
    let [here, there] = [process(&backend.store), process(&backend.store)];
    let pair = here.async_login("ada", "correct horse").await.unwrap();
    let access = here.tokens().decode_access_token::<Payload>(&pair.access_token).unwrap();
    let ticket = || here.tokens().create_purpose_token(&TICKET, &access, "").unwrap();
    let (used, late) = (ticket(), ticket());
    let redeemed = there.async_redeem_purpose_token(&TICKET, &used, "").await.unwrap();
    assert_eq!(redeemed.session_id(), access.session_id());
    here.async_logout(&pair.refresh_token).await.unwrap();
    // At once: the session is looked up in the store, whenever the feed brings its end.
    for oauth in [&here, &there] {
        assert_eq!(oauth.async_redeem_purpose_token(&TICKET, &late, "").await.unwrap_err().status(), 401);
    }
}

/// A table of accounts, in a file.
async fn accounts(folder: &tempfile::TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.path().join("accounts.db"));
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let db = SqlitePool::connect_with(options.busy_timeout(Duration::from_secs(30))).await.unwrap();
    sqlx::query("CREATE TABLE users (id INTEGER PRIMARY KEY, hash TEXT NOT NULL)")
        .execute(&db)
        .await
        .unwrap();
    sqlx::query("INSERT INTO users VALUES (42, 'first')").execute(&db).await.unwrap();
    db
}

/// The statement of the documentation. The first form decides by the old hash, the second does not.
const CONDITIONAL: &str = "UPDATE users SET hash = $1 WHERE id = $2 AND hash = $3";
const UNCONDITIONAL: &str = "UPDATE users SET hash = $1 WHERE id = $2 AND $3 <> ''";

async fn hash(db: &SqlitePool) -> String {
    sqlx::query_scalar("SELECT hash FROM users WHERE id = 42").fetch_one(db).await.unwrap()
}

/// Resets the password with a link, as a handler of requests does. Returns whether the reset took place.
async fn reset(
    (tokens, db): (TokenManager, SqlitePool),
    (link, new): (String, String),
    statement: &'static str,
    both_verified: Arc<Barrier>,
) -> bool {
    let old = hash(&db).await;
    let Ok(verified) = tokens.decode_purpose_token(&RESET, &link, &old) else {
        both_verified.wait().await;
        return false;
    };
    both_verified.wait().await;
    let update = sqlx::query(AssertSqlSafe(statement)).bind(new).bind(verified.user_id().as_i64()).bind(old);
    update.execute(&db).await.unwrap().rows_affected() == 1
}

/// Uses one link twice at once. Returns how many uses succeeded.
async fn uses(tokens: &TokenManager, db: &SqlitePool, round: u32, statement: &'static str) -> usize {
    let link = tokens.create_purpose_token(&RESET, &UserId::from(42), hash(db).await).unwrap();
    let barrier = Arc::new(Barrier::new(2));
    let mut resetting = JoinSet::new();
    for number in 0..2 {
        let (tokens, db, barrier) = (tokens.clone(), db.clone(), Arc::clone(&barrier));
        let (link, new) = (link.clone(), format!("hash {round} {number}"));
        resetting.spawn(reset((tokens, db), (link, new), statement, barrier));
    }
    let succeeded = resetting.join_all().await.into_iter().filter(|has_reset| *has_reset).count();
    let again = tokens.decode_purpose_token(&RESET, &link, hash(db).await);
    assert!(again.is_err(), "the state has changed");
    succeeded
}

/// Both have verified the link before either writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_concurrent_uses_the_conditional_update_of_the_state_lets_one_win() {
    let (folder, tokens) = (tempdir().unwrap(), tokens());
    let db = accounts(&folder).await;
    for round in 0..100 {
        assert_eq!(uses(&tokens, &db, round, CONDITIONAL).await, 1);
    }
    // Without the condition, both would: the test can tell the difference.
    assert_eq!(uses(&tokens, &db, 100, UNCONDITIONAL).await, 2);
}
