//! The calls: what a client does, and what must come of it.

use serde_json::{Value, json};

use super::column::{Column, Tokens, ada, of, with};
use super::outcome::Outcome;
use super::server::PASSWORD;

/// A row of the matrix.
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) run: fn(&mut Column) -> Value,
}

const NOTES: Outcome = Outcome::Done("notes of user 1");
const EMPTY: Outcome = Outcome::Done("");
const TOKEN: Outcome = Outcome::Token(None);
const NARROW: Outcome = Outcome::Token(Some(READ));
const READ: &str = "notes:read";
const BASIC: &str = "client_secret_basic";
const POST: &str = "client_secret_post";

const fn refused(status: u16, code: &'static str) -> Outcome {
    Outcome::Refused { status, code }
}

const INVALID_GRANT: Outcome = refused(400, "invalid_grant");
const INVALID_SCOPE: Outcome = refused(400, "invalid_scope");
const INVALID_CLIENT: Outcome = refused(401, "invalid_client");
const INVALID_TOKEN: Outcome = refused(401, "invalid_token");
const TOO_NARROW: Outcome = refused(403, "insufficient_scope");
const DOWN: Outcome = refused(503, "temporarily_unavailable");

const fn call(name: &'static str, outcome: Outcome, run: fn(&mut Column) -> Value) -> Call {
    Call { name, outcome, run }
}

/// The calls that succeed, in the order of the table.
pub(crate) const ACCEPTED: &[Call] = &[
    call("discovery by RFC 8414, of an issuer with a path", Outcome::Metadata, |c| {
        c.ask("discover", json!({}))
    }),
    call(METADATA_VALIDATED, Outcome::Metadata, |c| c.ask("validate_metadata", json!({}))),
    call("password grant", TOKEN, |c| c.grant("password", &ada())),
    call("password grant, for a scope", NARROW, |c| c.grant_within("password", &ada(), READ)),
    call("password grant of the client `100% \u{fc}`", TOKEN, |c| {
        c.ask("token", json!({"grant": "password", "parameters": ada(), "client_id": "100% \u{fc}"}))
    }),
    call("access token, verified by the published keys", Outcome::Verified, |c| {
        let token = c.log_in().access;
        c.ask("verify", json!({"token": token}))
    }),
    call("refresh", TOKEN, |c| {
        let tokens = c.log_in();
        c.refresh(&tokens.refresh)
    }),
    call("refresh, for a scope", NARROW, refresh_for_a_scope),
    call("refresh, after one for a scope", TOKEN, |c| {
        let token = Tokens::of(&refresh_for_a_scope(c)).refresh;
        c.refresh(&token)
    }),
    call("refresh, twice with one token within the grace", TOKEN, |c| {
        let token = c.log_in().refresh;
        c.refresh(&token);
        c.refresh(&token)
    }),
    call("client credentials by Basic, with an API key", TOKEN, |c| {
        let key = c.server.new_key(&[]);
        c.exchange(&key, BASIC)
    }),
    call("client credentials by Basic of the client `100% \u{fc}`", TOKEN, |c| {
        let key = c.server.new_key(&[]);
        let request = json!({"grant": "client_credentials", "parameters": {}, "secret": key});
        c.ask("token", with(with(request, "authentication", BASIC), "client_id", "100% \u{fc}"))
    }),
    call("client credentials in the body, with an API key", TOKEN, |c| {
        let key = c.server.new_key(&[]);
        c.exchange(&key, POST)
    }),
    call("client credentials, for a scope", NARROW, |c| {
        let key = c.server.new_key(&[]);
        c.exchange_within(&key, READ)
    }),
    call("guarded route", NOTES, |c| {
        let tokens = c.log_in();
        c.call("/notes", &tokens.access)
    }),
    call("guarded route, with a token for its scope", NOTES, |c| {
        let token = narrow(c).access;
        c.call("/notes", &token)
    }),
    call("guarded route, with all scopes after a refresh for one", Outcome::Done("drafts of user 1"), |c| {
        let tokens = Tokens::of(&refresh_for_a_scope(c));
        let token = c.refreshed(&tokens).access;
        c.call("/drafts", &token)
    }),
    call("guarded route, with a token of an API key", NOTES, |c| {
        let key = c.server.new_key(&[]);
        let token = access_token(&c.exchange(&key, BASIC));
        c.call("/notes", &token)
    }),
    call("guarded route, refreshed by the client", NOTES, |c| {
        let tokens = c.log_in();
        c.call_with_expired(&tokens)
    }),
    call("guarded route, with another token of the API key by the client", NOTES, |c| {
        let key = c.server.new_key(&[]);
        let token = access_token(&c.exchange(&key, BASIC));
        let request = json!({"path": "/notes", "token": token, "secret": key, "authentication": BASIC});
        c.ask("call_with_expired_of_key", request)
    }),
    call("revocation of a refresh token", EMPTY, |c| {
        let token = c.log_in().refresh;
        c.revoke(&token, "refresh_token")
    }),
    call("revocation of an access token", EMPTY, |c| {
        let token = c.log_in().access;
        c.revoke(&token, "access_token")
    }),
    call("revocation of an API key", EMPTY, |c| {
        let key = c.server.new_key(&[]);
        c.revoke(&key, "access_token")
    }),
    call("revocation of an unknown token", EMPTY, |c| c.revoke("unknown", "refresh_token")),
    call("refresh, after the store was down", TOKEN, |c| {
        let token = c.log_in().refresh;
        c.while_down(|c| c.refresh(&token));
        c.refresh(&token)
    }),
];

