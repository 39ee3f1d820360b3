//! The comparison of two classes of times.

/// The comparison of the times of two classes.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The largest |t| of all tests.
    pub largest_t: f64,
    /// The median time of the first class less that of the second, in nanoseconds.
    pub difference: f64,
    /// The median time of the second class, in nanoseconds.
    pub median: f64,
    /// The number of measurements.
    pub measurements: usize,
}

/// The meaning of a |t|, with the bounds of dudect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The classes take different times: |t| is above 10.
    Leak,
    /// |t| is between 5 and 10: only more measurements can tell.
    Unclear,
    /// This many measurements found no difference.
    NoneFound,
}

impl Comparison {
    /// Compares the times of two classes, in nanoseconds: all of them, and those below each of a hundred percentiles.
    ///
    /// The longest times are mostly those of interrupts. Cropping them makes small differences visible.
    #[must_use]
    pub fn of(mut times: [Vec<f64>; 2]) -> Self {
        let mut all = times.concat();
        for times in times.iter_mut().chain([&mut all]) {
            times.sort_unstable_by(f64::total_cmp);
        }
        let [first, second] = &times;
        let bounds = (1..=PERCENTILES).filter_map(|number| crop_at(&all, number)).chain([f64::INFINITY]);
        let t = bounds.filter_map(|bound| t_below(bound, first, second)).map(f64::abs);
        let median = median(second);
        Self {
            largest_t: t.fold(0.0, f64::max),
            difference: self::median(first) - median,
            median,
            measurements: all.len(),
        }
    }

    /// Returns what the largest |t| means.
    #[must_use]
    pub fn finding(&self) -> Finding {
        match self.largest_t {
            t if t > LEAK => Finding::Leak,
            t if t < NONE => Finding::NoneFound,
            _ => Finding::Unclear,
        }
    }
}

/// Returns the time at which the test with this number crops. As in dudect, the percentiles are dense near the longest times.
fn crop_at(sorted: &[f64], number: u32) -> Option<f64> {
    let fraction = 1.0 - 0.5_f64.powf(10.0 * f64::from(number) / f64::from(PERCENTILES));
    let count = u32::try_from(sorted.len()).map_or(f64::MAX, f64::from);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below the length, and not negative"
    )]
    let rank = (count * fraction) as usize;
    sorted.get(rank).copied()
}

/// Returns Welch's t of the times below a bound, or `None` if there are too few.
fn t_below(bound: f64, first: &[f64], second: &[f64]) -> Option<f64> {
    let [first, second] = [first, second].map(|sorted| {
        let cropped = sorted.iter().take_while(|time| **time < bound);
        cropped.fold(Moments::default(), |moments, time| moments.with(*time))
    });
    if first.count < FEWEST || second.count < FEWEST {
        return None;
    }
    let difference = first.mean - second.mean;
    let spread = (first.variance_of_mean() + second.variance_of_mean()).sqrt();
    // Without any spread, as of a clock with coarse steps, any difference is certain.
    if difference.abs() > 0.0 { Some(difference / spread) } else { Some(0.0) }
}

/// The mean and the variance of numbers, in one pass (Welford's algorithm).
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    /// The sum of the squared distances from the mean.
    squares: f64,
}

impl Moments {
    fn with(self, number: f64) -> Self {
        let count = self.count + 1.0;
        let distance = number - self.mean;
        let mean = self.mean + distance / count;
        Self { count, mean, squares: self.squares + distance * (number - mean) }
    }

    fn variance_of_mean(self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

const PERCENTILES: u32 = 100;
/// The fewest times of a class in a test. Fewer would make a large |t| by chance.
const FEWEST: f64 = 30.0;
const LEAK: f64 = 10.0;
const NONE: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::random::Random;

    /// Times of 1000 ns with a noise of up to `noise` ns, and one interrupt in 64.
    fn times(random: &mut Random, offset: f64, noise: u32) -> Vec<f64> {
        let mut time = || {
            let interrupt = if random.below(64) == 0 { 50_000.0 } else { 0.0 };
            1000.0 + offset + f64::from(random.below(noise)) + interrupt
        };
        (0..20_000).map(|_| time()).collect()
    }

    #[test]
    fn welch_t_is_that_of_a_worked_example() {
        // Means 20 and 23, variances 10 and 24: t = -3 / sqrt(10/5 + 24/4).
        let [one, two] = [[16.0, 18.0, 20.0, 22.0, 24.0].as_slice(), &[17.0, 23.0, 23.0, 29.0]]
            .map(|numbers| numbers.iter().fold(Moments::default(), |moments, number| moments.with(*number)));
        let t = (one.mean - two.mean) / (one.variance_of_mean() + two.variance_of_mean()).sqrt();
        assert!((t + 3.0 / (2.0 + 24.0 / 4.0_f64).sqrt()).abs() < 1e-12, "{t}");
    }

    #[test]
    fn a_difference_far_below_the_noise_is_found_and_none_is_not() {
        let random = &mut Random::seeded(1);
        let apart = Comparison::of([times(random, 5.0, 100), times(random, 0.0, 100)]);
        assert_eq!(apart.finding(), Finding::Leak, "{apart:?}");
        assert!((apart.difference - 5.0).abs() < 3.0, "{apart:?}");
        let alike = Comparison::of([times(random, 0.0, 100), times(random, 0.0, 100)]);
        assert_eq!(alike.finding(), Finding::NoneFound, "{alike:?}");
        assert_eq!(alike.measurements, 40_000);
    }

    #[test]
    fn cropping_finds_what_interrupts_hide() {
        let random = &mut Random::seeded(2);
        let [mut first, second] = [2.0, 0.0].map(|offset| times(random, offset, 20));
        let raw = t_below(f64::INFINITY, &first, &second).unwrap().abs();
        assert!(raw < LEAK, "{raw}");
        first.rotate_left(7);
        assert_eq!(Comparison::of([first, second]).finding(), Finding::Leak);
    }

    #[test]
    fn times_without_any_spread_are_equal_or_certain_to_differ() {
        let of = |first: f64, second: f64| Comparison::of([vec![first; 100], vec![second; 100]]);
        assert_eq!(of(7.0, 7.0).finding(), Finding::NoneFound);
        assert_eq!(of(8.0, 7.0).finding(), Finding::Leak);
    }

    #[test]
    fn too_few_times_are_no_finding() {
        let few = Comparison::of([vec![1.0; 20], vec![2.0; 20]]);
        assert_eq!((few.finding(), few.measurements), (Finding::NoneFound, 40));
    }
}
