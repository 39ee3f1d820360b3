//! Chromium, driven over `WebDriver`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's support that panics is a test that fails"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::json;
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

/// Opens a browser with a new profile, and with these arguments besides the usual ones.
pub(crate) async fn open_browser(arguments: &[&str]) -> (WebDriver, Chromedriver) {
    let chromedriver = Chromedriver::start();
    let mut browser = DesiredCapabilities::chrome();
    for argument in USUAL.iter().chain(arguments) {
        browser.add_arg(argument).unwrap();
    }
    // With the setting of a new profile, Debian's Chromium keeps cookies of other sites from pages.
    let settings = json!({ "profile.cookie_controls_mode": 0, "profile.block_third_party_cookies": false });
    browser.add_experimental_option("prefs", settings).unwrap();
    browser.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
    (WebDriver::new(chromedriver.url.as_str(), browser).await.unwrap(), chromedriver)
}

/// Root needs `--no-sandbox`; the others keep the browser from asking for anything but the page.
const USUAL: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
];

/// The process that drives a browser. Dropping it kills both, so that a failing test leaves no browser behind.
pub(crate) struct Chromedriver {
    process: Child,
    url: String,
}

impl Chromedriver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver starts: sudo apt-get install chromium chromium-driver");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        // It keeps writing, and would block if its output were not read.
        thread::spawn(move || lines.for_each(drop));
        Self { process, url: format!("http://127.0.0.1:{}", port.expect("chromedriver prints its port")) }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let browser = ["-KILL", "-P", &self.process.id().to_string()];
        // It fails where there is none any more.
        _ = Command::new("pkill").args(browser).status();
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