/// The calls that fail at the token endpoint and at the revocation endpoint.
pub(crate) const REFUSED: &[Call] = &[
    call("wrong password", INVALID_GRANT, |c| c.grant("password", &of("ada", "wrong"))),
    call("unknown user", INVALID_GRANT, |c| c.grant("password", &of("eve", "wrong"))),
    call("right password, after three wrong ones", refused(429, "temporarily_unavailable"), throttled),
    call("no password", refused(400, "invalid_request"), |c| c.grant("password", &of("ada", ""))),
    call("request of 100 kB", refused(413, "invalid_request"), |c| {
        c.grant("password", &of("ada", &"a".repeat(100_000)))
    }),
    call("unsupported grant type", refused(400, "unsupported_grant_type"), |c| {
        c.grant("authorization_code", &json!({"code": "a"}))
    }),
    call("password grant, for a scope that the user lacks", INVALID_SCOPE, |c| {
        c.grant_within("password", &ada(), "notes:read admin")
    }),
    call("password grant, for a malformed scope", INVALID_SCOPE, |c| {
        c.grant_within("password", &ada(), "notes\"read")
    }),
    call("password grant with a client secret by Basic", INVALID_CLIENT, |c| with_secret(c, BASIC)),
    call("password grant with a client secret in the body", INVALID_CLIENT, |c| with_secret(c, POST)),
    call(
        "wrong password at `/login`, as if it were the token endpoint",
        refused(401, "invalid_grant"),
        |c| c.log_in_at("/auth/login", &of("ada", "wrong")),
    ),
    call("password grant at a path without a route", Outcome::NoRoute, |c| {
        c.log_in_at("/oauth/token", &ada())
    }),
    call("refresh, for a scope that the session lacks", INVALID_SCOPE, |c| {
        let token = narrow(c).refresh;
        c.grant_within("refresh_token", &json!({"refresh_token": token}), "notes:write")
    }),
    call("refresh with a malformed token", INVALID_GRANT, |c| c.refresh("malformed")),
    call("refresh with an access token", INVALID_GRANT, |c| {
        let token = c.log_in().access;
        c.refresh(&token)
    }),
    call("refresh with a used token", INVALID_GRANT, |c| {
        let (used, _) = two_refreshes(c);
        c.refresh(&used)
    }),
    call("refresh with the last token, after that", INVALID_GRANT, |c| {
        let (used, last) = two_refreshes(c);
        c.refresh(&used);
        c.refresh(&last)
    }),
    call("refresh after the revocation", INVALID_GRANT, |c| {
        let token = c.log_in().refresh;
        c.revoke(&token, "refresh_token");
        c.refresh(&token)
    }),
    call("refresh after the revocation with the wrong hint", INVALID_GRANT, |c| {
        let token = c.log_in().refresh;
        c.revoke(&token, "access_token");
        c.refresh(&token)
    }),
    call("refresh by the client, after the revocation", INVALID_GRANT, |c| {
        let tokens = c.log_in();
        c.revoke(&tokens.refresh, "refresh_token");
        c.call_with_expired(&tokens)
    }),
    call("wrong API key by Basic", INVALID_CLIENT, |c| {
        let key = c.server.new_key(&[]) + "0";
        c.exchange(&key, BASIC)
    }),
    call("wrong API key in the body", INVALID_CLIENT, |c| {
        let key = c.server.new_key(&[]) + "0";
        c.exchange(&key, POST)
    }),
    call("revoked API key", INVALID_CLIENT, |c| {
        let key = c.server.new_key(&[]);
        c.revoke(&key, "access_token");
        c.exchange(&key, POST)
    }),
    call("client credentials, for a scope that the key lacks", INVALID_SCOPE, |c| {
        let key = c.server.new_key(&[READ]);
        c.exchange_within(&key, "notes:write")
    }),
    call("password grant, store down", DOWN, |c| c.while_down(|c| c.grant("password", &ada()))),
    call("refresh, store down", DOWN, |c| {
        let token = c.log_in().refresh;
        c.while_down(|c| c.refresh(&token))
    }),
    call("client credentials, store down", DOWN, |c| {
        let key = c.server.new_key(&[]);
        c.while_down(|c| c.exchange(&key, BASIC))
    }),
    call("revocation, store down", DOWN, |c| {
        let token = c.log_in().refresh;
        c.while_down(|c| c.revoke(&token, "refresh_token"))
    }),
];

