//! The table of a group: the figures, their ratios to the anchor's, and the goals.

use std::fmt::Write as _;

use gatevault_benches::{Answer, Goal, Measure, Row};

/// The cost of a call of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) nanoseconds: f64,
    pub(crate) instructions: Option<f64>,
    pub(crate) allocations: f64,
}

impl Figures {
    /// Returns the figure for this measure.
    fn get(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Time => Some(self.nanoseconds),
            Measure::Instructions => self.instructions,
            Measure::Allocations => Some(self.allocations),
        }
    }
}

/// Formats the table.
pub(crate) fn render(group: &str, rows: &[Row], figures: &[Figures]) -> Answer<String> {
    let anchor = figures.first().ok_or("a group without rows")?;
    let mut table = format!("\n{group}\n{:50}", "");
    for (name, ..) in COLUMNS {
        write!(table, "{name:>8} {:>5} ", "over")?;
    }
    table.push_str("  goals\n");
    let below = format!("\n{:97}", "");
    for (row, figures_of_row) in rows.iter().zip(figures) {
        write!(table, "  {:48}", row.name)?;
        for (_, measure) in COLUMNS {
            let figure = figures_of_row.get(measure);
            let over = figure.zip(anchor.get(measure)).map(|(figure, anchor)| figure / anchor);
            let over = over.filter(|over| over.is_finite());
            write!(table, "{:>8} {:>5} ", number(figure, 0), number(over, 2))?;
        }
        let goals = row.goals.iter().filter_map(|goal| {
            let over = rows.iter().position(|other| other.name == goal.over);
            goal_text(*goal, figures_of_row, over.and_then(|index| figures.get(index)))
        });
        writeln!(table, "  {}", goals.collect::<Vec<_>>().join(&below))?;
    }
    Ok(table)
}

/// Returns the verdict on both bounds of a goal.
pub(crate) fn verdict(must: bool, then: bool) -> &'static str {
    match (must, then) {
        (_, true) => "met",
        (true, false) => "must met, then not met",
        (false, false) => "not met",
    }
}

/// Formats a goal and its verdict. Returns `None` if the figure was not measured.
fn goal_text(goal: Goal, row: &Figures, other: Option<&Figures>) -> Option<String> {
    let Goal { measure, over, must, then } = goal;
    let figure = row.get(measure)?;
    let (figure, what) = match measure {
        Measure::Allocations => (figure, "allocations".to_owned()),
        Measure::Instructions => (figure / other?.instructions?, format!("instr over {over}")),
        Measure::Time => (figure / other?.nanoseconds, format!("ns over {over}")),
    };
    let verdict = verdict(figure <= must, figure <= then);
    Some(format!("{figure:.3} {what} (must {must}, then {then}): {verdict}"))
}

/// Formats a figure, or `-` if there is none.
fn number(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.digits$}"))
}

const COLUMNS: [(&str, Measure); 3] =
    [("ns", Measure::Time), ("instr", Measure::Instructions), ("allocs", Measure::Allocations)];
