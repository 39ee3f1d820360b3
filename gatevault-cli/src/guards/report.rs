//! Snapshots and comparisons, for people and in JSON.

use serde_json::{Value, json};

use super::compare::{Change, Comparison};
use super::record::Record;
use super::{Answer, Page, Tone};

/// Writes the functions of a snapshot, each with what its callers need.
pub(super) fn show(records: &[Record]) -> Answer {
    let mut page = Page::default();
    let width =
        records.iter().map(|record| record.path.chars().count()).max().unwrap_or_default().min(WIDEST_PATH);
    for record in records {
        let tone = if record.is_open() { Tone::Warning } else { Tone::Plain };
        let place = format!("{}:{}", record.file, record.line);
        page.add(tone, format!("{:<width$}  {}  ({place})", record.path, record.needs()));
    }
    let open = records.iter().filter(|record| record.is_open()).count();
    page.add(
        Tone::Title,
        format!("{} functions, {open} of them open to callers without a token", records.len()),
    );
    let json = records.iter().map(|record| json!({ "path": record.path, "needs": record.needs(), "open": record.is_open(), "file": record.file, "line": record.line }));
    Answer::new(page, json.collect())
}

/// Writes the changes from one snapshot to the next.
pub(super) fn compare(comparison: &Comparison, has_opened: bool) -> Answer {
    let mut page = Page::default();
    for change in &comparison.changes {
        let record = change.record();
        match change {
            Change::Added { .. } => {
                let tone = if change.opens() { Tone::Bad } else { Tone::Good };
                page.add(tone, format!("added      {record}"));
            }
            Change::Removed { .. } => {
                let tone = if change.opens() { Tone::Bad } else { Tone::Plain };
                page.add(tone, format!("removed    {record}"));
            }
            Change::Changed { differences, .. } => {
                let path = &record.path;
                differences
                    .loosened
                    .iter()
                    .for_each(|text| page.add(Tone::Bad, format!("loosened   {path}: {text}")));
                differences
                    .tightened
                    .iter()
                    .for_each(|text| page.add(Tone::Good, format!("tightened  {path}: {text}")));
                differences
                    .neutral
                    .iter()
                    .for_each(|text| page.add(Tone::Warning, format!("changed    {path}: {text}")));
            }
        }
    }
    let unchanged = comparison.unchanged;
    if has_opened {
        page.add(Tone::Bad, format!("{unchanged} unchanged; guards were opened: review each line that says added, removed or loosened"));
    } else {
        page.add(Tone::Good, format!("{unchanged} unchanged; no guard was opened"));
    }
    let changes: Value = comparison.changes.iter().map(as_json).collect();
    Answer::new(page, json!({ "opened": has_opened, "unchanged": unchanged, "changes": changes }))
}

fn as_json(change: &Change) -> Value {
    let record = change.record();
    let (kind, differences) = match change {
        Change::Added { .. } => ("added", None),
        Change::Removed { .. } => ("removed", None),
        Change::Changed { differences, .. } => ("changed", Some(differences)),
    };
    json!({
        "change": kind,
        "path": record.path,
        "needs": record.needs(),
        "opens": change.opens(),
        "loosened": differences.map(|differences| &differences.loosened),
        "tightened": differences.map(|differences| &differences.tightened),
        "other": differences.map(|differences| &differences.neutral),
    })
}

/// In characters: a longer path moves its line to the right.
const WIDEST_PATH: usize = 60;
