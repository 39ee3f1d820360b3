//! Timing leaks: the method of dudect (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2016).
//!
//! Two classes of inputs are prepared in advance. Each measurement draws a class at random and takes the time of a call. Welch's
//! t-test compares the times of both classes, as they are and cropped at a hundred percentiles. A large |t| is a leak; a small
//! one says that this many measurements found none.
//!
//! The crate `dudect-bencher` has the same tests, but prints them only, so that a program cannot judge its controls, and depends
//! on version 2 of clap, which is no longer maintained.

mod comparison;
mod pair;
mod random;

pub use comparison::{Comparison, Finding};
pub use pair::{Expected, Pair};
