//! A record of a snapshot, as `GuardRecord` serializes itself.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::answer::Failure;
use crate::input;

/// The guard of a function. An unknown member is an error: it may be a condition that this version does not compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) path: String,
    /// The reason of a public function.
    pub(super) public: Option<String>,
    pub(super) claims: Option<String>,
    /// The expression of `gate = ..`. A guard without one has no such member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<String>,
    pub(super) demands: Vec<String>,
    /// One role of each list.
    pub(super) roles: Vec<Vec<String>>,
    /// One scope of each list.
    pub(super) scopes: Vec<Vec<String>>,
    /// In seconds.
    pub(super) max_age: Option<u64>,
    pub(super) acr: Vec<String>,
    pub(super) amr: Vec<String>,
    pub(super) refresh: bool,
    pub(super) optional: bool,
    pub(super) file: String,
    pub(super) line: u32,
}

/// A list of records, or a list of lists.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Snapshot {
    One(Vec<Record>),
    Several(Vec<Vec<Record>>),
}

/// Reads a snapshot.
pub(super) fn read(path: &Path) -> Result<Vec<Record>, Failure> {
    let text = input::text(path)?;
    let problem = |error: serde_json::Error| {
        let name = path.display();
        Failure::new(format!(
            "{name}: {error}: expected the output of `serde_json::to_string(GUARDS)` of this version"
        ))
    };
    match serde_json::from_str(&text) {
        Ok(Snapshot::One(records)) => Ok(records),
        Ok(Snapshot::Several(lists)) => Ok(lists.into_iter().flatten().collect()),
        // The error of one list says where the mistake is; that of the alternative does not.
        Err(_) => serde_json::from_str::<Vec<Record>>(&text).map_err(problem),
    }
}

impl Record {
    /// Returns whether a caller without a token gets in.
    pub(super) fn is_open(&self) -> bool {
        self.public.is_some() || self.optional
    }

    /// Returns whether a token with any claims is accepted, as long as it is genuine and current.
    pub(super) fn accepts_all_claims(&self) -> bool {
        self.demands.is_empty() && self.roles.is_empty() && self.scopes.is_empty() && self.claims.is_none()
    }

    /// Returns what a caller needs, in the words of `GuardRecord`.
    pub(super) fn needs(&self) -> String {
        if let Some(reason) = &self.public {
            return format!("public: {reason}");
        }
        let mut needs = vec![format!(
            "{} token{}",
            if self.refresh { "refresh" } else { "access" },
            if self.optional { " or none" } else { "" }
        )];
        needs.extend(self.gate.iter().map(|gate| format!("gate = {gate}")));
        needs.extend(self.demands.iter().cloned());
        needs.extend(self.max_age.map(|seconds| format!("max_age = \"{}\"", age(seconds))));
        needs.extend(self.acr.iter().map(|class| format!("acr = {class:?}")));
        needs.extend(self.amr.iter().map(|method| format!("amr = {method:?}")));
        needs.join(", ")
    }
}

impl Display for Record {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.needs())
    }
}

/// Returns an age in the largest unit that divides it, as the attribute writes it.
pub(super) fn age(seconds: u64) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let (unit, letter) =
        units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit)).unwrap_or((1, 's'));
    format!("{}{letter}", seconds.checked_div(unit).unwrap_or(seconds))
}
