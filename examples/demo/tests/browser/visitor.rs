//! A visitor of any pages, and what a page's script asks of login routes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's support that panics is a test that fails"
)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::chromedriver::{Chromedriver, open_browser};
use crate::person::PASSWORD;

pub(crate) struct Visitor {
    driver: WebDriver,
    // Dropped after the browser.
    _chromedriver: Chromedriver,
}

/// The script of a page that the visitor has opened, for the login routes at an address.
pub(crate) struct Page<'v> {
    visitor: &'v Visitor,
    routes: String,
    access: String,
    pub(crate) csrf: String,
    /// Whether cookies are sent and stored, as `fetch` names it.
    pub(crate) credentials: &'static str,
}

impl Visitor {
    /// Opens a browser that finds `intranet.test` on this machine, and `*.localhost` as every browser does.
    pub(crate) async fn new() -> Self {
        let (driver, chromedriver) =
            open_browser(&["--host-resolver-rules=MAP intranet.test 127.0.0.1"]).await;
        Self { driver, _chromedriver: chromedriver }
    }

    pub(crate) async fn goes_to(&self, page: &str) {
        self.driver.goto(page).await.unwrap();
    }

    /// Opens a page, whose script will call the login routes at an address.
    pub(crate) async fn opens(&self, page: &str, routes: &str) -> Page<'_> {
        self.goes_to(page).await;
        self.page_for(routes)
    }

    /// Creates a script of the page that is open.
    pub(crate) fn page_for(&self, routes: &str) -> Page<'_> {
        let (routes, access, csrf) = (routes.to_owned(), String::new(), String::new());
        Page { visitor: self, routes, access, csrf, credentials: "include" }
    }

    pub(crate) async fn leaves(self) {
        self.driver.quit().await.unwrap();
    }

    async fn evaluates(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }
}

impl Page<'_> {
    pub(crate) async fn log_in(&mut self) -> u64 {
        let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
        let headers = json!({ "Content-Type": "application/json" });
        let options = json!({ "method": "POST", "headers": headers, "body": body });
        self.gets_tokens("/login", options).await
    }

    pub(crate) async fn refresh(&mut self) -> u64 {
        let options = self.post_with_csrf_token();
        self.gets_tokens("/refresh", options).await
    }

    pub(crate) async fn refresh_without_csrf_token(&self) -> u64 {
        self.asks("/refresh", json!({ "method": "POST" })).await.0
    }

    pub(crate) async fn log_out(&self) -> u64 {
        self.asks("/logout", self.post_with_csrf_token()).await.0
    }

    pub(crate) async fn log_out_without_csrf_token(&self) -> u64 {
        self.asks("/logout", json!({ "method": "POST" })).await.0
    }

    pub(crate) async fn log_out_with_the_access_token(&self) -> u64 {
        self.asks("/logout", json!({ "method": "POST", "headers": self.bearer() })).await.0
    }

    /// Returns the status of a request with the access token: 401 once the session has ended.
    pub(crate) async fn sessions(&self) -> u64 {
        self.asks("/sessions", json!({ "headers": self.bearer() })).await.0
    }

    /// Returns the user of the access token.
    pub(crate) fn user(&self) -> String {
        use base64::Engine as _;
        let claims = self.access.split('.').nth(1).unwrap();
        let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()["user_id"].to_string()
    }

    /// Submits a login form, which leaves the page, and returns the status of the answer.
    pub(crate) async fn submits_a_form_to(&self, path: &str) -> u64 {
        let target = format!("{}{path}", self.routes);
        let script = format!(
            "const form = document.createElement('form'); \
             Object.assign(form, {{ method: 'post', action: {} }}); \
             for (const [name, value] of Object.entries({})) \
               form.append(Object.assign(document.createElement('input'), {{ name, value }})); \
             document.body.append(form); form.submit()",
            json!(target),
            json!({ "username": "ada", "password": PASSWORD }),
        );
        self.visitor.evaluates(&script).await;
        let start = Instant::now();
        let arrived =
            format!("return location.href === {} && document.readyState === 'complete'", json!(target));
        while self.visitor.evaluates(&arrived).await != true {
            assert!(start.elapsed() < PATIENCE, "the form was not sent to {target}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.visitor.evaluates(status).await.as_u64().unwrap()
    }

    /// Returns the names of the browser's cookies for the host of the routes.
    pub(crate) async fn cookies(&self) -> Vec<String> {
        let host = self.routes.split(['/', ':']).nth(3).unwrap();
        let jar = self.visitor.driver.cdp().send_raw("Network.getAllCookies", json!({})).await.unwrap();
        let cookies = jar["cookies"].as_array().unwrap().iter();
        cookies.filter(|cookie| cookie["domain"] == host).map(|cookie| cookie["name"].to_string()).collect()
    }

    /// Sends a request and returns the status. Keeps the tokens of the answer, if it has some.
    async fn gets_tokens(&mut self, path: &str, options: Value) -> u64 {
        let (status, body) = self.asks(path, options).await;
        if status == 200 {
            let member = |name: &str| body[name].as_str().unwrap().to_owned();
            (self.access, self.csrf) = (member("access_token"), member("csrf_token"));
        }
        status
    }

    /// Calls `fetch` and returns the status and the JSON body. An answer that CORS keeps from the page is an error.
    async fn asks(&self, path: &str, mut options: Value) -> (u64, Value) {
        options["credentials"] = self.credentials.into();
        let script = format!(
            "return fetch({}, {options}).then(async (answer) => \
               [answer.status, await answer.json().catch(() => null)])",
            json!(format!("{}{path}", self.routes)),
        );
        let answer = self.visitor.evaluates(&script).await;
        (answer[0].as_u64().unwrap(), answer[1].clone())
    }

    fn post_with_csrf_token(&self) -> Value {
        json!({ "method": "POST", "headers": { "X-CSRF-Token": self.csrf } })
    }

    fn bearer(&self) -> Value {
        json!({ "Authorization": format!("Bearer {}", self.access) })
    }
}

/// A limit that no step reaches on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
