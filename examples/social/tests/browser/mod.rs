//! A browser: it keeps the cookies of each server, and follows redirects one by one.

use std::collections::BTreeMap;
use std::time::Duration;

use gatevault::{Payload, TokenManager};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

use crate::{Outcome, SECRET};

#[derive(Clone)]
pub(crate) struct Browser {
    agent: Agent,
    app: String,
    /// By server and name. The tests are not served over TLS, where a browser would send no `Secure` cookie.
    cookies: BTreeMap<(String, String), String>,
    access: String,
}

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    /// Empty if it is no redirect.
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn of(app: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.timeout_global(Some(Duration::from_mins(1))).build().into();
        Self { agent, app: app.to_owned(), cookies: BTreeMap::new(), access: String::new() }
    }

    /// Logs in, up to the redirect that ends the login.
    pub(crate) fn log_in(&mut self, provider: &str, user: &str, next: &str) -> Outcome<Page> {
        let answer = self.answer_to_login(provider, user, next)?;
        self.follow(&answer)
    }

    /// Logs in at the provider, and returns the address that the provider sends the browser to.
    pub(crate) fn answer_to_login(&mut self, provider: &str, user: &str, next: &str) -> Outcome<String> {
        let mut page = self.get(&format!("/login/{provider}?next={next}"))?;
        page.location.push_str("&login_hint=");
        page.location.push_str(user);
        let callback = format!("{}/callback/", self.app);
        for _ in 0..10 {
            if page.location.is_empty() {
                return Err(format!("no redirect: {page:?}").into());
            }
            if page.location.starts_with(&callback) {
                return Ok(page.location);
            }
            page = self.follow(&page.location)?;
        }
        Err(format!("too many redirects: {page:?}").into())
    }

    pub(crate) fn follow(&mut self, url: &str) -> Outcome<Page> {
        self.send("GET", url)
    }

    pub(crate) fn get(&mut self, path: &str) -> Outcome<Page> {
        self.send("GET", &format!("{}{path}", self.app))
    }

    pub(crate) fn post(&mut self, path: &str) -> Outcome<Page> {
        self.send("POST", &format!("{}{path}", self.app))
    }

    pub(crate) fn refresh(&mut self) -> Outcome<Page> {
        let page = self.post("/refresh")?;
        if let Some((_, token)) = page.body.split_once(r#""access_token":""#) {
            token.split('"').next().unwrap_or_default().clone_into(&mut self.access);
        }
        Ok(page)
    }

    pub(crate) fn identities(&mut self) -> Outcome<Value> {
        Ok(serde_json::from_str(&self.get("/identities")?.body)?)
    }

    /// Returns the claims of the access token.
    pub(crate) fn claims(&self) -> Outcome<Value> {
        let tokens = TokenManager::builder().secret(SECRET).build()?;
        let verified = tokens.decode_access_token::<Payload>(&self.access)?;
        Ok(serde_json::json!({
            "acr": verified.acr(),
            "amr": verified.amr().collect::<Vec<_>>(),
            "sid": verified.session_id(),
            "user_id": verified.user_id().as_i64(),
        }))
    }

    /// Deletes the cookies of a server.
    pub(crate) fn forget(&mut self, server: &str) {
        self.cookies.retain(|(other, _), _| other != server);
    }

    fn send(&mut self, method: &str, url: &str) -> Outcome<Page> {
        let server = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let mut request = Request::builder().method(method).uri(url);
        let mut cookies = String::new();
        for ((other, name), value) in &self.cookies {
            if *other == server {
                cookies = format!("{cookies}{name}={value}; ");
            }
        }
        request = request.header("Cookie", cookies);
        if server == self.app {
            let csrf = self.cookies.get(&(server.clone(), "__Host-csrf_token".to_owned()));
            request = request.header("X-CSRF-Token", csrf.map_or("", String::as_str));
            request = request.header("Authorization", format!("Bearer {}", self.access));
        }
        let mut reply = self.agent.run(request.body(())?)?;
        for cookie in reply.headers().get_all("set-cookie") {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').ok_or("a cookie without a value")?;
            self.cookies.insert((server.clone(), name.to_owned()), value.to_owned());
        }
        let location = reply.headers().get("location").map_or(Ok(""), |value| value.to_str())?;
        let is_path_of_provider = location.starts_with('/') && server != self.app;
        let location = if is_path_of_provider { format!("{server}{location}") } else { location.to_owned() };
        let (status, body) = (reply.status().as_u16(), reply.body_mut().read_to_string()?);
        Ok(Page { status, location, body })
    }
}
