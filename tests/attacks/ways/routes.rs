//! `AuthRoutes`: every route that reads a token, in each place of the request where it reads one.

use std::sync::Arc;

use axum::http::{HeaderValue, Request};
use gatevault::testing::{self, TestUser, Users};
use gatevault::web::{HttpRequest, TokenEndpoint};
use gatevault::{AuthRoutes, MemorySessions, OAuthHandler, Payload};
use gatevault_attack_tests::{Attack, ISSUER, tokens};
use gatevault_tests::Outline;
use serde_json::json;

use crate::target::separate;
use crate::watch::{Meter, watched};

/// The routes for browsers and for other clients, over one handler.
pub(crate) struct Routes {
    pub(crate) browsers: AuthRoutes<Users>,
    pub(crate) others: AuthRoutes<Users>,
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
        Self { browsers: routes(), others: others.with_token_endpoint(endpoint).unwrap(), handler }
    }

    /// Sends a request, and returns the status and the error code.
    pub(crate) fn send(&self, sent: &Sent) -> String {
        let routes = if sent.path.starts_with("/api") { &self.others } else { &self.browsers };
        let headers = sent.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let request = HttpRequest::new(sent.method, sent.path).with_headers(headers);
        let response = routes.respond(&request, Some(sent.body.as_bytes()));
        outcome(response.status, response.body.as_bytes())
    }
}

/// Returns the status and the error code of a response.
pub(crate) fn outcome(status: u16, body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    format!("{status} {}", body["error"].as_str().unwrap_or_default()).trim().to_owned()
}

/// A request.
pub(crate) struct Sent {
    method: &'static str,
    pub(crate) path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Sent {
    fn new(method: &'static str, path: &'static str) -> Self {
        Self { method, path, headers: Vec::new(), body: String::new() }.with("host", "localhost")
    }

    /// Creates a request as a page of the site sends it.
    fn post(path: &'static str) -> Self {
        Self::new("POST", path).with("sec-fetch-site", "same-origin")
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    fn json(self, body: &serde_json::Value) -> Self {
        Self { body: body.to_string(), ..self.with("content-type", "application/json") }
    }

    fn form(self, fields: &[(&str, &str)]) -> Self {
        let escaped =
            |text: &str| text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"));
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        Self { body: fields.join("&"), ..self.with("content-type", "application/x-www-form-urlencoded") }
    }

    /// Creates a request with the cookie of a refresh token, and a CSRF token beside it.
    pub(crate) fn with_cookie(path: &'static str, token: &str, csrf: &str) -> Self {
        Self::post(path).with("cookie", &format!("__Host-refresh_token={token}")).with("x-csrf-token", csrf)
    }

    /// Returns the request in the type of the crate `http`, or `None` if HTTP cannot carry it.
    pub(crate) fn to_http(&self) -> Option<Request<Vec<u8>>> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        request.body(self.body.clone().into()).ok()
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
    /// the request.
    fn expected(&self, attack: &Attack) -> &'static str {
        let is_early = [Outline::not_yet("nbf"), Outline::not_yet("iat")].contains(&attack.refusal);
        if is_early && self.name == "POST /api/revoke" { "503 temporarily_unavailable" } else { self.refusal }
    }
}

pub(crate) const WAYS: usize = PLACES.len();

pub(crate) const PLACES: [Place; 14] = [
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
];

#[test]
fn every_route_refuses_every_hostile_token_and_no_session_ends() {
    watched(|| {
        let routes = Routes::new("attacked");
        let login = routes.handler.login("ada", testing::PASSWORD).unwrap();
        let attacks = tokens();
        for place in PLACES {
            let mut meter = Meter::new(place.name, 256 * 1024);
            for attack in attacks {
                let sent = (place.request)(&attack.token);
                meter.call(&attack.name, place.expected(attack), || routes.send(&sent));
            }
            meter.finish();
        }
        let refreshed = routes.handler.refresh(&login.refresh_token).unwrap();
        assert!(routes.handler.tokens().decode_access_token::<Payload>(&refreshed.access_token).is_ok());
        assert_eq!(routes.handler.sessions(1).unwrap().len(), 1);
    });
}
