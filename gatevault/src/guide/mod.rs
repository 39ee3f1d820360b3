//! The guide: one page for each topic, with code to copy.
//!
//! **Start here**
//!
//! - [`quick_start`]: a program with users, logins and guarded functions, from an empty folder; the parts.
//! - [`claims`]: what a token carries, and what must never be in it.
//! - [`policies`]: which callers a function admits.
//!
//! **Users**
//!
//! - [`login`]: users in a database pool, throttling, names that look alike.
//! - [`own_logins`]: sessions for passkeys, social login, magic links and second factors; step-up.
//! - [`accounts`]: registration, links in mails, change and reset of the password, remember me.
//! - [`second_factor`]: codes of an authenticator app, a login in two steps, recovery codes.
//! - [`passkeys`], [`social_login`]: accounts without passwords; logins at OpenID providers.
//! - [`sessions`]: lifetimes, limit, grace, revocation, several kinds of users.
//! - [`purpose_tokens`]: links and tickets: password resets, confirmed addresses, magic links, sockets.
//! - [`api_keys`]: long-lived credentials for scripts, limited to scopes.
//! - [`passwords`]: hashing, settings, bcrypt and argon2id.
//! - [`stores`]: sessions in memory, SQLite, PostgreSQL and Redis; PgBouncer, Sentinel, permissions, backups.
//!
//! **The web**
//!
//! - [`http`]: what all frameworks share: guards, routes, proxies, denials.
//! - [`browsers`]: cookies, CSRF, single-page apps on another host, plain http.
//! - [`pages`]: pages of a server, with forms, templates and htmx.
//! - [`oauth2`]: a token endpoint, revocation and metadata for OAuth2 clients.
//! - One page for each framework: [`axum`], [`actix`], [`poem`], [`rocket`], [`salvo`], [`warp`], [`tonic`], [`tiny_http`].
//! - [`connections`]: WebSockets and server-sent events that end with the session, and tickets for browsers.
//! - [`mcp`]: MCP servers: guards on tools, challenges, metadata, audience.
//! - [`openapi`]: API documents whose scopes come from the guards: utoipa, poem-openapi, aide.
//! - [`in_your_framework`]: GraphQL, JSON-RPC, OpenAPI and other crates that own a function's signature.
//!
//! **Operation**
//!
//! - [`keys`]: key rotation, key pairs, keys in a device or from a URL.
//! - [`other_issuers`]: tokens of Keycloak, Entra ID, Auth0, Cognito and others; settings for each provider.
//! - [`command_line`]: secrets, keys, tokens explained and verified, password hashes, changed guards.
//! - [`scale`]: where state lives, what a call costs, several processes.
//! - [`errors_and_logs`]: errors, your own error types, and every event that the library logs.
//! - [`security`]: guarantees, what stays your task, and a production checklist.
//!
//! **More**
//!
//! - [`testing`]: tests of an application in a browser without a socket, of guarded functions, of expiry.
//! - [`expansion`]: the code that `#[protected]` writes.
//! - [`standards`]: every RFC that is named here: what is supported, what is not, and why.
//! - [`coming_from_python`]: from the Python library `richard-gatevault`.
//! - [`coming_from_jsonwebtoken`]: from the crate `jsonwebtoken`.

// The pages link to items of every feature. Without the features, those links are plain code.
#![cfg_attr(
    not(all(
        feature = "jwks-http",
        feature = "openapi",
        feature = "poem-openapi",
        feature = "sqlite",
        feature = "postgres"
    )),
    allow(rustdoc::broken_intra_doc_links, reason = "an item of a feature that is off")
)]

// A page is always in the documentation. Its examples run where the features that they use are on.

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "tokio")), doc = include_str!("quick_start.md"))]
pub mod quick_start {}

#[cfg_attr(any(not(doctest), feature = "macros"), doc = include_str!("claims.md"))]
pub mod claims {}

#[cfg_attr(any(not(doctest), feature = "macros"), doc = include_str!("policies.md"))]
pub mod policies {}

#[cfg_attr(any(not(doctest), all(feature = "argon2", feature = "tokio")), doc = include_str!("passwords.md"))]
pub mod passwords {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "sqlite")), doc = include_str!("login.md"))]
pub mod login {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "http")), doc = include_str!("own_logins.md"))]
pub mod own_logins {}

