//! `AuthRoutes`: every route that reads a token, in each place of the request where it reads one.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::http::{HeaderValue, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gatevault::testing::{self, TestUser, Users};
use gatevault::web::{HttpRequest, Pages, TokenEndpoint};
use gatevault::{AuthRoutes, MemorySessions, OAuthHandler, Payload};
use gatevault_attack_tests::{Attack, ISSUER, tokens};
use gatevault_tests::Outline;
use serde_json::json;

use crate::frameworks::{COPIES, Headers, LIMIT};
use crate::target::separate;
use crate::watch::{Meter, watched};

/// The routes for browsers, for other clients, and for pages of a server, over one handler.
pub(crate) struct Routes {
    pub(crate) browsers: AuthRoutes<Users>,
    pub(crate) others: AuthRoutes<Users>,
    pub(crate) pages: AuthRoutes<Users>,
    pub(crate) handler: Arc<OAuthHandler<Users>>,
}

impl Routes {
    pub(crate) fn new(pool: &str) -> Self {
        let users = Users::<Payload>::new([TestUser::new(1, "ada")]);
        let handler = OAuthHandler::with_sync_users(separate(), users)
            .hasher(testing::hasher())
            .user_pool(pool)
            .api_key_prefix("test");
        let handler = Arc::new(handler.session_store(MemorySessions::new()));
        let routes = || AuthRoutes::new(Arc::clone(&handler)).with_password_change();
        let others = routes().mounted_at("/api").unwrap().without_cookies();
        let endpoint = TokenEndpoint::new(ISSUER).unwrap();
        let others = others.with_token_endpoint(endpoint).unwrap();
        let pages = routes().for_pages(&pages()).unwrap();
        Self { browsers: routes(), others, pages, handler }
    }

    /// Sends a request, and returns the status, where it leads to, and the error code.
    pub(crate) fn send(&self, sent: &Sent) -> String {
        let response = self.at(&sent.target).respond(&sent.head(), sent.body());
        let location = response.headers.iter().find(|header| header.0 == "location");
        outcome(response.status, location.map(|header| header.1.as_str()), response.body.as_bytes())
    }

    /// Returns the routes that have this path.
    pub(crate) fn at(&self, target: &str) -> &AuthRoutes<Users> {
        match target {
            api if api.starts_with("/api/") => &self.others,
            page if page.starts_with("/pages/") => &self.pages,
            _ => &self.browsers,
        }
    }

    /// Asserts that the session of a login is active, and that it is the only one.
    pub(crate) fn assert_session_is_active(&self, refresh_token: &str) {
        let refreshed = self.handler.refresh(refresh_token).unwrap();
        assert!(self.handler.tokens().decode_access_token::<Payload>(&refreshed.access_token).is_ok());
        assert_eq!(self.handler.sessions(1).unwrap().len(), 1);
    }
}

/// The pages of a server, whose visitors are logged in by cookies.
pub(crate) fn pages() -> Pages {
    Pages::new("shop").unwrap().mounted_at("/pages").unwrap()
}

/// Returns the status, where a redirect leads to, and the error code of a response.
pub(crate) fn outcome(status: u16, location: Option<&str>, body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let error = location.or_else(|| body["error"].as_str()).unwrap_or_default();
    format!("{status} {error}").trim().to_owned()
}

/// Returns the outcome of a response in the type of the crate `http`.
pub(crate) fn outcome_of(response: &Response<Vec<u8>>) -> String {
    let location = response.headers().get("location").map(|value| value.to_str().unwrap());
    outcome(response.status().as_u16(), location, response.body())
}

/// A request.
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Returns the text as a form has it: every byte but those of base64url and its dots is percent-encoded.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut all, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => all.push(char::from(byte)),
            _ => write!(all, "%{byte:02X}").unwrap(),
        }
        all
    })
}

impl Sent {
    pub(crate) fn new(method: &'static str, target: impl Into<String>) -> Self {
        let target = target.into();
        Self { method, target, headers: Vec::new(), body: String::new() }.with("host", "localhost")
    }

    /// Creates a request as a page of the site sends it.
    pub(crate) fn post(path: &'static str) -> Self {
        Self::new("POST", path).with("sec-fetch-site", "same-origin")
    }

    /// Creates a request as a browser sends it when its user opens a page.
    pub(crate) fn visit(target: &'static str) -> Self {
        let visit = Self::new("GET", target).with("sec-fetch-site", "none");
        visit.with("sec-fetch-mode", "navigate").with("sec-fetch-dest", "document")
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &serde_json::Value) -> Self {
        Self { body: body.to_string(), ..self.with("content-type", "application/json") }
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        Self { body: fields.join("&"), ..self.with("content-type", "application/x-www-form-urlencoded") }
    }

