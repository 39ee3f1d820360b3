//! The claims by which a token of another issuer shows what it is: for which audience, and whether it is an access token.
//!
//! They are read from the JSON a second time, because the claims type of the guarded function may have them too.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::claims::{Strings, read_flat};
use crate::error::{InvalidReason, quoted};
use crate::json::JsonStr;
use crate::key::TokenType;

/// The `iss` of a token. It is `None` if it is absent, or not a string.
pub(super) struct IssuerClaim<'t>(pub(super) Option<Cow<'t, str>>);

impl<'t> IssuerClaim<'t> {
    /// Reads the claim. Returns `None` if the claims are not a JSON object.
    pub(super) fn read(json: &'t str) -> Option<Self> {
        read_flat(json, IssuerClaimVisitor).or_else(|| serde_json::from_str(json).ok())
    }
}

/// The claims of a token of another issuer that are judged. Values of an unexpected form count as absent.
///
/// Repeated claims are not detected here: the reader of the claims rejects them.
#[derive(Default)]
pub(super) struct ForeignClaims<'t> {
    /// Every claim but `aud` and null, by name. `None` is a value that is no string.
    strings: Vec<(Cow<'t, str>, Option<Cow<'t, str>>)>,
    aud: Option<Strings<'t>>,
    /// The claims of [`MARKS`] that are present.
    marks: Vec<&'static str>,
}

/// The rules about which tokens of an issuer count as access tokens.
#[derive(Debug, Clone, Default)]
pub(super) struct AccessRules {
    /// Accepts every kind of token.
    pub(super) any_kind: bool,
    /// Accepts tokens that are bound to a key of their client.
    pub(super) accept_bound: bool,
    /// The values of `type`, `typ` and `token_use` that mean an access token, besides the usual ones.
    pub(super) access_types: Vec<String>,
}

impl<'t> ForeignClaims<'t> {
    /// Reads the claims. Returns `None` if they are not a JSON object.
    pub(super) fn read(json: &'t str) -> Option<Self> {
        read_flat(json, ForeignClaimsVisitor).or_else(|| serde_json::from_str(json).ok())
    }

    /// Returns the values of the claims with this name. `None` is a value that is no string.
    fn values(&self, name: &str) -> impl Iterator<Item = Option<&str>> {
        self.strings.iter().filter(move |(claim, _)| claim == name).map(|(_, value)| value.as_deref())
    }

    /// Returns the value of a claim, if it is a string.
    pub(super) fn string(&self, name: &str) -> Option<&str> {
        self.values(name).next().flatten()
    }

    /// Returns whether a claim is absent, or this string.
    pub(super) fn agrees(&self, name: &str, expected: &str) -> bool {
        self.values(name).all(|value| value == Some(expected))
    }

    /// Returns the `aud`.
    pub(super) fn audience(&self) -> Option<&Strings<'t>> {
        self.aud.as_ref()
    }
}

impl AccessRules {
    /// Returns an error for a token that is not an access token, or that is bound to a key.
    ///
    /// A word for access decides against `nonce` alone: Keycloak before 25 copies the `nonce` into access tokens. The other
    /// marks, and a word for another kind, always decide.
    pub(super) fn check(
        &self,
        token_type: TokenType,
        claims: &ForeignClaims<'_>,
    ) -> Result<(), InvalidReason> {
        if claims.marks.contains(&BOUND) && !self.accept_bound {
            return Err(InvalidReason::Bound);
        }
        if self.any_kind {
            return Ok(());
        }
        let is_word = |(name, value): &(&str, &str)| !(*name == "typ" && value.eq_ignore_ascii_case("JWT"));
        let words = || WORDS.iter().filter_map(|name| Some((*name, claims.string(name)?))).filter(is_word);
        if let Some((name, value)) = words().find(|(_, value)| !self.means_access(value)) {
            return Err(not_access(format!("its `{name}` claim is {}", quoted(value))));
        }
        let says_access = token_type == TokenType::AtJwt || words().next().is_some();
        let decides = |mark: &&&str| **mark != BOUND && !(says_access && **mark == NONCE);
        match claims.marks.iter().find(decides) {
            Some(mark) => Err(not_access(format!("it has the claim `{mark}`"))),
            None => Ok(()),
        }
    }

    fn means_access(&self, word: &str) -> bool {
        let is_bound_token = self.accept_bound && word.eq_ignore_ascii_case("DPoP");
        is_bound_token
            || ACCESS_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
            || self.access_types.iter().any(|known| known == word)
    }
}

