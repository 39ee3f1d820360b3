//! A browser: it keeps cookies, and its pages echo the CSRF token.

use std::net::SocketAddr;

use gatevault_web_tests::{PASSWORD, Reply, Request};
use serde_json::json;

pub(crate) const REFRESH: &str = "__Host-refresh_token";
pub(crate) const CSRF: &str = "__Host-csrf_token";

/// A browser with a logged-in user.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) server: SocketAddr,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) csrf: String,
}

impl Browser {
    pub(crate) fn log_in(server: SocketAddr, username: &str) -> Self {
        let reply = Request::post("/login").json(&credentials(username, PASSWORD)).send(server);
        assert_eq!(reply.status, 200, "{reply:?}");
        Self::after(server, &reply)
    }

    fn after(server: SocketAddr, reply: &Reply) -> Self {
        let access = reply.json()["access_token"].as_str().unwrap().to_owned();
        Self { server, access, refresh: reply.cookie(REFRESH), csrf: reply.cookie(CSRF) }
    }

    /// Creates a request as a page of the site sends it.
    pub(crate) fn post(&self, path: &str) -> Request {
        self.post_without_header(path).header("X-CSRF-Token", &self.csrf)
    }

    /// Creates a request as the browser sends it for a page of any site: with cookies, without the CSRF header.
    pub(crate) fn post_without_header(&self, path: &str) -> Request {
        Request::post(path)
            .header("Cookie", format!("theme=dark; {REFRESH}={}; {CSRF}={}", self.refresh, self.csrf))
    }

    pub(crate) fn refresh(&self) -> Self {
        let reply = self.post("/refresh").send(self.server);
        assert_eq!(reply.status, 200, "{reply:?}");
        Self::after(self.server, &reply)
    }

    pub(crate) fn profile(&self) -> Reply {
        Request::get("/profile").bearer(&self.access).send(self.server)
    }
}

pub(crate) fn credentials(username: &str, password: &str) -> serde_json::Value {
    json!({ "username": username, "password": password })
}