#[doc = include_str!("passkeys.md")]
pub mod passkeys {}

#[doc = include_str!("social_login.md")]
pub mod social_login {}

#[cfg_attr(any(not(doctest), all(feature = "axum", feature = "sqlite")), doc = include_str!("accounts.md"))]
pub mod accounts {}

#[cfg_attr(
    any(not(doctest), all(feature = "macros", feature = "axum", feature = "sqlite")),
    doc = include_str!("second_factor.md")
)]
pub mod second_factor {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "tokio")), doc = include_str!("sessions.md"))]
pub mod sessions {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "sqlite")), doc = include_str!("purpose_tokens.md"))]
pub mod purpose_tokens {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "axum")), doc = include_str!("api_keys.md"))]
pub mod api_keys {}

#[cfg_attr(any(not(doctest), feature = "http"), doc = include_str!("http.md"))]
pub mod http {}

#[cfg_attr(any(not(doctest), all(feature = "axum", feature = "macros")), doc = include_str!("oauth2.md"))]
pub mod oauth2 {}

#[cfg_attr(any(not(doctest), feature = "axum"), doc = include_str!("browsers.md"))]
pub mod browsers {}

#[cfg_attr(any(not(doctest), all(feature = "axum", feature = "macros")), doc = include_str!("pages.md"))]
pub mod pages {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "axum")), doc = include_str!("axum.md"))]
pub mod axum {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "actix")), doc = include_str!("actix.md"))]
pub mod actix {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "poem-openapi")), doc = include_str!("poem.md"))]
pub mod poem {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "rocket")), doc = include_str!("rocket.md"))]
pub mod rocket {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "salvo")), doc = include_str!("salvo.md"))]
pub mod salvo {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "warp")), doc = include_str!("warp.md"))]
pub mod warp {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "tonic")), doc = include_str!("tonic.md"))]
pub mod tonic {}

#[cfg_attr(any(not(doctest), all(feature = "macros", feature = "tiny-http")), doc = include_str!("tiny_http.md"))]
pub mod tiny_http {}

#[cfg_attr(
    any(not(doctest), all(feature = "actix", feature = "axum", feature = "macros")),
    doc = include_str!("connections.md")
)]
pub mod connections {}

#[doc = include_str!("mcp.md")]
pub mod mcp {}

#[cfg_attr(
    any(not(doctest), all(feature = "axum", feature = "macros", feature = "openapi", feature = "poem-openapi")),
    doc = include_str!("openapi.md")
)]
pub mod openapi {}

#[doc = include_str!("in_your_framework.md")]
pub mod in_your_framework {}

#[cfg_attr(any(not(doctest), feature = "jwks-http"), doc = include_str!("keys.md"))]
pub mod keys {}

#[cfg_attr(
    any(not(doctest), all(feature = "jsonwebtoken", feature = "jwks-http", feature = "macros")),
    doc = include_str!("other_issuers.md")
)]
pub mod other_issuers {}

#[cfg_attr(any(not(doctest), all(feature = "sqlite", feature = "redis")), doc = include_str!("stores.md"))]
pub mod stores {}

#[cfg_attr(any(not(doctest), feature = "macros"), doc = include_str!("command_line.md"))]
pub mod command_line {}

#[doc = include_str!("scale.md")]
pub mod scale {}

#[cfg_attr(
    any(not(doctest), all(feature = "macros", feature = "testing", feature = "axum")),
    doc = include_str!("testing.md")
)]
pub mod testing {}

#[cfg_attr(any(not(doctest), feature = "macros"), doc = include_str!("errors_and_logs.md"))]
pub mod errors_and_logs {}

#[doc = include_str!("security.md")]
pub mod security {}

#[cfg_attr(any(not(doctest), feature = "macros"), doc = include_str!("expansion.md"))]
pub mod expansion {}

#[doc = include_str!("standards.md")]
pub mod standards {}

#[doc = include_str!("coming_from_python.md")]
pub mod coming_from_python {}

#[cfg_attr(
    any(not(doctest), all(feature = "macros", feature = "jsonwebtoken")),
    doc = include_str!("coming_from_jsonwebtoken.md")
)]
pub mod coming_from_jsonwebtoken {}

/// The programs of the README, compiled.
#[cfg(all(doctest, feature = "axum", feature = "macros"))]
#[doc = include_str!("../../README.md")]
struct Readme;