fn not_access(evidence: String) -> InvalidReason {
    InvalidReason::NotAccess { evidence }
}

/// The claims whose value names the kind of the token: ours, Keycloak's and Cognito's. A `typ` of `JWT` names none.
const WORDS: [&str; 3] = ["type", "typ", "token_use"];

/// The values of these claims that mean an access token.
const ACCESS_WORDS: [&str; 5] = ["access", "Bearer", "at+jwt", "application/at+jwt", "access_token"];

/// Claims that show the kind of a token by their presence: `nonce`, `at_hash` and `c_hash` of ID tokens (`OpenID` Connect
/// Core section 2 and 3.3.2.11), `events` of logout tokens (RFC 8417 section 2.2), and `cnf` of bound ones (RFC 7800).
const MARKS: [&str; 5] = [BOUND, NONCE, "at_hash", "c_hash", "events"];
const BOUND: &str = "cnf";
const NONCE: &str = "nonce";

impl<'t> Deserialize<'t> for IssuerClaim<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(IssuerClaimVisitor)
    }
}

struct IssuerClaimVisitor;

impl<'t> Visitor<'t> for IssuerClaimVisitor {
    type Value = IssuerClaim<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }
    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<IssuerClaim<'t>, A::Error> {
        let (mut iss, mut is_found) = (None, false);
        while let Some(JsonStr(name)) = members.next_key()? {
            // Every value is read, so that malformed JSON is found before a key is looked for.
            match members.next_value()? {
                Judged::Null => {}
                value if name == "iss" && !is_found => (iss, is_found) = (value.into_string(), true),
                _ => {}
            }
        }
        Ok(IssuerClaim(iss))
    }
}

impl<'t> Deserialize<'t> for ForeignClaims<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ForeignClaimsVisitor)
    }
}

struct ForeignClaimsVisitor;

impl<'t> Visitor<'t> for ForeignClaimsVisitor {
    type Value = ForeignClaims<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }
    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<ForeignClaims<'t>, A::Error> {
        let mut claims = ForeignClaims { strings: Vec::with_capacity(MOST), ..ForeignClaims::default() };
        while let Some(JsonStr(name)) = members.next_key()? {
            match members.next_value()? {
                Judged::Null => {}
                Judged::Strings(value) if name == "aud" => claims.aud = Some(value),
                _ if name == "aud" => {}
                value => {
                    claims.marks.extend(MARKS.iter().find(|mark| **mark == name));
                    claims.strings.push((name, value.into_string()));
                }
            }
        }
        Ok(claims)
    }
}

/// The number of claims in most tokens.
const MOST: usize = 16;

/// The value of a claim, as far as it is judged.
enum Judged<'t> {
    Null,
    Strings(Strings<'t>),
    Other,
}

impl<'t> Judged<'t> {
    fn into_string(self) -> Option<Cow<'t, str>> {
        match self {
            Self::Strings(Strings::One(JsonStr(string))) => Some(string),
            _ => None,
        }
    }
}

impl<'t> Deserialize<'t> for Judged<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JudgedVisitor)
    }
}

struct JudgedVisitor;

impl<'t> Visitor<'t> for JudgedVisitor {
    type Value = Judged<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }
    fn visit_unit<E>(self) -> Result<Judged<'t>, E> {
        Ok(Judged::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Judged<'t>, E> {
        Ok(Judged::Other)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Judged<'t>, E> {
        Ok(Judged::Other)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Judged<'t>, E> {
        Ok(Judged::Other)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Judged<'t>, E> {
        Ok(Judged::Other)
    }
    fn visit_borrowed_str<E>(self, string: &'t str) -> Result<Judged<'t>, E> {
        Ok(Judged::Strings(Strings::One(JsonStr(Cow::Borrowed(string)))))
    }
    fn visit_str<E>(self, string: &str) -> Result<Judged<'t>, E> {
        Ok(Judged::Strings(Strings::One(JsonStr(Cow::Owned(string.to_owned())))))
    }
    fn visit_seq<A: SeqAccess<'t>>(self, mut elements: A) -> Result<Judged<'t>, A::Error> {
        let mut strings = Some(Vec::new());
        while let Some(element) = elements.next_element::<Judged<'t>>()? {
            strings = strings.zip(element.into_string()).map(|(mut strings, string)| {
                strings.push(JsonStr(string));
                strings
            });
        }
        Ok(strings.map_or(Judged::Other, |strings| Judged::Strings(Strings::Several(strings))))
    }
    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Judged<'t>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Judged::Other)
    }
}
