//! The comparison of two snapshots, function by function.

use std::collections::BTreeMap;

use super::demands::Differences;
use super::record::Record;

/// The changes from one snapshot to the next, by path.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) changes: Vec<Change>,
    /// The number of functions that are the same.
    pub(super) unchanged: usize,
}

/// A change of one function.
#[derive(Debug)]
pub(super) enum Change {
    /// A new function.
    Added { record: Record },
    /// A function that is no longer listed.
    Removed { record: Record },
    /// Another guard.
    Changed { record: Record, differences: Differences },
}

impl Comparison {
    /// Compares two snapshots. The place of a function in its file makes no difference.
    pub(super) fn of(old: &[Record], new: &[Record]) -> Self {
        let (mut before, after) = (by_path(old), by_path(new));
        let mut changes = Vec::new();
        let mut unchanged: usize = 0;
        for (key, record) in after {
            match before.remove(&key) {
                None => changes.push(Change::Added { record: record.clone() }),
                Some(previous) => {
                    let differences = Differences::between(previous, record);
                    if differences == Differences::default() {
                        unchanged = unchanged.saturating_add(1);
                    } else {
                        changes.push(Change::Changed { record: record.clone(), differences });
                    }
                }
            }
        }
        changes.extend(before.into_values().map(|record| Change::Removed { record: record.clone() }));
        changes.sort_by(|one, other| one.record().path.cmp(&other.record().path));
        Self { changes, unchanged }
    }
}

impl Change {
    /// Returns the function.
    pub(super) fn record(&self) -> &Record {
        match self {
            Self::Added { record } | Self::Removed { record } | Self::Changed { record, .. } => record,
        }
    }

    /// Returns whether callers may get in who did not before. A function that needs no token was open already if it is
    /// removed; any other may have lost its guard.
    pub(super) fn opens(&self) -> bool {
        match self {
            Self::Added { record } => record.is_open(),
            Self::Removed { record } => record.public.is_none(),
            Self::Changed { differences, .. } => !differences.loosened.is_empty(),
        }
    }
}

/// Returns the records by path, and by their order where several have one path, as methods of two traits may.
fn by_path(records: &[Record]) -> BTreeMap<(&str, usize), &Record> {
    let mut map = BTreeMap::new();
    for record in records {
        let path = record.path.as_str();
        let copies = map.range((path, 0)..=(path, usize::MAX)).count();
        map.insert((path, copies), record);
    }
    map
}
