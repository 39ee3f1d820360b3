//! The scenario of the accounts, over sockets, with the mails of an outbox.

#[path = "../../src/addresses.rs"]
mod addresses;
mod addresses_and_mails;
mod links;
mod passwords;
#[path = "../../../test_browser.rs"]
mod test_browser;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use accounts::{App, Settings, serve};
use gatevault::PasswordHasher;
use serde_json::json;
use tempfile::TempDir;
use test_browser::{Browser, Outcome, PASSWORD, Reply, SECRET};
use tokio::runtime::Runtime;

const ADDRESS: &str = "ada@example.com";

/// A running server and its folder of mails.
struct Fixture {
    folder: TempDir,
    server: SocketAddr,
}

impl Fixture {
    fn start() -> Outcome<Self> {
        Self::start_behind(0)
    }

    /// Serves behind this number of proxies, until the process ends.
    fn start_behind(trusted_proxies: usize) -> Outcome<Self> {
        LOG.get_or_init(|| {
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(|| Log).init();
            Mutex::default()
        });
        let (folder, runtime) = (tempfile::tempdir()?, Runtime::new()?);
        let settings = Settings {
            database: folder.path().join("accounts.db"),
            outbox: folder.path().join("outbox"),
            public_url: "https://accounts.example".to_owned(),
            secret: SECRET.to_owned(),
            hasher: PasswordHasher::builder().cost(4).build()?,
            trusted_proxies,
        };
        let app = runtime.block_on(App::open(settings))?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let server = listener.local_addr()?;
        std::thread::spawn(move || runtime.block_on(serve(listener, app)));
        Ok(Self { folder, server })
    }

    fn browser(&self) -> Browser {
        Browser::of(self.server)
    }

    /// Returns the mails in the order in which they were written.
    fn mails(&self) -> Outcome<Vec<String>> {
        let folder = std::fs::read_dir(self.folder.path().join("outbox"))?;
        let mut paths: Vec<PathBuf> = folder.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths.into_iter().map(|path| Ok(std::fs::read_to_string(path)?)).collect()
    }

    /// Waits for the mail with this number, counted from 1.
    fn mail(&self, number: usize) -> Outcome<String> {
        let patience = Instant::now();
        while patience.elapsed() < Duration::from_mins(1) {
            if let Some(mail) = self.mails()?.get(number.saturating_sub(1)) {
                return Ok(mail.clone());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(format!("no mail {number} within a minute").into())
    }

    /// Asks for a mail, and returns the token of its link.
    fn ask(&self, path: &str) -> Outcome<String> {
        let sent = self.mails()?.len();
        let reply = self.browser().post(path, &json!({"address": ADDRESS}))?;
        assert_eq!((reply.status, reply.body.as_str()), (202, ""));
        token(path, &self.mail(sent.saturating_add(1))?)
    }

    /// Registers an account, and returns a browser that has logged in to it.
    fn registered(&self) -> Outcome<Browser> {
        let token = self.ask("/register")?;
        assert_eq!(self.confirm("/register/confirm", &token, PASSWORD)?.status, 201);
        let mut browser = self.browser();
        assert_eq!(log_in(&mut browser, PASSWORD, true)?.status, 200);
        Ok(browser)
    }

    /// Sends what the page of a link sends.
    fn confirm(&self, path: &str, token: &str, password: &str) -> Outcome<Reply> {
        self.browser().post(path, &json!({"token": token, "password": password}))
    }
}

/// Returns the token in the link of a mail.
fn token(path: &str, mail: &str) -> Outcome<String> {
    let link = mail.split_once(&format!("https://accounts.example/link#{}=", path.trim_start_matches('/')));
    let token = link.and_then(|(_, rest)| rest.split_whitespace().next());
    Ok(token.ok_or_else(|| format!("no link in {mail}"))?.to_owned())
}

fn log_in(browser: &mut Browser, password: &str, remember: bool) -> Outcome<Reply> {
    browser.post("/login", &json!({"address": ADDRESS, "password": password, "remember": remember}))
}

fn follow_magic_link(browser: &mut Browser, token: &str) -> Outcome<Reply> {
    browser.post("/magic-link/confirm", &json!({"token": token, "remember": false}))
}

/// What all servers of this process have logged.
static LOG: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(log) = LOG.get().and_then(|log| log.lock().ok()).as_mut() {
            log.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
