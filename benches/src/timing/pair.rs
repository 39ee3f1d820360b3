//! Two classes of inputs of one call, and their measurement.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use super::Comparison;
use super::random::Random;
use crate::Answer;

/// Two classes of inputs that an attacker must not tell apart by the time of a call.
pub struct Pair {
    /// The description of the classes.
    pub name: String,
    /// The expected finding.
    pub expected: Expected,
    classes: [Vec<String>; 2],
    /// Returns whether the input is accepted.
    call: Box<dyn Fn(&str) -> bool>,
    measurements: u32,
    repeats: u32,
}

/// The expected finding of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// No leak.
    None,
    /// A leak that the measurement must find, or it could find none.
    Control,
    /// A difference that is inherent, for this reason.
    Inherent(&'static str),
}

impl Pair {
    /// Creates a pair. Calls every input once and checks that it is refused, and that all inputs have one length: the length
    /// of an input is no secret.
    ///
    /// # Errors
    ///
    /// Returns an error if an input is accepted, or if the lengths differ.
    pub fn new(
        name: impl Into<String>,
        classes: [Vec<String>; 2],
        call: impl Fn(&str) -> bool + 'static,
    ) -> Answer<Self> {
        let name = name.into();
        let length = classes.iter().flatten().map(String::len).next().ok_or("no inputs")?;
        for input in classes.iter().flatten() {
            if call(input) || input.len() != length {
                return Err(format!("{name}: an input is accepted, or has another length").into());
            }
        }
        let call = Box::new(call);
        Ok(Self { name, expected: Expected::None, classes, call, measurements: MEASUREMENTS, repeats: 1 })
    }

    /// Sets the expected finding.
    #[must_use]
    pub fn expecting(self, expected: Expected) -> Self {
        Self { expected, ..self }
    }

    /// Sets the number of measurements.
    #[must_use]
    pub fn measured(self, measurements: u32) -> Self {
        Self { measurements, ..self }
    }

    /// Sets the number of calls between two reads of the clock. The differences of short calls add up.
    #[must_use]
    pub fn repeated(self, repeats: u32) -> Self {
        Self { repeats, ..self }
    }

    /// Measures the calls, a multiple or a fraction of their number, and compares the classes.
    #[must_use]
    pub fn compare(&self, multiple: u32, fraction: u32) -> Comparison {
        let measurements = self.measurements.saturating_mul(multiple).checked_div(fraction);
        let measurements = measurements.unwrap_or_default().max(FEWEST);
        let (mut random, mut times) = (Random::new(), [Vec::new(), Vec::new()]);
        // One buffer for every input, so that no class is nearer to the processor than the other.
        let mut input = String::new();
        for number in 0..measurements.saturating_add(WARM_UP) {
            let [first, second] = &mut times;
            let [one, other] = &self.classes;
            let (inputs, times) = if random.below(2) == 0 { (one, first) } else { (other, second) };
            let count = u32::try_from(inputs.len()).unwrap_or(1);
            let chosen = inputs.get(usize::try_from(random.below(count)).unwrap_or_default());
            input.clear();
            input.push_str(chosen.map_or("", String::as_str));
            let nanoseconds = self.nanoseconds(&input);
            if number >= WARM_UP {
                times.push(nanoseconds);
            }
        }
        Comparison::of(times)
    }

    /// Returns the time of a call.
    fn nanoseconds(&self, input: &str) -> f64 {
        let start = Instant::now();
        for _ in 0..self.repeats {
            black_box((self.call)(black_box(input)));
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(self.repeats)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("name", &self.name).finish_non_exhaustive()
    }
}

const MEASUREMENTS: u32 = 200_000;
const FEWEST: u32 = 100;
/// The first measurements, which fill the caches, are dropped.
const WARM_UP: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_is_accepted_or_of_another_length_is_an_error() {
        let classes = || [vec!["aa".to_owned()], vec!["bb".to_owned()]];
        assert!(Pair::new("refused", classes(), |_| false).is_ok());
        assert!(Pair::new("accepted", classes(), |input| input == "bb").is_err());
        assert!(Pair::new("lengths", [vec!["a".to_owned()], vec!["bb".to_owned()]], |_| false).is_err());
    }

    #[test]
    fn every_measurement_but_those_of_the_warm_up_is_compared() {
        let pair = Pair::new("any", [vec!["a".to_owned()], vec!["b".to_owned()]], |_| false).unwrap();
        assert_eq!(pair.measured(500).compare(2, 5).measurements, 200);
    }
}
