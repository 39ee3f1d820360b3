//! Names with characters that a database cannot store.

use gatevault::error::BoxError;
use gatevault::login::AsyncLookup;
use gatevault::{LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager};
use gatevault_servers::PostgresServer;
use gatevault_tests::{Account, Recorder, SECRET, quick_hasher};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgPool, raw_sql};
use tracing::Level;

/// Starts a server and returns it with a pool of connections to a database whose encoding is ISO 8859-1.
async fn latin1() -> (PostgresServer, PgPool) {
    let server = PostgresServer::start();
    let options: PgConnectOptions = server.url().parse().unwrap();
    let mut connection = options.clone().connect().await.unwrap();
    let create = "CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    raw_sql(create).execute(&mut connection).await.unwrap();
    let pool = PgPool::connect_with(options.database("narrow")).await.unwrap();
    raw_sql("CREATE TABLE users (name TEXT PRIMARY KEY, hash TEXT)").execute(&pool).await.unwrap();
    (server, pool)
}

/// An error that an application makes of one of its database.
#[derive(Debug)]
struct Wrapped(sqlx::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the query failed")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn handler(pool: &PgPool, query: &'static str, is_wrapped: bool) -> OAuthHandler<AsyncLookup<Account>> {
    let pool = pool.clone();
    let lookup = move |name: &str| {
        let (pool, name) = (pool.clone(), name.to_owned());
        async move {
            let hash: Result<Option<String>, _> =
                sqlx::query_scalar(query).bind(name).fetch_optional(&pool).await;
            let hash =
                hash.map_err(|error| if is_wrapped { BoxError::from(Wrapped(error)) } else { error.into() })?;
            Ok::<_, BoxError>(hash.map(|hash| Account { id: 1.into(), hash }))
        }
    };
    let throttle = LoginThrottle::new(MemoryAttempts::new());
    OAuthHandler::new_async(TokenManager::new(SECRET).unwrap(), lookup)
        .hasher(quick_hasher())
        .throttle(throttle)
}

async fn status(oauth: &OAuthHandler<AsyncLookup<Account>>, name: &str, password: &str) -> u16 {
    oauth.async_login(name, password).await.map_or_else(|denial| denial.status(), |_| 200)
}

#[tokio::test]
async fn a_name_that_the_database_cannot_store_is_a_wrong_name_and_throttled() {
    let (_server, pool) = latin1().await;
    let ada = Account::new(1, "correct horse");
    sqlx::query("INSERT INTO users VALUES ('adé', $1)").bind(&ada.hash).execute(&pool).await.unwrap();
    let query = "SELECT hash FROM users WHERE name = $1";
    for is_wrapped in [false, true] {
        let oauth = handler(&pool, query, is_wrapped);
        assert_eq!(status(&oauth, "adé", "correct horse").await, 200);
        for name in ["ada\u{20ac}", "\u{1f4f1}", "a\u{142}a", "ad\u{0}a"] {
            let recorder = Recorder::default();
            let guard = tracing::subscriber::set_default(recorder.clone());
            assert_eq!(status(&oauth, name, "wrong").await, 401, "{name:?}");
            drop(guard);
            assert!(recorder.lines().iter().all(|(level, _)| *level > Level::WARN), "{:?}", recorder.lines());
        }
        for expected in [401, 401, 401, 401, 429] {
            assert_eq!(status(&oauth, "ada\u{20ac}", "wrong").await, expected);
        }
        // Any other error means that nothing is known about the user.
        let broken = handler(&pool, "SELECT hash FROM members WHERE name = $1", is_wrapped);
        assert_eq!(status(&broken, "ada", "wrong").await, 503);
    }
}