    /// Creates a request with the cookie of a refresh token, and a CSRF token beside it.
    pub(crate) fn with_cookie(path: &'static str, token: &str, csrf: &str) -> Self {
        Self::post(path).with("cookie", &format!("__Host-refresh_token={token}")).with("x-csrf-token", csrf)
    }

    /// Returns the request without its body.
    pub(crate) fn head(&self) -> HttpRequest {
        let path = self.target.split_once('?').map_or(&*self.target, |(path, _)| path);
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        HttpRequest::new(self.method, path).with_target(&self.target).with_headers(headers)
    }

    /// Returns the body, or `None` if it exceeds the limit, as a server passes it on.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        (self.body.len() <= AuthRoutes::<Users>::BODY_LIMIT).then_some(self.body.as_bytes())
    }

    /// Returns the request in the type of the crate `http`, or `None` if HTTP cannot carry it.
    pub(crate) fn to_http(&self) -> Option<Request<Vec<u8>>> {
        let mut request = Request::builder().method(self.method).uri(&self.target);
        for (name, value) in &self.headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        Some(request.body(self.body.clone().into()).unwrap())
    }
}

/// A place of a request where a token is read.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// Creates the request.
    pub(crate) request: fn(&str) -> Sent,
    /// The answer to a token that is not valid: the status and the error code.
    pub(crate) refusal: &'static str,
}

impl Place {
    /// Returns the answer to a hostile token. A token that will be valid later can be revoked only then, so its holder must repeat
    /// the request: its session is active.
    pub(crate) fn expected(&self, attack: &Attack, sent: &Sent) -> &'static str {
        match self.name {
            _ if sent.body().is_none() => "413 invalid_request",
            "POST /api/revoke" if is_early(attack) => "503 temporarily_unavailable",
            "POST /logout, bearer" | "POST /pages/logout, access cookie" if is_early(attack) => {
                "401 invalid_grant"
            }
            _ => self.refusal,
        }
    }

    /// Returns the most copies of a token that its transport makes. One in base64 is longer, and is decoded.
    pub(crate) fn copies(&self) -> u64 {
        if self.name.ends_with("Basic") { 2 * COPIES } else { COPIES }
    }

    /// Returns whether the place holds the whole token. A cookie ends before white space (RFC 6265 section 5.2).
    pub(crate) fn can_hold(&self, token: &str) -> bool {
        !self.name.contains("cookie") || is_whole_in_cookie(token)
    }

    /// Returns the number of hostile tokens that the place cannot hold, or that `headers` cannot carry to it.
    pub(crate) fn unsendable(&self, headers: Headers) -> usize {
        let is_in_header = ["bearer", "CSRF header"].iter().any(|place| self.name.contains(place));
        match () {
            () if self.name.contains("cookie") => headers.unsendable() + BEFORE_WHITE_SPACE,
            () if is_in_header => headers.unsendable(),
            // A body, or base64.
            () => 0,
        }
    }
}

/// Returns whether a token will be valid later.
pub(crate) fn is_early(attack: &Attack) -> bool {
    [Outline::not_yet("nbf"), Outline::not_yet("iat")].contains(&attack.refusal)
}

/// Returns whether a cookie holds the whole token, which ends before white space.
pub(crate) fn is_whole_in_cookie(token: &str) -> bool {
    token.trim_ascii_end() == token
}

/// The number of hostile tokens that a cookie cuts at the white space at their end.
pub(crate) const BEFORE_WHITE_SPACE: usize = 3;

pub(crate) const WAYS: usize = PLACES.len();

/// The cookies of a visitor for whom the session was refreshed for as many pages as are marked.
fn marked(cookie: &str) -> String {
    let marks = (0..8).map(|number| format!("__Host-shop_continued-{number}=1; "));
    marks.chain([cookie.to_owned()]).collect::<Vec<_>>().concat()
}

