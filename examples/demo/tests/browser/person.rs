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
    /// The size of each tab.
    size: Value,
    // Dropped after the browser.
    _chromedriver: Chromedriver,
}

impl Person {
    /// Opens the page in a window of this size.
    pub(crate) async fn at(width: u32, height: u32) -> Self {
        let (driver, chromedriver) = open_browser(&[]).await;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        let person = Self { driver, size, _chromedriver: chromedriver };
        person.sets_the_size().await;
        person.open().await;
        person
    }

    /// Opens the page on a phone.
    pub(crate) async fn with_a_phone() -> Self {
        Self::at(360, 780).await
    }

    pub(crate) async fn with_a_desktop() -> Self {
        Self::at(1280, 900).await
    }

    /// Gives the browser an authenticator whose owner agrees to everything (`WebAuthn`, section 11).
    pub(crate) async fn has_an_authenticator(&self) {
        self.command("WebAuthn.enable", json!({})).await;
        let options = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        });
        self.command("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await;
    }

    async fn sets_the_size(&self) {
        self.command("Emulation.setDeviceMetricsOverride", self.size.clone()).await;
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

    /// Ends the media features that [`in_the_dark`](Self::in_the_dark) set.
    pub(crate) async fn in_the_light(&self) {
        self.command("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
    }

    pub(crate) async fn registers(&self, name: &str, is_admin: bool) {
        self.clicks("#new-account summary").await;
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

    /// Presses the tab key until an element has the focus, and checks that each element on the way shows that it has it.
    pub(crate) async fn tabs_to(&self, place: &str) {
        let there = format!("return document.activeElement.matches({})", json!(place));
        let outline = "const at = document.activeElement; \
                       return getComputedStyle(at.matches('.segments input') ? at.nextElementSibling : at).outlineStyle";
        for _ in 0..150 {
            self.presses(&[Key::Tab]).await;
            if self.evaluates("return document.activeElement === document.body").await == true {
                continue; // from the last element to the first
            }
            assert_ne!(self.evaluates(outline).await, "none");
            if self.evaluates(&there).await == true {
                return;
            }
        }
        panic!("the tab key does not reach {place}");
    }

    /// Moves the pointer to an element.
    pub(crate) async fn points_at(&self, place: &str) {
        let element = self.driver.find(By::Css(place)).await.unwrap();
        element.scroll_into_view().await.unwrap();
        self.driver.action_chain().move_to_element_center(&element).perform().await.unwrap();
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

    /// Calls a guarded function and returns the text of its card, with the reason from the log.
    pub(crate) async fn calls(&self, function: &str) -> String {
        self.clicks(&format!("#card-{function} button")).await;
        let result = format!("#card-{function} .result");
        self.wait_for(&result, &format!("return document.querySelector('{result} .chip') !== null")).await;
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
        self.sets_the_size().await;
        self.wait_for("the page", "return document.body?.dataset?.ready === 'true'").await;
    }

    /// Returns the box of an element, and whether it may be outside of the viewport. An element with a fixed position is not.
    async fn clip_of(&self, place: &str) -> (Value, bool) {
        let script = format!(
            "const element = document.querySelector({}); \
             const box = element.getBoundingClientRect(); \
             const fixed = /fixed|sticky/.test(getComputedStyle(element).position); \
             return [{{ x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height, scale: 1 }}, !fixed]",
            json!(place)
        );
        let found = self.evaluates(&script).await;
        (found[0].clone(), found[1] == true)
    }

    /// Keeps pictures of a part of the page, by day and in the dark, in the folder that `SCREENSHOTS` names if it does.
    pub(crate) async fn takes_a_picture(&self, place: &str, name: &str) {
        let Some(folder) = std::env::var_os("SCREENSHOTS") else { return };
        let width = self.evaluates("return innerWidth").await;
        self.command("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        for light in ["light", "dark"] {
            if light == "dark" {
                self.in_the_dark().await;
            }
            let (clip, beyond) = self.clip_of(place).await;
            let picture = json!({ "captureBeyondViewport": beyond, "format": "png", "clip": clip });
            let picture = self.command("Page.captureScreenshot", picture).await;
            let bytes = decoded(picture["data"].as_str().unwrap());
            std::fs::write(Path::new(&folder).join(format!("{name}-{width}-{light}.png")), bytes).unwrap();
        }
        self.in_the_light().await;
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
