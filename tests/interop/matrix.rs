//! Every algorithm, with every peer, in both directions, and with keys in every form that the peer reads and writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::thread;

use gatevault::error::ConfigError;
use gatevault::{JwkSet, KeyRing, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::issuer::{
    AUDIENCE, ISSUER, USER, claims, create, decode, ring_of, ring_of_one, signing_key, verifying_key,
};
use crate::openssl;
use crate::peer::Peer;

/// The algorithms, `Ed25519` by its name in RFC 9864 beside `EdDSA`.
pub(crate) const ALGORITHMS: [&str; 14] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
    "ES512", "EdDSA", "Ed25519",
];

/// A row of the matrix: who signs, and who verifies.
type Row = (String, &'static str);

/// The outcome of each token: its row, its algorithm, and what failed, with the form of the key.
#[derive(Default)]
pub(crate) struct Outcomes(Vec<(Row, &'static str, Option<String>)>);

impl Outcomes {
    /// Adds the outcome of a token, which must have verified for the user.
    pub(crate) fn add(
        &mut self,
        (peer, direction): (&str, &'static str),
        algorithm: &'static str,
        form: &str,
        user: Result<String, String>,
    ) {
        let failure = match user {
            Ok(user) if user == USER => None,
            Ok(user) => Some(format!("another user: {user}")),
            Err(error) => Some(error),
        };
        let failure = failure.map(|failure| format!("{peer} {direction}, {algorithm} by {form}: {failure}"));
        self.0.push(((peer.to_owned(), direction), algorithm, failure));
    }

    fn failures(&self) -> Vec<&str> {
        self.0.iter().filter_map(|(.., failure)| failure.as_deref()).collect()
    }

    /// Formats a row for each peer and direction, with the tokens that verified, of all that were tried.
    fn table(&self) -> String {
        let mut rows: BTreeMap<&Row, BTreeMap<&str, (usize, usize)>> = BTreeMap::new();
        for (row, algorithm, failure) in &self.0 {
            let cell = rows.entry(row).or_default().entry(algorithm).or_default();
            *cell = (cell.0 + usize::from(failure.is_none()), cell.1 + 1);
        }
        let mut table = format!("matrix of peers: verified/tried\n{:18}", "");
        for algorithm in ALGORITHMS {
            write!(table, "{algorithm:>8}").unwrap();
        }
        for ((peer, direction), cells) in rows {
            write!(table, "\n{:18}", format!("{peer} {direction}")).unwrap();
            for algorithm in ALGORITHMS {
                let cell = cells.get(algorithm).map(|(verified, tried)| format!("{verified}/{tried}"));
                write!(table, "{:>8}", cell.as_deref().unwrap_or("-")).unwrap();
            }
        }
        let verified = self.0.len() - self.failures().len();
        format!("{table}\nmatrix of peers: {verified} of {} tokens verified\n", self.0.len())
    }
}

/// The peer signs, and we verify.
pub(crate) const THEIRS: &str = "to us";
/// We sign, and the peer verifies.
pub(crate) const OURS: &str = "from us";

#[test]
fn tokens_and_keys_of_every_algorithm_are_accepted_on_both_sides() {
    let peers = Peer::OTHERS.map(|peer| thread::spawn(move || exchange(peer)));
    let mut outcomes = openssl::exchange();
    for peer in peers {
        outcomes.0.extend(peer.join().expect("the exchange with a peer completes").0);
    }
    std::io::stderr().write_all(outcomes.table().as_bytes()).expect("standard error is open");
    assert!(outcomes.failures().is_empty(), "\n{}", outcomes.failures().join("\n"));
}

/// A peer without an algorithm says so. When it learns it, it joins the matrix.
#[test]
fn authlib_does_not_have_the_algorithm_names_of_rfc_9864() {
    let tokens = json!([{"header": {"alg": "Ed25519"}, "claims": claims()}]);
    let [result] = &Peer::Authlib.ask_all("sign", json!({"tokens": tokens}))[..] else {
        panic!("one result")
    };
    assert_eq!(result.as_ref().unwrap_err()["refused"], "UnsupportedAlgorithmError");
}

/// Returns the algorithms that the peer has.
fn algorithms_of(peer: Peer) -> Vec<&'static str> {
    ALGORITHMS.into_iter().filter(|name| peer != Peer::Authlib || *name != "Ed25519").collect()
}

/// Exchanges tokens of every algorithm with a peer.
fn exchange(peer: Peer) -> Outcomes {
    let algorithms = algorithms_of(peer);
    let written = peer.ask("keys", json!({"algorithms": algorithms}));
    let mut outcomes = Outcomes::default();
    verify_theirs(peer, &algorithms, &written, &mut outcomes);
    sign_ours(peer, &algorithms, &written, &mut outcomes);
    outcomes
}

/// Verifies the peer's tokens with its keys: by PEM, by JWK and by its set, or by its secret and its JWK.
fn verify_theirs(peer: Peer, algorithms: &[&'static str], written: &Value, outcomes: &mut Outcomes) {
    let header = |algorithm: &str| {
        let kid = &written["keys"][algorithm]["public_jwk"]["kid"];
        if kid.is_null() { json!({"alg": algorithm}) } else { json!({"alg": algorithm, "kid": kid}) }
    };
    let tokens: Vec<_> =
        algorithms.iter().map(|name| json!({"header": header(name), "claims": claims()})).collect();
    for (algorithm, token) in algorithms.iter().zip(peer.ask_all("sign", json!({"tokens": tokens}))) {
        let token = token.unwrap_or_else(|error| panic!("{peer}, {algorithm}: {error}"));
        let key = &written["keys"][algorithm];
        for (form, ring) in rings(algorithm, key, &written["set"]) {
            let user = ring
                .map_err(|error| error.to_string())
                .and_then(|ring| decode(ring, token.as_str().unwrap()).map_err(|error| format!("{error:?}")));
            outcomes.add((&peer.to_string(), THEIRS), algorithm, form, user);
        }
    }
}

/// Reads a key of the peer in every form.
fn rings(algorithm: &str, key: &Value, set: &Value) -> Vec<(&'static str, Result<KeyRing, ConfigError>)> {
    let from_jwk = |jwk: &Value| ring_of_one(VerifyingKey::from_jwk(&with_algorithm(jwk, algorithm)));
    match key["public_pem"].as_str() {
        None => vec![
            ("secret", ring_of_one(verifying_key(algorithm, secret(key)))),
            ("JWK", from_jwk(&key["private_jwk"])),
        ],
        Some(pem) => vec![
            ("PEM", ring_of_one(verifying_key(algorithm, pem))),
            ("JWK", from_jwk(&key["public_jwk"])),
            ("JWKS", ring_of(set)),
        ],
    }
}

/// Signs with the peer's keys, and has the peer verify with our JWK and our set, and with its own key.
fn sign_ours(peer: Peer, algorithms: &[&'static str], written: &Value, outcomes: &mut Outcomes) {
    let mut requests = Vec::new();
    let mut names = Vec::new();
    for algorithm in algorithms {
        for (form, token) in ours(algorithm, &written["keys"][algorithm]) {
            // `Ed25519` of RFC 9864 is the same signature as `EdDSA`, which is the name that we write.
            let accepted = if *algorithm == "Ed25519" { "EdDSA" } else { *algorithm };
            match token {
                Ok((token, key)) => {
                    names.push((*algorithm, form));
                    requests.push(json!({"token": token, "algorithms": [accepted], "key": key}));
                }
                Err(error) => {
                    outcomes.add((&peer.to_string(), OURS), algorithm, form, Err(error.to_string()));
                }
            }
        }
    }
    let request = json!({"tokens": requests, "issuer": ISSUER, "audience": AUDIENCE});
    for ((algorithm, form), result) in names.into_iter().zip(peer.ask_all("verify", request)) {
        let user = result.map(|user| user.as_str().unwrap_or_default().to_owned());
        let user = user.map_err(|error| error.to_string());
        outcomes.add((&peer.to_string(), OURS), algorithm, form, user);
    }
}

/// A token that we sign, and the key by which the peer verifies it.
type Signed = Result<(String, Value), ConfigError>;

/// Returns tokens that we sign with the peer's private key in every form.
fn ours(algorithm: &str, key: &Value) -> Vec<(&'static str, Signed)> {
    let jwk = SigningKey::from_jwk(&with_algorithm(&key["private_jwk"], algorithm));
    let Some(pem) = key["private_pem"].as_str() else {
        let read_by = |_: &VerifyingKey| json!({"jwk": key["private_jwk"]});
        return vec![
            ("secret", signed(signing_key(algorithm, secret(key)), read_by)),
            ("private JWK", signed(jwk, read_by)),
        ];
    };
    let pem = signing_key(algorithm, pem).and_then(|key| key.with_id("2026-11"));
    let parsed = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let their_pem = |_: &VerifyingKey| json!({"pem": key["public_pem"]});
    let our_jwk = |key: &VerifyingKey| json!({"jwk": parsed(&key.to_jwk().unwrap())});
    let our_set = |key: &VerifyingKey| json!({"set": parsed(&JwkSet::of([key.clone()]).to_json())});
    vec![
        ("private PEM and our JWKS", signed(pem, our_set)),
        ("private JWK and our JWK", signed(jwk.clone(), our_jwk)),
        ("private JWK and their PEM", signed(jwk, their_pem)),
    ]
}

/// Signs a token, for a peer that reads the public key in the form that `read_by` returns.
fn signed(key: Result<SigningKey, ConfigError>, read_by: impl Fn(&VerifyingKey) -> Value) -> Signed {
    key.map(|key| {
        let public = read_by(key.verifying_key());
        (create(key), public)
    })
}

/// Returns a JWK that names the algorithm, which a JWK for RSA or a secret needs to sign.
fn with_algorithm(jwk: &Value, algorithm: &str) -> String {
    let mut jwk = jwk.clone();
    jwk["alg"] = algorithm.into();
    jwk.to_string()
}

/// Returns the bytes of a secret.
fn secret(key: &Value) -> Vec<u8> {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    BASE64_URL_SAFE_NO_PAD.decode(key["private_jwk"]["k"].as_str().unwrap()).unwrap()
}