pub(crate) const PLACES: [Place; 21] = [
    Place {
        name: "POST /refresh, cookie",
        request: |token| Sent::with_cookie("/refresh", token, "junk"),
        refusal: "401 invalid_grant",
    },
    Place {
        name: "POST /logout, cookie",
        request: |token| Sent::with_cookie("/logout", token, "junk"),
        refusal: "204",
    },
    Place {
        name: "POST /refresh, CSRF header",
        request: |token| Sent::post("/refresh").with("x-csrf-token", token),
        refusal: "401 invalid_request",
    },
    Place {
        name: "GET /sessions, bearer",
        request: |token| Sent::new("GET", "/sessions").bearer(token),
        refusal: "401 invalid_token",
    },
    Place {
        name: "DELETE /sessions, bearer",
        request: |token| Sent::new("DELETE", "/sessions").bearer(token),
        refusal: "401 invalid_token",
    },
    Place {
        name: "DELETE /sessions/{id}, bearer",
        request: |token| Sent::new("DELETE", "/sessions/1").bearer(token),
        refusal: "401 invalid_token",
    },
    Place {
        name: "POST /logout, bearer",
        request: |token| Sent::post("/logout").bearer(token),
        refusal: "204",
    },
    Place {
        name: "POST /login, name",
        request: |token| {
            Sent::post("/login").json(&json!({ "username": token, "password": testing::PASSWORD }))
        },
        refusal: "401 invalid_grant",
    },
    Place {
        name: "POST /login, password",
        request: |token| Sent::post("/login").json(&json!({ "username": "ada", "password": token })),
        refusal: "401 invalid_grant",
    },
    Place {
        name: "POST /api/refresh, body",
        request: |token| Sent::post("/api/refresh").json(&json!({ "refresh_token": token })),
        refusal: "401 invalid_grant",
    },
    Place {
        name: "POST /api/logout, body",
        request: |token| Sent::post("/api/logout").json(&json!({ "refresh_token": token })),
        refusal: "401 invalid_grant",
    },
    Place {
        name: "POST /api/password, bearer",
        request: |token| {
            let passwords =
                json!({ "current_password": testing::PASSWORD, "new_password": "another password" });
            Sent::post("/api/password").bearer(token).json(&passwords)
        },
        refusal: "401 invalid_token",
    },
    Place {
        name: "POST /api/token, refresh_token",
        request: |token| {
            Sent::post("/api/token").form(&[("grant_type", "refresh_token"), ("refresh_token", token)])
        },
        refusal: "400 invalid_grant",
    },
    Place {
        name: "POST /api/token, client_secret",
        request: |token| {
            Sent::post("/api/token").form(&[("grant_type", "client_credentials"), ("client_secret", token)])
        },
        refusal: "401 invalid_client",
    },
    Place {
        name: "POST /api/token, client secret of Basic",
        request: |token| {
            let credentials = STANDARD.encode(format!("client:{}", escaped(token)));
            Sent::post("/api/token")
                .with("authorization", &format!("Basic {credentials}"))
                .form(&[("grant_type", "client_credentials")])
        },
        refusal: "401 invalid_client",
    },
    Place {
        name: "POST /api/token, password",
        request: |token| {
            Sent::post("/api/token").form(&[
                ("grant_type", "password"),
                ("username", "ada"),
                ("password", token),
            ])
        },
        refusal: "400 invalid_grant",
    },
    Place {
        name: "POST /api/revoke",
        request: |token| Sent::post("/api/revoke").form(&[("token", token)]),
        refusal: "200",
    },
    Place {
        name: "POST /pages/logout, access cookie",
        request: |token| {
            let cookie = format!("__Host-shop_access={token}");
            Sent::post("/pages/logout").with("cookie", &cookie).form(&[("csrf_token", "junk")])
        },
        refusal: "303 /login",
    },
    Place {
        name: "POST /pages/refresh, refresh cookie",
        request: |token| {
            let cookie = format!("__Secure-shop_refresh={token}");
            Sent::post("/pages/refresh").with("cookie", &cookie).form(&[("csrf_token", "junk")])
        },
        refusal: "303 /login",
    },
    Place {
        name: "GET /pages/continue, refresh cookie",
        request: |token| {
            Sent::visit("/pages/continue?next=/there")
                .with("cookie", &format!("__Secure-shop_refresh={token}"))
        },
        refusal: "303 /login?next=/there",
    },
    Place {
        name: "GET /pages/continue, access cookie of a marked page",
        request: |token| {
            let cookies = marked(&format!("__Host-shop_access={token}"));
            Sent::visit("/pages/continue?next=/there").with("cookie", &cookies)
        },
        refusal: "303 /login?next=/there",
    },
];

#[test]
fn every_route_refuses_every_hostile_token_and_no_session_ends() {
    watched(|| {
        let routes = Routes::new("attacked");
        let login = routes.handler.login("ada", testing::PASSWORD).unwrap();
        let attacks = tokens();
        for place in PLACES {
            let mut meter = Meter::new(place.name, LIMIT).copying(place.copies());
            for attack in attacks {
                if !place.can_hold(&attack.token) {
                    meter.cannot_send();
                    continue;
                }
                let sent = (place.request)(&attack.token);
                meter.call(attack, place.expected(attack, &sent), || routes.send(&sent));
            }
            meter.finish(place.unsendable(Headers::All));
        }
        routes.assert_session_is_active(&login.refresh_token);
    });
}
