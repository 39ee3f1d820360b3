//! A visitor with a browser and a profile of their own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's support that panics is a test that fails"
)]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use demo::{Settings, serve};
use serde_json::{Value, json};
use thirtyfour::Key;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use crate::chromedriver::{Chromedriver, open_browser};

/// The server for all tests, with short times.
pub(crate) static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(|| {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            database: folder.path().join("demo.db"),
            access_expiry: Duration::from_secs(12),
            refresh_grace: Duration::from_secs(4),
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime
            .block_on(async { serve(tokio::net::TcpListener::from_std(listener)?, settings).await })
            .unwrap();
    });
    address
});

pub(crate) struct Person {
    driver: WebDriver,
    // Dropped after the browser.
    _chromedriver: Chromedriver,
}

impl Person {
    /// Opens the page in a window of this size.
    pub(crate) async fn at(width: u32, height: u32) -> Self {
        let (driver, chromedriver) = open_browser(&[]).await;
        let person = Self { driver, _chromedriver: chromedriver };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        person.command("Emulation.setDeviceMetricsOverride", size).await;
        person.open().await;
        person
    }

    pub(crate) async fn open(&self) {
        self.driver.goto(format!("http://localhost:{}/", SERVER.port())).await.unwrap();
        self.wait_for("the page", "return document.body.dataset.ready === 'true'").await;
    }

    pub(crate) async fn in_the_dark(&self) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.command("Emulation.setEmulatedMedia", media).await;
    }

    pub(crate) async fn command(&self, name: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(name, parameters).await.unwrap()
    }

    pub(crate) async fn registers(&self, name: &str, is_admin: bool) {
        self.types("#register [name=username]", name).await;
        self.types("#register [name=password]", PASSWORD).await;
        if is_admin {
            self.clicks("#register [name=is_admin]").await;
        }
        self.clicks("#register button").await;
        self.sees("#who", name).await;
    }

    pub(crate) async fn types(&self, place: &str, text: &str) {
        self.driver.find(By::Css(place)).await.unwrap().send_keys(text).await.unwrap();
    }

    pub(crate) async fn presses(&self, keys: &[Key]) {
        for key in keys {
            let actions = self.driver.action_chain().send_keys(key.clone());
            actions.perform().await.unwrap();
        }
    }

    pub(crate) async fn writes(&self, text: &str) {
        self.driver.action_chain().send_keys(text).perform().await.unwrap();
    }

    pub(crate) async fn clicks(&self, place: &str) {
        // One that the page has replaced meanwhile is clicked again.
        while let Err(error) = self.tries_to_click(place).await {
            assert!(matches!(*error, WebDriverErrorInner::StaleElementReference(_)), "{place}: {error}");
        }
    }

    async fn tries_to_click(&self, place: &str) -> WebDriverResult<()> {
        let element = self.driver.find(By::Css(place)).await?;
        element.scroll_into_view().await?;
        element.click().await
    }

    /// Calls a guarded function and returns the text of its card, once the log has shown the reason.
    pub(crate) async fn calls(&self, function: &str) -> String {
        self.clicks(&format!("#card-{function} button")).await;
        let result = format!("#card-{function} .result");
        self.sees(&result, "Log:").await;
        self.reads(&result).await
    }

    pub(crate) async fn reads(&self, place: &str) -> String {
        let script = format!("return document.querySelector({})?.innerText ?? ''", json!(place));
        self.evaluates(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a place has a text.
    pub(crate) async fn sees(&self, place: &str, text: &str) {
        let script = format!(
            "const place = document.querySelector({}); \
             return place !== null && place.checkVisibility() && place.innerText.includes({})",
            json!(place),
            json!(text)
        );
        self.wait_for(&format!("{text:?} in {place}"), &script).await;
    }

    pub(crate) async fn wait_for(&self, what: &str, script: &str) {
        let start = Instant::now();
        while self.evaluates(script).await != json!(true) {
            if start.elapsed() > PATIENCE {
                let page = self.reads("body").await;
                panic!(
                    "did not see {what}; the page says:\n{page}\nand the console {:?}",
                    self.console().await
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn evaluates(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// What the console says of errors, scripts that were refused among them.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.unwrap();
        entries.into_iter().map(|entry| format!("{}: {}", entry.level, entry.message)).collect()
    }

    /// Goes to the other tab, where there are two.
    pub(crate) async fn changes_tabs(&self) {
        let here = self.driver.window().await.unwrap();
        let tabs = self.driver.windows().await.unwrap();
        let other = tabs.into_iter().find(|tab| *tab != here).unwrap();
        self.driver.switch_to_window(other).await.unwrap();
        self.wait_for("the page", "return document.body?.dataset?.ready === 'true'").await;
    }

    /// Keeps a picture of the whole page, in the folder that `SCREENSHOTS` names if it does.
    pub(crate) async fn takes_a_picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCREENSHOTS") else { return };
        let picture = json!({ "captureBeyondViewport": true, "format": "png" });
        let picture = self.command("Page.captureScreenshot", picture).await;
        let bytes = decoded(picture["data"].as_str().unwrap());
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    pub(crate) async fn leaves(self) {
        self.driver.quit().await.unwrap();
    }
}

/// The password of all visitors.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A limit that no step reaches on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

fn decoded(base64: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.decode(base64).unwrap()
}
