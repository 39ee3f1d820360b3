//! A visitor with a browser and a profile of their own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's support that panics is a test that fails"
)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::chromedriver::{Chromedriver, open_browser};

/// The password of the account.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Visitor {
    driver: WebDriver,
    // Dropped after the browser.
    _chromedriver: Chromedriver,
}

impl Visitor {
    /// Opens a browser that finds `pages.test` on this machine, and `*.localhost` as every browser does.
    pub(crate) async fn new() -> Self {
        let (driver, chromedriver) = open_browser(&["--host-resolver-rules=MAP pages.test 127.0.0.1"]).await;
        Self { driver, _chromedriver: chromedriver }
    }

    pub(crate) async fn goes_to(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    pub(crate) async fn goes_back(&self) {
        self.driver.back().await.unwrap();
    }

    pub(crate) async fn address(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// Logs in at the login page, and sees the notes.
    pub(crate) async fn logs_in(&self, app: &str) {
        self.goes_to(&format!("{app}/login")).await;
        self.fills_in("ada", PASSWORD).await;
        self.sees("h1", "Notes of ada").await;
    }

    /// Submits the login form.
    pub(crate) async fn fills_in(&self, name: &str, password: &str) {
        self.types("[name=username]", name).await;
        self.types("[name=password]", password).await;
        self.leaves_by("button").await;
    }

    pub(crate) async fn adds(&self, note: &str) {
        self.types("#add [name=note]", note).await;
        self.leaves_by("#add button").await;
    }

    pub(crate) async fn types(&self, place: &str, text: &str) {
        self.driver.find(By::Css(place)).await.unwrap().send_keys(text).await.unwrap();
    }

    pub(crate) async fn clicks(&self, place: &str) {
        self.driver.find(By::Css(place)).await.unwrap().click().await.unwrap();
    }

    /// Clicks, and waits until another page has been loaded.
    async fn leaves_by(&self, place: &str) {
        self.evaluates("window.isOld = true").await;
        self.clicks(place).await;
        self.waits_for("another page", "return !window.isOld && document.readyState === 'complete'").await;
    }

    pub(crate) async fn reads(&self, place: &str) -> String {
        let script = format!("return document.querySelector({})?.innerText ?? ''", json!(place));
        self.evaluates(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a place has a text.
    pub(crate) async fn sees(&self, place: &str, text: &str) {
        let script = format!(
            "return document.querySelector({})?.innerText.includes({}) === true",
            json!(place),
            json!(text)
        );
        self.waits_for(&format!("{text:?} in {place}"), &script).await;
    }

    /// Waits until a page of this address, or below it, has been loaded.
    pub(crate) async fn arrives_at(&self, address: &str) {
        let script = format!(
            "return location.href.startsWith({}) && document.readyState === 'complete'",
            json!(address)
        );
        self.waits_for(address, &script).await;
    }

    /// Returns the status of the page.
    pub(crate) async fn status(&self) -> u64 {
        let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.evaluates(status).await.as_u64().unwrap()
    }

    pub(crate) async fn waits_for(&self, what: &str, script: &str) {
        let start = Instant::now();
        while self.evaluates(script).await != json!(true) {
            let (address, body) = (self.address().await, self.reads("body").await);
            assert!(start.elapsed() <= PATIENCE, "no {what} at {address}: {body:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn evaluates(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Returns the names of the browser's cookies for a host.
    pub(crate) async fn cookies(&self, host: &str) -> Vec<String> {
        let jar = self.driver.cdp().send_raw("Network.getAllCookies", json!({})).await.unwrap();
        let cookies = jar["cookies"].as_array().unwrap().iter();
        let cookies = cookies.filter(|cookie| cookie["domain"] == host);
        cookies.map(|cookie| cookie["name"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn leaves(self) {
        self.driver.quit().await.unwrap();
    }
}

/// A limit that no step reaches on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
