//! Invalid settings.

use std::time::Duration;

use super::InvalidReason;

/// A setting is invalid. The message names the setting and says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No key was given to sign or verify with.
    #[error(
        "`secret` is missing: call `secret(..)`, `key(..)`, `key_ring(..)` or `accept(..)` on the builder"
    )]
    MissingKey,
    /// More than one of `secret`, `key` and `key_ring` was given, so the signing key is ambiguous.
    #[error("more than one of `secret`, `key` and `key_ring` was given: keep one of them")]
    TwoKeys,
    /// The secret has no bytes.
    #[error("`secret` is empty: use at least {recommended} random bytes, as `generate_secret()` returns")]
    EmptyKey {
        /// Bytes that the algorithm requires (RFC 7518 section 3.2).
        recommended: usize,
    },
    /// The secret is an encoded key of another kind of algorithm. If it is a public key, it is not secret at all.
    #[error(
        "`secret` contains a key in PEM, SSH, JWK or DER form (perhaps in base64, hexadecimal or another encoding), \
         but HMAC needs random bytes: use `generate_secret()`"
    )]
    KeyAsSecret,
    /// A constructor of a key pair, a public key or a key set was given something else.
    #[error("`{given_to}` was given {found}: give {instead}")]
    InvalidKey {
        /// The constructor.
        given_to: &'static str,
        /// A description of the input.
        found: String,
        /// The expected input.
        instead: &'static str,
    },
    /// An algorithm that only one of `gatevault::Algorithm` and `jsonwebtoken::Algorithm` has (feature `jsonwebtoken`).
    #[error(
        "`{found}` has no counterpart: use an algorithm that `gatevault::Algorithm` and `jsonwebtoken::Algorithm` both have"
    )]
    UnknownAlgorithm {
        /// The algorithm that was given.
        found: String,
    },
    /// The secret is shorter than its algorithm requires, and `deny_short_key` is set, as `Auth::new` does.
    #[error(
        "`secret` has {bytes} bytes and needs at least {recommended} (RFC 7518 section 3.2): \
         use `generate_secret()` (`Auth::new` and `deny_short_key()` refuse a shorter one)"
    )]
    ShortKey {
        /// Bytes of the secret.
        bytes: usize,
        /// Bytes that the algorithm requires.
        recommended: usize,
    },
    /// A duration is out of range.
    #[error("`{setting}` is {given:?} and must be between {least:?} and {most:?}")]
    DurationOutOfBounds {
        /// The builder method.
        setting: &'static str,
        /// The duration that was given.
        given: Duration,
        /// The smallest duration that works.
        least: Duration,
        /// The largest duration that works.
        most: Duration,
    },
    /// A number is out of range.
    #[error("`{setting}` is {given} and must be between {least} and {most}")]
    NumberOutOfBounds {
        /// The builder method.
        setting: &'static str,
        /// The number that was given.
        given: u64,
        /// The smallest number that works.
        least: u64,
        /// The largest number that works.
        most: u64,
    },
    /// A string setting is empty.
    #[error("`{setting}` is empty: give it a value or remove the call")]
    EmptyText {
        /// The builder method.
        setting: &'static str,
    },
    /// A string setting has a value that does not work, such as a URL that clients cannot use.
    #[error("`{setting}` was given {found:?}: write {instead}")]
    InvalidText {
        /// The method that was called.
        setting: &'static str,
        /// The string that was given. In a URL, user information is left out.
        found: String,
        /// The expected form.
        instead: &'static str,
    },
    /// The subject claim has the name of a claim that the token manager writes itself.
    #[error(
        "`subject_claim` is `{name}`, which the token manager writes itself: use `user_id`, `sub` or another name"
    )]
    ReservedSubject {
        /// The name that was given.
        name: String,
    },
    /// A revocation was given an empty id, which identifies nothing.
    #[error(
        "`{method}` was given an empty id: a token without `jti` cannot be revoked alone; use `revoke_session` or `revoke_user`"
    )]
    EmptyId {
        /// The method that was called.
        method: &'static str,
    },
    /// A revocation names an issuer whose tokens are not accepted.
    #[error(
        "no accepted issuer has the name {name:?}: give the name in `Verified::foreign_issuer`, or `None` for our own tokens"
    )]
    UnknownIssuer {
        /// The name that was given.
        name: String,
    },
    /// Two handlers without a pool have one manager, so that each would accept the refresh tokens of the other.
    #[error(
        "another `OAuthHandler` of this `TokenManager` has no user pool either, and each would take the refresh tokens of \
         the other: call `user_pool(..)` with a name of its own for each, or create one handler and share it in an `Arc`"
    )]
    SharedManager,
    /// The name of a multi-tenant issuer does not have exactly one placeholder.
    #[error(
        "`Issuer::multi_tenant` was given {name:?}: write the claim of the tenant in braces, once, such as `https://id.example/{{tid}}/`"
    )]
    NoPlaceholder {
        /// The name that was given.
        name: String,
    },
    /// Two keys of a key ring have the same id, so a token's `kid` would be ambiguous.
    #[error("the key ring already has a key with the id `{id}`: give each key its own id with `with_id(..)`")]
    RepeatedKey {
        /// The shared id; empty for two keys of the same algorithm without an id.
        id: String,
    },
    /// No key of the key ring has this id.
    #[error("the key ring has no key with the id `{id}`: `add(..)` it first")]
    UnknownKey {
        /// The id that was given.
        id: String,
    },
    /// The key ring has only the verifying half of this key.
    #[error("the key `{id}` can only verify: `add(..)` it as a `SigningKey`")]
    CannotSign {
        /// The id of the key.
        id: String,
    },
    /// The signing key cannot be removed or retired.
    #[error("the key `{id}` is the signing key: `promote(..)` another one first")]
    KeyInUse {
        /// The id of the key.
        id: String,
    },
    /// A time is before 1970 or after the year 9999.
    #[error("`{setting}` was given a time outside the years 1970 to 9999")]
    TimeOutOfBounds {
        /// The method that was called.
        setting: &'static str,
    },
    /// A cookie cannot have this name or path.
    #[error("a cookie cannot have this {part}: use {instead}")]
    InvalidCookie {
        /// `name` or `path`.
        part: &'static str,
        /// The allowed values.
        instead: &'static str,
    },
    /// A setting of pages needs a path of this host.
    #[error(
        "`{setting}` was given {found:?}: write a path of this host that begins with one `/`, without a query and without a \
         fragment, which is none of the login routes, such as `/login`"
    )]
    InvalidPath {
        /// The method that was called.
        setting: &'static str,
        /// The string that was given.
        found: String,
    },
    /// A setting of login routes contradicts `AuthRoutes::for_pages`.
    #[error("`{setting}` was called on routes for pages: {instead}")]
    NotForPages {
        /// The method that was called.
        setting: &'static str,
        /// The remedy.
        instead: &'static str,
    },
    /// `AuthRoutes::allowed_origins` was given something other than the origin of a site's pages.
    #[error(
        "`allowed_origins` was given {found:?}: write a scheme, a host and a port if it is not the default one, without a \
         path, such as `https://app.example`; `null` and `*` would be any site, and other letters than ASCII are written \
         as `xn--..`"
    )]
    InvalidOrigin {
        /// The string that was given.
        found: String,
    },
    /// The token endpoint and the tokens of its handler have different issuers.
    #[error(
        "`TokenEndpoint::new` was given {found:?}, and the `issuer` of the tokens is {tokens:?}: give both the same string"
    )]
    IssuerMismatch {
        /// The issuer of the endpoint.
        found: String,
        /// The issuer of the tokens.
        tokens: String,
    },
    /// A route guard was given an empty list of scopes, which would accept every token.
    #[error("`scopes` was given no scope: give it at least one, or remove the call")]
    NoScope,
    /// A route guard, an API key or the metadata of a resource was given a malformed scope (RFC 6749 section 3.3).
    #[error(
        "{found:?} is not a scope: a scope is one word of ASCII characters without quotes and backslashes, and \
         several scopes are several strings"
    )]
    InvalidScope {
        /// The scope that was given.
        found: String,
    },
    /// Keys must not be fetched from this URL.
    #[error("keys cannot be fetched from the URL in `{setting}`: {reason}")]
    Url {
        /// The method that was called, or the member of a fetched document that contains the URL.
        setting: &'static str,
        /// The problem with the URL.
        reason: &'static str,
    },
    /// A header for key fetches cannot be sent.
    #[error("`{setting}` was given a header that cannot be sent: {reason}")]
    InvalidHeader {
        /// The method that was called.
        setting: &'static str,
        /// The problem with the header.
        reason: &'static str,
    },
    /// `trust_only` was given something other than certificates in PEM form.
    #[error("`trust_only` expects certificates in PEM form, which begin with `-----BEGIN CERTIFICATE-----`")]
    NotCertificates,
    /// The operating system could not start a thread for background work.
    #[error("could not spawn a background thread")]
    NoThread,
    /// A store that needs a tokio runtime was created outside one.
    #[error("no tokio runtime is running: create the store inside one, or use its `blocking` constructor")]
    NoRuntime,
    /// The server, database or file of a store cannot be reached or used.
    #[error("`{store}` cannot be opened: {reason}")]
    Store {
        /// The store.
        store: &'static str,
        /// The message of the store's database client.
        reason: String,
    },
    /// The system's random source failed, so no secret could be created.
    #[error("the system's random source failed")]
    Randomness,
    /// The prefix of API keys is not a word of lower-case letters and digits.
    #[error("`api_key_prefix` was given {found:?}: write 1 to 20 lower-case letters and digits")]
    InvalidKeyPrefix {
        /// The prefix that was given.
        found: String,
    },
    /// A login handler cannot create tokens for a user who logged in.
    #[error("tokens cannot be created: invalid claims from `claims(..)`, or no signing key: {reason}")]
    NoTokens {
        /// The problem with the claims or the keys.
        reason: InvalidReason,
    },
    /// A gate is already installed. The first one stays.
    #[error("a gate is already installed in this process: call `install()` once, at startup")]
    AlreadyInstalled,
    /// An event sink is already installed. The first one stays.
    #[error(
        "an event sink is already installed in this process: install one, which passes events on to the others"
    )]
    SinkInstalled,
    /// Two settings exclude each other.
    #[error("`{first}` and `{second}` were both called: keep one of them")]
    Conflict {
        /// The method that was called first.
        first: &'static str,
        /// The method that was called after it.
        second: &'static str,
    },
    /// An operation needs a setting that is missing.
    #[error("`{setting}` is missing: {needed_for}")]
    Missing {
        /// The method that sets it.
        setting: &'static str,
        /// The reason it is needed.
        needed_for: &'static str,
    },
}
