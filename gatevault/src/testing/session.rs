//! The session of a test's browser: the cookies and the tokens of the responses.

use std::time::SystemTime;

use http::Response;
use http::header::SET_COOKIE;
use serde_json::Value;

use super::cookie_jar::CookieJar;
use super::request::Credentials;

/// The cookies and the tokens of a browser.
#[derive(Default)]
pub(super) struct BrowserSession {
    pub(super) jar: CookieJar,
    /// The access token of the last login or refresh.
    pub(super) access_token: Option<String>,
    /// The refresh token, if the routes send it in the body.
    pub(super) refresh_token: Option<String>,
    pub(super) csrf_token: Option<String>,
}

impl BrowserSession {
    /// Returns what a request to `path` carries.
    pub(super) fn credentials(&self, path: &str, now: SystemTime) -> Credentials {
        Credentials {
            cookies: self.jar.header(path, now),
            access_token: self.access_token.clone(),
            csrf_token: self.csrf_token.clone(),
        }
    }

    /// Keeps the cookies and the tokens of the response to a request for `path`.
    pub(super) fn absorb(&mut self, response: &Response<Vec<u8>>, path: &str, now: SystemTime) {
        for header in response.headers().get_all(SET_COOKIE) {
            let header = String::from_utf8_lossy(header.as_bytes());
            let Some((name, value)) = self.jar.apply(&header, path, now) else { continue };
            if name.starts_with("__Host-csrf_token") || name.starts_with("csrf_token") {
                if value.is_none() {
                    self.forget_tokens();
                }
                self.csrf_token = value;
            }
        }
        if response.status().is_success() {
            self.absorb_tokens(response.body());
        }
    }

    /// Keeps the tokens of a body that is the answer to a login or a refresh (RFC 6749 section 5.1).
    fn absorb_tokens(&mut self, body: &[u8]) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return;
        }
        let Some(access) = text("access_token") else { return };
        self.access_token = Some(access);
        self.refresh_token = text("refresh_token");
        self.csrf_token = text("csrf_token").or_else(|| self.csrf_token.take());
    }

    /// Removes the tokens of a session that is over.
    pub(super) fn forget_tokens(&mut self) {
        (self.access_token, self.refresh_token) = (None, None);
    }

    /// Returns everything that no output may contain.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let tokens = [&self.access_token, &self.refresh_token, &self.csrf_token];
        self.jar.values().chain(tokens.into_iter().filter_map(Option::as_deref))
    }
}
