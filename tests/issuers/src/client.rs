//! Clients of a provider: a service with its own tokens, and a user agent in which a user signs in and out.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::provider::{Provider, string};

/// The secret of all clients, as in `provider.mjs`.
pub const SECRET: &str = "a secret of at least sixty-four bytes, which the longest HMAC asks for";

/// Where a user returns to after the login. Nothing listens there.
const REDIRECT_URI: &str = "http://127.0.0.1/signed-in";

/// Returns the resource indicator of an API whose access tokens are signed with this algorithm.
#[must_use]
pub fn resource(algorithm: &str) -> String {
    format!("https://billing.example/?alg={algorithm}")
}

/// Returns an access token of the client `service`, without a user, for an API.
#[must_use]
pub fn service_token(provider: &Provider, resource: &str) -> String {
    service_token_with(provider, "service", resource, &[])
}

/// Returns an access token of a client without a user. The request has further headers.
#[must_use]
pub fn service_token_with(
    provider: &Provider,
    client: &str,
    resource: &str,
    headers: &[(&str, &str)],
) -> String {
    let form = [("grant_type", "client_credentials"), ("resource", resource), ("scope", "read")];
    string(&ask_for_tokens(provider, client, &form, headers)["access_token"])
}

/// The tokens of a login.
#[derive(Debug)]
pub struct Tokens {
    /// The access token for the API.
    pub access: String,
    /// The ID token for the client.
    pub id: String,
    /// The refresh token, which is opaque.
    pub refresh: String,
}

/// A user agent with one session at a provider: it follows redirects and keeps cookies.
#[derive(Debug)]
pub struct UserAgent<'a> {
    provider: &'a Provider,
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

impl<'a> UserAgent<'a> {
    /// Creates a user agent without a session.
    #[must_use]
    pub fn new(provider: &'a Provider) -> Self {
        Self { provider, agent: agent(), cookies: BTreeMap::new() }
    }

    /// Signs the user in at a client, and returns the tokens for an API (RFC 6749 section 4.1).
    pub fn sign_in(&mut self, client: &str, resource: &str) -> Tokens {
        self.exchange(client, resource, &[("resource", resource)])
    }

    /// Exchanges the code of a login for tokens.
    fn exchange(&mut self, client: &str, resource: &str, more: &[(&str, &str)]) -> Tokens {
        let code = self.authorize(client, resource, "query", "code");
        let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT_URI)];
        let tokens = ask_for_tokens(self.provider, client, &[&form, more].concat(), &[]);
        Tokens {
            access: string(&tokens["access_token"]),
            id: string(&tokens["id_token"]),
            refresh: string(&tokens["refresh_token"]),
        }
    }

    /// Signs the user in at a client, and returns the messages that the provider signs for it beside tokens, each with its
    /// name: an authorization response (JARM), `UserInfo`, and a response of the introspection (RFC 9701).
    pub fn signed_messages(&mut self, client: &str, resource: &str) -> [(&'static str, String); 3] {
        let authorization = self.authorize(client, resource, "query.jwt", "response");
        let access = self.exchange(client, resource, &[]).access;
        let bearer = format!("Bearer {access}");
        let user = self.agent.get(self.provider.url("/me")).header("authorization", &bearer).call();
        let introspection = self.agent.post(self.provider.url("/token/introspection"));
        let introspection = introspection
            .header("accept", "application/token-introspection+jwt")
            .send_form([("client_id", client), ("client_secret", SECRET), ("token", &access)]);
        let body = |response: Result<Response<Body>, ureq::Error>| {
            let mut response = response.expect("the provider responds");
            assert_eq!(response.status(), 200);
            response.body_mut().read_to_string().unwrap()
        };
        [
            ("authorization response", authorization),
            ("UserInfo", body(user)),
            ("introspection", body(introspection)),
        ]
    }

    /// Ends the session. The provider sends a logout token to each client of the session that asks for one.
    pub fn sign_out(&mut self, id_token: &str) {
        let request = self.agent.get(self.provider.url("/session/end")).query("id_token_hint", id_token);
        let mut page = self.keep_cookies(request.header("cookie", self.cookies()).call());
        let page = page.body_mut().read_to_string().unwrap();
        let (_, rest) = page.split_once(r#"name="xsrf" value=""#).expect("the page has a form");
        let (xsrf, _) = rest.split_once('"').unwrap();
        let request = self.agent.post(self.provider.url("/session/end/confirm"));
        let request = request.header("cookie", self.cookies());
        let response = self.keep_cookies(request.send_form([("xsrf", xsrf), ("logout", "yes")]));
        assert_eq!(response.status(), 303);
    }

    /// Follows redirects from the authorization endpoint to the client, and returns a parameter of the last one.
    fn authorize(&mut self, client: &str, resource: &str, mode: &str, parameter: &str) -> String {
        let request = self.agent.get(self.provider.url("/auth"));
        let request = request.query("client_id", client).query("redirect_uri", REDIRECT_URI);
        let request = request.query("response_type", "code").query("prompt", "consent");
        let request = request.query("scope", "openid offline_access read").query("resource", resource);
        let request = request.query("nonce", "of-the-login").query("response_mode", mode);
        let request = request.header("cookie", self.cookies());
        let mut response = self.keep_cookies(request.call());
        for _ in 0..MOST_REDIRECTS {
            let location = response.headers().get("location").expect("a redirect");
            let location = location.to_str().unwrap();
            if let Some(parameters) = location.strip_prefix(REDIRECT_URI) {
                let mut pairs =
                    parameters.trim_start_matches('?').split('&').filter_map(|it| it.split_once('='));
                let found = pairs.find(|(name, _)| *name == parameter);
                return found.unwrap_or_else(|| panic!("no {parameter}: {location}")).1.to_owned();
            }
            let host = self.provider.issuer().splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
            let url =
                if location.starts_with('/') { format!("{host}{location}") } else { location.to_owned() };
            response = self.keep_cookies(self.agent.get(url).header("cookie", self.cookies()).call());
        }
        panic!("more than {MOST_REDIRECTS} redirects");
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        cookies.collect::<Vec<_>>().join("; ")
    }

    /// Stores the cookies of a response. Paths are ignored: the provider's cookies have distinct names.
    fn keep_cookies(&mut self, response: Result<Response<Body>, ureq::Error>) -> Response<Body> {
        let response = response.expect("the provider responds");
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// Sends a request to the token endpoint and returns the response.
fn ask_for_tokens(
    provider: &Provider,
    client: &str,
    form: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Value {
    let mut request = agent().post(provider.url("/token"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = [("client_id", client), ("client_secret", SECRET)];
    let response = request.send_form(form.iter().copied().chain(client));
    let text = response.expect("the provider responds").body_mut().read_to_string().unwrap();
    let tokens: Value = serde_json::from_str(&text).unwrap();
    assert!(tokens["error"].is_null(), "{form:?}: {text}");
    tokens
}

/// Returns a client that leaves redirects and statuses to the test.
pub(crate) fn agent() -> Agent {
    Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into()
}

/// Returns a segment of a token, decoded: 0 is the header, 1 the claims.
#[must_use]
pub fn segment(token: &str, index: usize) -> Value {
    let segment = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

const MOST_REDIRECTS: usize = 10;
