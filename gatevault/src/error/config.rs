//! Settings that cannot work, and settings that work but should not be used.

use std::time::Duration;

use super::InvalidReason;

/// A setting that cannot work; the message names the setting and says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nothing was given to sign or verify with.
    #[error(
        "`secret` is missing: give the builder `.secret(..)`, `.key(..)` or `.key_ring(..)`, or have it `.accept(..)` an issuer"
    )]
    MissingKey,
    /// More than one of `secret`, `key` and `key_ring` was given, and which of them signs would be a guess.
    #[error("of `secret`, `key` and `key_ring` more than one was given: keep one of them")]
    TwoKeys,
    /// The secret has no bytes.
    #[error(
        "`secret` is empty: use at least {recommended} random bytes, such as `generate_secret()` returns"
    )]
    EmptyKey {
        /// Bytes that the algorithm asks for (RFC 7518 section 3.2).
        recommended: usize,
    },
    /// The secret is the text of a key for another kind of algorithm; its public half is no secret at all.
    #[error(
        "`secret` is a key in PEM, SSH, JWK or DER form, and HMAC needs random bytes: use `generate_secret()`"
    )]
    KeyAsSecret,
    /// What was given to a constructor of a key pair, a public key or a set of them is not what it takes.
    #[error("`{given_to}` was given {found}: give {instead}")]
    InvalidKey {
        /// The constructor.
        given_to: &'static str,
        /// What it was given.
        found: String,
        /// What it takes.
        instead: &'static str,
    },
    /// An algorithm that another crate's type and ours do not have both (feature `jsonwebtoken`).
    #[error(
        "`{found}` has no counterpart: use an algorithm that `gatevault::Algorithm` and `jsonwebtoken::Algorithm` both have"
    )]
    UnknownAlgorithm {
        /// The algorithm that was given.
        found: String,
    },
    /// The secret is shorter than its algorithm asks for, and `deny_short_key` was set.
    #[error(
        "`secret` has {bytes} bytes and needs at least {recommended} (RFC 7518 section 3.2): \
         use `generate_secret()`, or leave `deny_short_key()` out"
    )]
    ShortKey {
        /// Bytes that were given.
        bytes: usize,
        /// Bytes that the algorithm asks for.
        recommended: usize,
    },
    /// A duration is outside the bounds of its setting.
    #[error("`{setting}` is {given:?} and must be between {least:?} and {most:?}")]
    DurationOutOfBounds {
        /// The builder method.
        setting: &'static str,
        /// What it was given.
        given: Duration,
        /// The smallest duration that works.
        least: Duration,
        /// The largest duration that works.
        most: Duration,
    },
    /// A number is outside the bounds of its setting.
    #[error("`{setting}` is {given} and must be between {least} and {most}")]
    NumberOutOfBounds {
        /// The builder method.
        setting: &'static str,
        /// What it was given.
        given: u64,
        /// The smallest number that works.
        least: u64,
        /// The largest number that works.
        most: u64,
    },
    /// A text setting is empty.
    #[error("`{setting}` is empty: give it a value or leave it out")]
    EmptyText {
        /// The builder method.
        setting: &'static str,
    },
    /// The subject claim was given the name of a claim that the manager writes itself.
    #[error(
        "`subject_claim` is `{name}`, which the token manager writes itself: use `user_id`, `sub` or a name of your own"
    )]
    ReservedSubject {
        /// The name that was given.
        name: String,
    },
    /// Two keys of a ring have one id, so that a token's `kid` would not say which is meant.
    #[error("a key with the id `{id}` is there already: give each key an id of its own, with `.with_id(..)`")]
    RepeatedKey {
        /// The id of both; empty for keys of one algorithm that have none.
        id: String,
    },
    /// No key of the ring has this id.
    #[error("no key of the ring has the id `{id}`: `add(..)` it first")]
    UnknownKey {
        /// The id that was given.
        id: String,
    },
    /// The ring has only the half of this key that verifies.
    #[error("the key `{id}` only verifies: `add(..)` it as a `SigningKey`")]
    CannotSign {
        /// The id of the key.
        id: String,
    },
    /// The key that signs cannot go.
    #[error("the key `{id}` is the one that signs: `promote(..)` another one first")]
    KeyInUse {
        /// The id of the key.
        id: String,
    },
    /// A moment is before 1970 or beyond the year 9999.
    #[error("`{setting}` was given a moment outside the years 1970 to 9999")]
    Moment {
        /// The method it was given to.
        setting: &'static str,
    },
    /// A cookie cannot have such a name or path.
    #[error("a cookie cannot have this {part}: use {instead}")]
    InvalidCookie {
        /// `name` or `path`.
        part: &'static str,
        /// What it can have.
        instead: &'static str,
    },
    /// A URL that keys must not be fetched from.
    #[error("`{setting}` is a URL that keys are not fetched from: {reason}")]
    Url {
        /// The method it was given to, or the member of a document that it stood in.
        setting: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What should be certificates in PEM form is not.
    #[error("`trust_only` needs certificates in PEM form, from `-----BEGIN CERTIFICATE-----` on")]
    NotCertificates,
    /// The system gave no thread for work in the background.
    #[error("the system gave no thread")]
    NoThread,
    /// A store that needs a tokio runtime was made where none runs.
    #[error("no tokio runtime runs here: make the store inside of one, or with its `blocking` constructor")]
    NoRuntime,
    /// The place where a store is to keep what it keeps cannot be reached or used.
    #[error("`{store}` cannot be used there: {reason}")]
    Store {
        /// The store.
        store: &'static str,
        /// What is wrong, as the store's client says it.
        reason: String,
    },
    /// The system's random source failed, so that nothing secret could be made.
    #[error("the system's random source failed")]
    Randomness,
    /// A handler cannot create the tokens of a user who may have them.
    #[error("no tokens can be created, for what `claims(..)` chooses or for want of a key: {reason}")]
    NoTokens {
        /// What is wrong with the claims or the keys.
        reason: InvalidReason,
    },
    /// A gate is installed already; the first one stays.
    #[error("a gate is already installed for this process: call `install()` once, at start-up")]
    AlreadyInstalled,
    /// A handler was asked for something that needs a setting it was not given.
    #[error("`{setting}` is missing: {needed_for}")]
    Missing {
        /// The method that gives the setting.
        setting: &'static str,
        /// What cannot be done without it.
        needed_for: &'static str,
    },
}

impl ConfigError {
    /// Refuses a duration outside the bounds of its setting.
    pub(crate) fn within(
        setting: &'static str,
        given: Duration,
        least: Duration,
        most: Duration,
    ) -> Result<(), Self> {
        if (least..=most).contains(&given) {
            return Ok(());
        }
        Err(Self::DurationOutOfBounds { setting, given, least, most })
    }

    /// Refuses a number outside the bounds of its setting.
    pub(crate) fn number_within(
        setting: &'static str,
        given: u32,
        least: u32,
        most: u32,
    ) -> Result<(), Self> {
        if (least..=most).contains(&given) {
            return Ok(());
        }
        let [given, least, most] = [given, least, most].map(u64::from);
        Err(Self::NumberOutOfBounds { setting, given, least, most })
    }
}

/// A setting that works but weakens what it configures; see [`TokenManager::warnings`](crate::TokenManager::warnings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The HMAC secret is shorter than its hash (RFC 7518 section 3.2).
    #[error("the secret has {bytes} bytes, under the {recommended} that RFC 7518 section 3.2 asks for")]
    ShortKey {
        /// Bytes that were given.
        bytes: usize,
        /// Bytes that the algorithm asks for.
        recommended: usize,
    },
}
