//! `gatevault jwks`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use gatevault::{JwkSet, VerifyingKey};
use serde_json::Value;

use crate::answer::{Answer, Failure};
use crate::keys::{self, KeyAlgorithm, Keys};
use crate::terminal::{Page, printable_json};

/// Write the public halves of keys as a JWK set, for publication.
///
/// The keys are private or public, in PEM, DER or JWK, or JWK sets. A secret is refused: it has no public half.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault jwks key.pem > jwks.json
  gatevault jwks next.pem current.pem     # both, during a rotation")]
pub(crate) struct Options {
    /// Files with keys
    #[arg(value_name = "KEYFILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    algorithm: KeyAlgorithm,
}

pub(crate) fn run(options: &Options) -> Result<Answer, Failure> {
    let mut public = Vec::new();
    for path in &options.files {
        let problem = |problem| Failure::new(format!("{}: {problem}", path.display()));
        for key in halves(keys::read_file(path, options.algorithm.alg)?) {
            public.push(published(key).map_err(problem)?);
        }
    }
    let mut ids = BTreeSet::new();
    if let Some(repeated) = public.iter().filter_map(VerifyingKey::id).find(|id| !ids.insert(*id)) {
        let message = format!("two keys have the id {repeated:?}: give each its own `kid`, or leave one out");
        return Err(Failure::new(message));
    }
    let set = JwkSet::of(public).to_json();
    let json: Value = serde_json::from_str(&set).map_err(|error| Failure::of("the JWK set", &error))?;
    let pretty = serde_json::to_string_pretty(&json).unwrap_or(set);
    Ok(Answer::new(Page::own(&printable_json(&pretty)), json))
}

fn halves(keys: Keys) -> Vec<VerifyingKey> {
    match keys {
        Keys::Signing(key) => vec![key.verifying_key().clone()],
        Keys::Public(key) => vec![key],
        Keys::Set(set) => set.into_iter().collect(),
    }
}

/// Returns a public key with an id: its own, or its thumbprint.
fn published(key: VerifyingKey) -> Result<VerifyingKey, String> {
    let Some(thumbprint) = key.jwk_thumbprint() else {
        return Err(format!(
            "a secret for {}, which a published set would give away: publish key pairs only, which `gatevault keygen` creates",
            key.algorithm()
        ));
    };
    match key.id() {
        Some(_) => Ok(key),
        None => key.with_id(thumbprint).map_err(|error| error.to_string()),
    }
}
