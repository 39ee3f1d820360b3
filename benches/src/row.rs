//! One way to do the work, and what it is held to.

use std::error::Error;
use std::hint::black_box;

/// What may fail before anything is measured.
pub type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Rows that do the same work.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What the work is.
    pub name: &'static str,
    /// How long it takes.
    pub length: Length,
    /// Prepares the rows.
    pub rows: fn() -> Answer<Vec<Row>>,
}

/// How long a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Microseconds at most.
    Short,
    /// So many instructions that nobody wants to wait until they are counted one by one.
    Long,
}

/// One way to do the work of a group.
pub struct Row {
    /// Who does it.
    pub name: &'static str,
    /// The figures that it is held to.
    pub goals: Vec<Goal>,
    calls: Box<dyn Fn(u32)>,
}

/// A figure and the most that it may be.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// What is held.
    pub measure: Measure,
    /// Over which row of the group.
    pub over: &'static str,
    /// What it must be.
    pub must: f64,
    /// What it is to become.
    pub then: f64,
}

/// What a goal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The instructions of a call, over those of the other row.
    Instructions,
    /// The time of a call, over that of the other row.
    Time,
    /// The number of allocations, whatever the other row's are.
    Allocations,
}

impl Length {
    /// How often the work is done between two looks at the clock.
    #[must_use]
    pub fn batch(self) -> u32 {
        match self {
            Self::Short => 64,
            Self::Long => 8,
        }
    }
}

impl Row {
    /// A row that has done its work once, so that it is not a refusal that is measured.
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

    /// The same row, with something done before each batch.
    #[must_use]
    pub fn after(self, prepare: impl Fn() + 'static) -> Self {
        let Self { calls, .. } = self;
        let calls = Box::new(move |times| {
            prepare();
            calls(times);
        });
        Self { calls, ..self }
    }

    /// The same row, held to one more figure.
    #[must_use]
    pub fn held_to(mut self, measure: Measure, over: &'static str, must: f64, then: f64) -> Self {
        self.goals.push(Goal { measure, over, must, then });
        self
    }

    /// Does the work that often.
    pub fn call(&self, times: u32) {
        (self.calls)(times);
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("name", &self.name).finish_non_exhaustive()
    }
}
