//! Rows: one way to do the work of a group, with its goals.

use std::error::Error;
use std::hint::black_box;

/// The result of preparing a measurement.
pub type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Rows that do the same work.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The description of the work.
    pub name: &'static str,
    /// The duration of a call.
    pub length: Length,
    /// Prepares the rows.
    pub rows: fn() -> Answer<Vec<Row>>,
}

/// The duration of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Microseconds at most.
    Short,
    /// Too many instructions to count them one by one.
    Long,
}

/// One way to do the work of a group.
pub struct Row {
    /// The name of the implementation.
    pub name: &'static str,
    /// The goals of the row.
    pub goals: Vec<Goal>,
    calls: Box<dyn Fn(u32)>,
}

/// An upper bound for a figure.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// The figure.
    pub measure: Measure,
    /// The row of the group that the figure is divided by.
    pub over: &'static str,
    /// The required bound.
    pub must: f64,
    /// The bound to reach later.
    pub then: f64,
}

/// The figure that a goal bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The instructions of a call, divided by the other row's.
    Instructions,
    /// The time of a call, divided by the other row's.
    Time,
    /// The number of allocations of a call.
    Allocations,
}

impl Length {
    /// Returns the number of calls between two reads of the clock.
    #[must_use]
    pub fn batch(self) -> u32 {
        match self {
            Self::Short => 64,
            Self::Long => 8,
        }
    }
}

impl Row {
    /// Creates a row and calls it once, so that an error is reported and not measured.
    ///
    /// # Errors
    ///
    /// That of the call.
    pub fn new<T, E>(name: &'static str, call: impl Fn() -> Result<T, E> + 'static) -> Answer<Self>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        call().map_err(|error| format!("{name}: {}", error.into()))?;
        let calls = Box::new(move |times| {
            for _ in 0..times {
                let _ = black_box(call());
            }
        });
        Ok(Self { name, goals: Vec::new(), calls })
    }

    /// Runs `prepare` before each batch.
    #[must_use]
    pub fn after(self, prepare: impl Fn() + 'static) -> Self {
        let Self { calls, .. } = self;
        let calls = Box::new(move |times| {
            prepare();
            calls(times);
        });
        Self { calls, ..self }
    }

    /// Adds a goal.
    #[must_use]
    pub fn with_goal(mut self, measure: Measure, over: &'static str, must: f64, then: f64) -> Self {
        self.goals.push(Goal { measure, over, must, then });
        self
    }

    /// Does the work `times` times.
    pub fn call(&self, times: u32) {
        (self.calls)(times);
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("name", &self.name).finish_non_exhaustive()
    }
}
