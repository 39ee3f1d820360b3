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

/// A browser's cookies, for one host.
#[derive(Debug, Default)]
pub(crate) struct Jar(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Jar {
    /// Stores the cookies of a response, or deletes those that are over.
    pub(crate) fn store(&mut self, reply: &Reply) {
        for cookie in reply.cookies() {
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attribute = |name: &str| {
                let mut attributes = cookie.split("; ").skip(1);
                attributes.find_map(|attribute| attribute.strip_prefix(name)?.strip_prefix('='))
            };
            let path = attribute("Path").unwrap();
            self.0.retain(|other| (other.name.as_str(), other.path.as_str()) != (name, path));
            if attribute("Max-Age") != Some("0") {
                let [name, value, path] = [name, value, path].map(str::to_owned);
                self.0.push(Cookie { name, value, path });
            }
        }
    }

    /// Returns the value of the header `Cookie` for a path: longer paths first (RFC 6265 section 5.4).
    pub(crate) fn header(&self, path: &str) -> String {
        let is_below = |cookie: &&Cookie| {
            path.strip_prefix(&cookie.path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || cookie.path.ends_with('/'))
        };
        let mut cookies: Vec<_> = self.0.iter().filter(is_below).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs = cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Adds a cookie for a path, as another host of the site can.
    pub(crate) fn plant(&mut self, pair: &str, path: &str) {
        let (name, value) = pair.split_once('=').unwrap();
        let [name, value, path] = [name, value, path].map(str::to_owned);
        self.0.push(Cookie { name, value, path });
    }

    /// Forgets a cookie, as a browser does when it has expired.
    pub(crate) fn forget(&mut self, name: &str) {
        self.0.retain(|cookie| cookie.name != name);
    }

    /// Returns the value of a cookie that a page anywhere on the host reads.
    pub(crate) fn readable(&self, name: &str) -> &str {
        let readable = |cookie: &&Cookie| cookie.name == name && cookie.path == "/";
        self.0.iter().find(readable).map_or("", |cookie| &cookie.value)
    }
}

impl Browser {
    pub(crate) fn log_in(server: SocketAddr, username: &str) -> Self {
        let reply = Request::post("/login").json(&credentials(username, PASSWORD)).send(server);
        assert_eq!(reply.status, 200, "{reply:?}");
        Self::after(server, &reply)
    }

    pub(crate) fn after(server: SocketAddr, reply: &Reply) -> Self {
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

/// Asserts that a response deletes both cookies of the root.
pub(crate) fn assert_deletes_both(reply: &Reply) {
    for name in [REFRESH, CSRF] {
        let deletes =
            |cookie: &&str| cookie.starts_with(&format!("{name}=;")) && cookie.ends_with("Max-Age=0");
        assert!(reply.cookies().iter().any(deletes), "{reply:?}");
    }
    assert_eq!(reply.cookies().len(), 2, "{reply:?}");
}