/// The calls that fail at a guarded route.
pub(crate) const DENIED: &[Call] = &[
    call("guarded route, with a malformed token", INVALID_TOKEN, |c| c.call("/notes", "malformed")),
    call("guarded route, with a refresh token", INVALID_TOKEN, |c| {
        let token = c.log_in().refresh;
        c.call("/notes", &token)
    }),
    call("guarded route, with a revoked token", INVALID_TOKEN, |c| {
        let token = c.log_in().access;
        c.revoke(&token, "access_token");
        c.call("/notes", &token)
    }),
    call("guarded route, with a token of a revoked session", INVALID_TOKEN, |c| {
        let tokens = c.log_in();
        c.revoke(&tokens.refresh, "refresh_token");
        c.call("/notes", &tokens.access)
    }),
    call("guarded route, with an expired token", INVALID_TOKEN, |c| {
        let token = c.log_in().access;
        c.server.expire_access_tokens();
        c.call("/notes", &token)
    }),
    call("guarded route, with a token for another scope", TOO_NARROW, |c| {
        let token = narrow(c).access;
        c.call("/drafts", &token)
    }),
    call("guarded route, with a token of a session for another scope", TOO_NARROW, |c| {
        let tokens = narrow(c);
        let token = c.refreshed(&tokens).access;
        c.call("/drafts", &token)
    }),
    call("guarded route, with a token of an API key for another scope", TOO_NARROW, |c| {
        let key = c.server.new_key(&[READ]);
        let token = access_token(&c.exchange(&key, POST));
        c.call("/drafts", &token)
    }),
];

/// A call whose response one client refuses.
pub(crate) const METADATA_VALIDATED: &str = "validation of the metadata";

/// Refreshes a session for `notes:read`.
fn refresh_for_a_scope(column: &mut Column) -> Value {
    let token = column.log_in().refresh;
    column.grant_within("refresh_token", &json!({"refresh_token": token}), READ)
}

/// Logs `ada` in for `notes:read`.
fn narrow(column: &mut Column) -> Tokens {
    Tokens::of(&column.grant_within("password", &ada(), READ))
}

fn access_token(response: &Value) -> String {
    response["token"]["access_token"].as_str().unwrap_or_else(|| panic!("{response}")).to_owned()
}

/// Logs in as `bob`, after as many wrong passwords as are free.
fn throttled(column: &mut Column) -> Value {
    for _ in 0..3 {
        column.grant("password", &of("bob", "wrong"));
    }
    column.grant("password", &of("bob", PASSWORD))
}

/// Logs in as a client with a secret, though the server registers no clients.
fn with_secret(column: &mut Column, authentication: &str) -> Value {
    let request = json!({"grant": "password", "parameters": ada(), "secret": "of a client"});
    column.ask("token", with(request, "authentication", authentication))
}

/// Refreshes a session twice. Returns its first refresh token, which is used up for good, and its last.
fn two_refreshes(column: &mut Column) -> (String, String) {
    let first = column.log_in();
    let second = column.refreshed(&first);
    let third = column.refreshed(&second);
    (first.refresh, third.refresh)
}
