//! Time, measured in rounds with a batch of each row in turn: a slowdown of the machine affects all rows.

use std::time::Instant;

use gatevault_benches::Row;

/// Measures the nanoseconds of a call of each row: the tenth percentile of the rounds.
pub(crate) fn interleaved(rows: &[Row], batch: u32, rounds: u32) -> Vec<f64> {
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    for _ in 0..rounds {
        for (row, times) in rows.iter().zip(&mut times) {
            // Warms the caches, which the previous row has used.
            row.call(batch.div_ceil(8));
            let start = Instant::now();
            row.call(batch);
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(batch));
        }
    }
    times.into_iter().map(tenth_percentile).collect()
}

/// Returns the tenth percentile.
fn tenth_percentile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 10).copied().unwrap_or_default()
}
