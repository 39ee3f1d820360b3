//! The scenario of the second factor, over sockets, with a clock that the test sets.

mod login;
mod recovery;
mod setup;
#[path = "../../../test_browser.rs"]
mod test_browser;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::testing::ManualClock;
use gatevault::{Clock as _, PasswordHasher, Payload, TokenManager};
use second_factor::{App, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_browser::{Browser, Outcome, PASSWORD, Reply, SECRET};
use tokio::runtime::Runtime;
use totp_rs::{Builder, Secret};

const STEP: Duration = Duration::from_secs(30);

/// A running server, and the user's app.
struct Fixture {
    folder: TempDir,
    server: SocketAddr,
    clock: ManualClock,
    secret: String,
}

impl Fixture {
    /// Serves until the process ends, and registers a user.
    fn start() -> Outcome<Self> {
        let (folder, runtime) = (tempfile::tempdir()?, Runtime::new()?);
        let clock = ManualClock::at(SystemTime::now());
        let hasher = PasswordHasher::builder().cost(4).build()?;
        let database = folder.path().join("second-factor.db");
        let app = runtime.block_on(App::open(&database, SECRET, hasher, clock.clone()))?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let server = listener.local_addr()?;
        std::thread::spawn(move || runtime.block_on(serve(listener, app)));
        let fixture = Self { folder, server, clock, secret: String::new() };
        let credentials = json!({"username": "ada", "password": PASSWORD});
        assert_eq!(fixture.browser().post("/register", &credentials)?.status, 201);
        Ok(fixture)
    }

    /// Serves, and sets the second factor up.
    fn with_factor() -> Outcome<(Self, Browser)> {
        let mut fixture = Self::start()?;
        let mut ada = fixture.browser();
        assert_eq!(Fixture::enter_password(&mut ada)?.status, 200);
        fixture.secret = ada.post("/second-factor", &Value::Null)?.json("secret");
        let code = fixture.next_code()?;
        assert_eq!(ada.post("/second-factor/confirm", &json!({"code": code}))?.status, 200);
        Ok((fixture, ada))
    }

    fn browser(&self) -> Browser {
        Browser::of(self.server)
    }

    fn enter_password(browser: &mut Browser) -> Outcome<Reply> {
        browser.post("/login", &json!({"username": "ada", "password": PASSWORD}))
    }

    /// Enters the password in a new browser, and returns the token for the next step.
    fn pending(&self) -> Outcome<String> {
        let reply = Self::enter_password(&mut self.browser())?;
        assert_eq!((reply.status, reply.header("set-cookie")), (202, ""));
        Ok(reply.json("pending_token"))
    }

    /// Enters a code in the second step.
    fn enter_code(&self, pending: &str, code: &str) -> Outcome<(u16, Browser)> {
        let mut browser = self.browser();
        let body = json!({"pending_token": pending, "code": code});
        Ok((browser.post("/login/code", &body)?.status, browser))
    }

    /// Logs in with the password and a code.
    fn log_in(&self, code: &str) -> Outcome<(u16, Browser)> {
        self.enter_code(&self.pending()?, code)
    }

    fn code(&self) -> Outcome<String> {
        let totp = Builder::new().with_secret(Secret::try_from_base32(&self.secret)?).build()?;
        Ok(totp.generate(self.clock.now().duration_since(UNIX_EPOCH)?.as_secs()).to_string())
    }

    /// Waits for the app to show the next code.
    fn next_code(&self) -> Outcome<String> {
        self.clock.advance(STEP);
        self.code()
    }

    /// Returns a code that no step near the current one has.
    fn wrong_code(&self) -> Outcome<String> {
        let right: Vec<_> = (0..5).map(|_| self.next_code()).collect::<Outcome<_>>()?;
        let wrong = ["000000", "111111", "222222", "333333", "444444", "555555"];
        Ok((*wrong.iter().find(|code| !right.contains(&(**code).to_owned())).ok_or("no code")?).to_owned())
    }

    /// Returns the number of attempts that were counted.
    fn attempts(&self) -> Outcome<i64> {
        let file = format!("sqlite:{}", self.folder.path().join("second-factor.db").display());
        let attempts = Runtime::new()?.block_on(async {
            let db = sqlx::SqlitePool::connect(&file).await?;
            sqlx::query_scalar("SELECT attempts FROM accounts WHERE name = 'ada'").fetch_one(&db).await
        });
        Ok(attempts?)
    }

    /// Returns the methods of the authentication in the access token of a browser.
    fn methods(&self, browser: &Browser) -> Outcome<Vec<String>> {
        let tokens = TokenManager::builder().secret(SECRET).clock(self.clock.clone()).build()?;
        let verified = tokens.decode_access_token::<Payload>(&browser.access)?;
        Ok(verified.amr().map(str::to_owned).collect())
    }
}

fn transfer(browser: &mut Browser) -> Outcome<u16> {
    Ok(browser.post("/transfer", &Value::Null)?.status)
}
