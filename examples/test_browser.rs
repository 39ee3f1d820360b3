//! A browser for the tests of the examples: it keeps the cookies and the tokens that it gets. Each test that uses it includes this
//! file. It keeps cookies by hand, because a client with a cookie store sends no `Secure` cookie over plain HTTP.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PASSWORD: &str = "correct horse & battery";

#[derive(Debug, Clone)]
pub(crate) struct Browser {
    agent: Agent,
    server: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) access: String,
    pub(crate) content_type: String,
    /// The address that a proxy writes: `X-Forwarded-For`, if it is not empty.
    pub(crate) forwarded_for: String,
}

/// A response without what differs between any two: the date.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    /// Returns a member of the body, which is JSON.
    pub(crate) fn json(&self, member: &str) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Browser {
    pub(crate) fn of(server: SocketAddr) -> Self {
        // A server that denies a request before it has read the body closes the connection, so none is used again.
        let agent = Agent::config_builder().http_status_as_error(false).max_idle_connections(0);
        let agent = agent.timeout_global(Some(Duration::from_mins(1))).build().into();
        let (access, forwarded_for) = (String::new(), String::new());
        let content_type = "application/json".to_owned();
        Self { agent, server, cookies: BTreeMap::new(), access, content_type, forwarded_for }
    }

    pub(crate) fn get(&mut self, path: &str) -> Outcome<Reply> {
        self.send("GET", path, String::new())
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Outcome<Reply> {
        self.send("POST", path, body.to_string())
    }

    pub(crate) fn refresh(&mut self) -> Outcome<u16> {
        Ok(self.send("POST", "/refresh", String::new())?.status)
    }

    /// Sends a request with the cookies, the access token and the CSRF token, and keeps those of the response.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: String) -> Outcome<Reply> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.server))
            .header("Content-Type", &self.content_type)
            .header("Cookie", cookies.join("; "));
        if !self.access.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.access));
        }
        if let Some(csrf) = self.cookies.get("__Host-csrf_token") {
            request = request.header("X-CSRF-Token", csrf);
        }
        if !self.forwarded_for.is_empty() {
            request = request.header("X-Forwarded-For", &self.forwarded_for);
        }
        let mut response = self.agent.run(request.body(body)?)?;
        let (mut headers, status) = (Vec::new(), response.status().as_u16());
        for (name, value) in response.headers().iter().filter(|(name, _)| *name != "date") {
            headers.push((name.as_str().to_owned(), value.to_str()?.to_owned()));
        }
        let reply = Reply { status, headers, body: response.body_mut().read_to_string()? };
        for (_, cookie) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).ok_or("cookie")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        if reply.status == 200 && !reply.json("access_token").is_empty() {
            self.access = reply.json("access_token");
        }
        Ok(reply)
    }
}

/// Calls `attempt` in eight threads at the same time, with a number each, and returns the sorted results.
pub(crate) fn at_the_same_time<T: Ord + Send + 'static>(
    attempt: impl Fn(usize) -> Outcome<T> + Send + Sync + 'static,
) -> Outcome<Vec<T>> {
    let shared = std::sync::Arc::new((attempt, std::sync::Barrier::new(8)));
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let shared = std::sync::Arc::clone(&shared);
            std::thread::spawn(move || {
                shared.1.wait();
                (shared.0)(number)
            })
        })
        .collect();
    let mut results = Vec::new();
    for thread in threads {
        results.push(thread.join().map_err(|_| "a thread has failed")??);
    }
    results.sort();
    Ok(results)
}
