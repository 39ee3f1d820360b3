//! Unusual and hostile tokens of another issuer: our verdict beside those of jose, joserfc and Authlib.
//!
//! The cases are in `refusals/peers_*.txt`, one per line: `ours jose joserfc Authlib | name | input`, and a reason where a
//! peer accepts what we reject, or the reverse. A difference without a reason fails the test.

use std::fmt::Write as _;

use gatevault::{KeyRing, TokenError};
use gatevault_tests::hex;
use serde_json::{Map, Value, json};

use crate::issuer::{AUDIENCE, ISSUER, claims, decode, ring_of};
use crate::peer::Peer;
use crate::refusals::with_times;
use crate::report;

const CLAIMS: &str =
    r#""iss":"https://id.example","aud":"https://api.example","sub":"ada","iat":$now-1,"exp":$now+900"#;

/// One line of a table.
struct Case<'c> {
    verdicts: Vec<&'c str>,
    name: &'c str,
    input: &'c str,
}

impl<'c> Case<'c> {
    /// Parses a line.
    fn parse(line: &'c str) -> Self {
        let mut columns = line.split(" |").map(str::trim);
        let mut next = || columns.next().unwrap_or_else(|| panic!("too few columns: {line}"));
        let verdicts: Vec<_> = next().split_whitespace().collect();
        let (name, input) = (next(), next());
        let is_accepted = |verdict: &&str| *verdict == "accepted";
        let others = verdicts[1..].iter().filter(|verdict| **verdict != "-");
        let differs = others.into_iter().any(|verdict| is_accepted(verdict) != is_accepted(&verdicts[0]));
        assert_eq!(
            columns.next().is_some(),
            differs,
            "only a difference has a reason, and it needs one: {line}"
        );
        Self { verdicts, name, input }
    }

    /// Parses the lines of a table.
    fn all(table: &'c str) -> Vec<Self> {
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        lines.map(Self::parse).collect()
    }
}

/// The keys of the issuer, and the ids of two of them.
struct Keys {
    set: Value,
    ring: KeyRing,
    es256: String,
    rs256: String,
}

impl Keys {
    /// Reads the keys of joserfc, which also signs the tokens of the tables.
    fn of(peer: Peer) -> Self {
        let written = peer.ask("keys", json!({"algorithms": ["RS256", "ES256", "EdDSA"]}));
        let id =
            |algorithm: &str| written["keys"][algorithm]["public_jwk"]["kid"].as_str().unwrap().to_owned();
        let ring = ring_of(&written["set"]).unwrap();
        Self { es256: id("ES256"), rs256: id("RS256"), ring, set: written["set"].clone() }
    }

    /// Returns our verdict.
    fn judge(&self, token: &str) -> &'static str {
        match decode(self.ring.clone(), token) {
            Ok(_) => "accepted",
            Err(TokenError::Expired) => "expired",
            Err(TokenError::Invalid(_)) => "invalid",
            Err(_) => "malformed",
        }
    }

    /// Returns the verdicts of a peer.
    fn ask(&self, peer: Peer, tokens: &[String]) -> Vec<&'static str> {
        let key = json!({"set": self.set});
        let tokens: Vec<_> =
            tokens.iter().map(|token| json!({"token": token, "algorithms": ["ES256"], "key": key})).collect();
        let request = json!({"tokens": tokens, "issuer": ISSUER, "audience": AUDIENCE});
        let verdict = |result: Result<Value, Value>| match result {
            Ok(_) => "accepted",
            Err(_) => "refused",
        };
        peer.ask_all("verify", request).into_iter().map(verdict).collect()
    }
}

/// Compares the verdicts on the token of each case, which has this header and payload.
fn compare(about: &str, table: &str, create: impl Fn(&Keys, &str) -> (String, String)) {
    let (cases, keys) = (Case::all(table), Keys::of(Peer::Joserfc));
    let tokens: Vec<_> = cases
        .iter()
        .map(|case| create(&keys, case.input))
        .map(|(header, payload)| json!({"header": hex(&header), "payload": hex(&payload)}))
        .collect();
    let tokens = Peer::Joserfc.ask_all("forge", json!({"tokens": tokens})).into_iter();
    let tokens: Vec<_> = tokens.map(|token| token.unwrap().as_str().unwrap().to_owned()).collect();
    let verdicts = Peer::OTHERS.map(|peer| keys.ask(peer, &tokens));
    let found = tokens.iter().enumerate().map(|(index, token)| {
        [keys.judge(token)].into_iter().chain(verdicts.iter().map(|peer| peer[index])).collect()
    });
    assert_verdicts(about, &cases, found.collect());
}

fn assert_verdicts(about: &str, cases: &[Case<'_>], found: Vec<Vec<&str>>) {
    let mut wrong = String::new();
    for (case, found) in cases.iter().zip(found) {
        if case.verdicts != found {
            writeln!(wrong, "{}: {}, not {}", case.name, found.join(" "), case.verdicts.join(" ")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    report(about, cases.len());
}

/// Replaces the escapes of the tables that JSON itself has no use for.
fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("$bom", "\u{feff}")
}

#[test]
fn headers_of_other_issuers_have_the_same_verdict_as_at_their_peers() {
    compare("headers of other issuers", include_str!("refusals/peers_headers.txt"), |keys, header| {
        let header = unescaped(header).replace("$kid", &keys.es256).replace("$rsa", &keys.rs256);
        (header, with_times(&format!("{{{CLAIMS}}}")))
    });
}

#[test]
fn claims_of_other_issuers_have_the_same_verdict_as_at_their_peers() {
    compare("claims of other issuers", include_str!("refusals/peers_claims.txt"), |keys, change| {
        let (name, value) = change.split_once(':').unwrap();
        let others = CLAIMS.split(',').filter(|member| !member.starts_with(&format!("\"{name}\"")));
        let changed =
            Some(format!("\"{name}\":{}", value.replace(';', ","))).filter(|_| !value.trim().is_empty());
        let members: Vec<_> = others.map(str::to_owned).chain(changed).collect();
        (header(keys), with_times(&format!("{{{}}}", members.join(","))))
    });
}

#[test]
fn payloads_of_other_issuers_have_the_same_verdict_as_at_their_peers() {
    compare("payloads of other issuers", include_str!("refusals/peers_payloads.txt"), |keys, payload| {
        (header(keys), with_times(&unescaped(payload).replace("$claims", CLAIMS)))
    });
}

fn header(keys: &Keys) -> String {
    json!({"alg": "ES256", "kid": keys.es256}).to_string()
}

/// Compares our verdict on each form with that of the peer that wrote it.
#[test]
fn other_forms_of_a_token_are_rejected() {
    let cases = Case::all(include_str!("refusals/peers_forms.txt"));
    let mut found: Vec<_> = cases.iter().map(|case| vec![case.verdicts[0]]).collect();
    for peer in Peer::OTHERS {
        let keys = Keys::of(peer);
        let odd = peer.ask("odd", json!({"claims": claims()}));
        let odd: &Map<String, Value> = odd["tokens"].as_object().unwrap();
        assert!(odd.keys().all(|form| cases.iter().any(|case| case.name == form)), "{peer}: {odd:?}");
        for (case, found) in cases.iter().zip(&mut found) {
            let Some(token) = odd.get(case.name).map(|token| token.as_str().unwrap().to_owned()) else {
                found.push("-");
                continue;
            };
            if keys.judge(&token) != case.verdicts[0] {
                found[0] = keys.judge(&token);
            }
            found.extend(keys.ask(peer, &[token]));
        }
    }
    assert_verdicts("other forms of a token", &cases, found);
}
