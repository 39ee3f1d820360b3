//! The table of a store, in Markdown: a column for each size.

use std::time::Duration;

use crate::figures::Figures;

/// Prints the head of a table with a column for each size.
pub(super) fn print_head(kind: &str, sizes: &[u64]) {
    let sizes: Vec<_> = sizes.iter().map(|size| thousands(*size)).collect();
    println!("\n| {kind}, sessions | {} |\n|---|{}", sizes.join(" | "), "---|".repeat(sizes.len()));
}

/// Prints a row with a cell for each size.
pub(super) fn print_row(name: &str, cells: impl Iterator<Item = String>) {
    println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

/// Formats the median and the 99th percentile.
pub(super) fn times(figures: &Figures) -> String {
    let failed = if figures.failed > 0 { format!(", {} failed", figures.failed) } else { String::new() };
    format!("{} / {}{failed}", time(figures.median()), time(figures.percentile(99)))
}

/// Formats a time with three digits.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let (value, unit) = match seconds {
        0.0..1e-3 => (seconds * 1e6, "us"),
        1e-3..1.0 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// Formats a number with commas between its thousands.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints the ratio of the medians of the largest and the smallest store, and whether the project's goals are met.
pub(super) fn print_verdict(kind: &str, sizes: &[u64], medians: &[Duration]) {
    let ends = medians.first().zip(medians.last()).zip(sizes.first().zip(sizes.last()));
    let Some(((small, large), (few, many))) = ends else { return };
    let ratio = large.as_secs_f64() / small.as_secs_f64();
    let verdict = match ratio {
        ..=THEN => "met",
        ..=MUST => "must met, then not met",
        _ => "not met",
    };
    let (many, few) = (thousands(*many), thousands(*few));
    println!(
        "{kind}: rotation p50 at {many} sessions over {few}: {ratio:.2} (must {MUST}, then {THEN}): {verdict}"
    );
}

/// The goals of the project for this ratio.
const MUST: f64 = 2.0;
const THEN: f64 = 1.2;
