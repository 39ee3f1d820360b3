//! A good token, and what a list of changes makes of it.

use gatevault::{Algorithm, TokenKind};
use gatevault_tests::START;
use proptest::sample::Index;

use super::key::Key;
use super::setting::{Party, Setting};
use crate::forge::{Members, encoded, segments};

/// What is done to a good token before a verifier sees it.
#[derive(Debug, Clone)]
pub(crate) struct Forged {
    /// By how many seconds `exp` is off the start.
    pub(crate) lifetime: i64,
    /// Whose key has signed the good one: any that the setting knows.
    pub(crate) by: Index,
    pub(crate) mutations: Vec<Mutation>,
}

#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    SetHeader(String, String),
    DropHeader(Index),
    SetClaim(String, String),
    DropClaim(Index),
    /// A second member, behind all others, with its first character escaped or not.
    RepeatClaim(Index, String, bool),
    Signer(Algorithm, &'static str),
    Edit(Level, Edit),
    /// Other segments of the signed token, or the same ones in another order.
    Segments(Vec<usize>),
}

/// The text that is edited; all but the last are still to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    HeaderJson,
    ClaimsJson,
    HeaderSegment,
    ClaimsSegment,
    Token,
}

/// A change of one place of a text.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Flip(Index, u32),
    Insert(Index, char),
    Replace(Index, char),
    Remove(Index),
    Cut(Index),
}

impl Forged {
    pub(crate) fn token(&self, setting: &Setting) -> String {
        let signers: Vec<(&Party, &Key)> =
            setting.parties().flat_map(|party| party.keys.iter().map(move |key| (party, key))).collect();
        let (party, key) = *self.by.get(&signers);
        let kind = setting.expected.map_or("access", TokenKind::name);
        let (mut header, mut claims) =
            (good_header(party, key, kind), good_claims(party, kind, self.lifetime));
        let mut key = key.clone();
        for mutation in &self.mutations {
            match mutation {
                Mutation::SetHeader(name, value) => header = header.with(name, value),
                Mutation::DropHeader(at) => remove(&mut header, *at),
                Mutation::SetClaim(name, value) => claims = claims.with(name, value),
                Mutation::DropClaim(at) => remove(&mut claims, *at),
                Mutation::RepeatClaim(at, value, escaped) => repeat(&mut claims, *at, value, *escaped),
                Mutation::Signer(algorithm, secret) => (key.algorithm, key.secret) = (*algorithm, *secret),
                Mutation::Edit(..) | Mutation::Segments(_) => {}
            }
        }
        let header = encoded(self.edited(Level::HeaderJson, header.json()));
        let claims = encoded(self.edited(Level::ClaimsJson, claims.json()));
        let header = self.edited(Level::HeaderSegment, header);
        let claims = self.edited(Level::ClaimsSegment, claims);
        let token = key.signed(&format!("{header}.{claims}"));
        self.edited(Level::Token, self.rearranged(token))
    }

    fn edited(&self, level: Level, text: String) -> String {
        self.mutations.iter().fold(text, |text, mutation| match mutation {
            Mutation::Edit(at, edit) if *at == level => edit.apply(&text),
            _ => text,
        })
    }

    fn rearranged(&self, token: String) -> String {
        self.mutations.iter().fold(token, |token, mutation| match mutation {
            Mutation::Segments(order) if token.matches('.').count() == 2 => {
                let segments = segments(&token);
                order.iter().map(|position| segments[*position]).collect::<Vec<_>>().join(".")
            }
            _ => token,
        })
    }
}

impl Edit {
    fn apply(&self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let count = characters.len();
        if count == 0 {
            return text.to_owned();
        }
        match self {
            Self::Flip(at, bit) => {
                let place = &mut characters[at.index(count)];
                *place = char::from_u32(u32::from(*place) ^ (1 << bit)).unwrap_or('?');
            }
            Self::Insert(at, character) => characters.insert(at.index(count + 1), *character),
            Self::Replace(at, character) => characters[at.index(count)] = *character,
            Self::Remove(at) => drop(characters.remove(at.index(count))),
            Self::Cut(at) => characters.truncate(at.index(count)),
        }
        characters.into_iter().collect()
    }
}

fn remove(members: &mut Members, at: Index) {
    if !members.0.is_empty() {
        members.0.remove(at.index(members.0.len()));
    }
}

fn repeat(members: &mut Members, at: Index, value: &str, escaped: bool) {
    if members.0.is_empty() {
        return;
    }
    let mut name = at.get(&members.0).0.clone();
    if escaped && name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name = format!(r"\u{:04x}{}", name.as_bytes()[0], &name[1..]);
    }
    members.0.push((name, value.to_owned()));
}

fn good_header(party: &Party, key: &Key, kind: &str) -> Members {
    let typ = if party.at_jwt && kind == "access" { "at+jwt" } else { "JWT" };
    let header =
        Members::header().with("alg", &format!("\"{}\"", key.algorithm)).with("typ", &format!("\"{typ}\""));
    key.id.into_iter().fold(header, |header, id| header.with("kid", &format!("\"{id}\"")))
}

fn good_claims(party: &Party, kind: &str, lifetime: i64) -> Members {
    let exp = START.checked_add_signed(lifetime).unwrap();
    let mut claims = Members(Vec::new())
        .with(party.subject_claim, "42")
        .with("exp", &exp.to_string())
        .with("iat", &START.to_string());
    if !party.is_foreign {
        claims = claims.with("type", &format!("\"{kind}\"")).with("jti", r#""8a6e3f0c""#);
    }
    claims = claims.with("role", r#""admin""#);
    if let Some(issuer) = party.issuer {
        claims = claims.with("iss", &format!("\"{issuer}\""));
    }
    if let Some(audience) = party.audience {
        claims = claims.with("aud", &format!("\"{audience}\""));
    }
    claims
}
