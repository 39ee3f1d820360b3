//! Time, in rounds of a batch of each row in turn: what slows the machine down slows all of them.

use std::time::Instant;

use gatevault_benches::Row;

/// The nanoseconds of a call of each row, where only one round in ten was quicker.
pub(crate) fn interleaved(rows: &[Row], batch: u32, rounds: u32) -> Vec<f64> {
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    for _ in 0..rounds {
        for (row, times) in rows.iter().zip(&mut times) {
            // Whatever ran before has had the caches.
            row.call(batch.div_ceil(8));
            let start = Instant::now();
            row.call(batch);
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(batch));
        }
    }
    times.into_iter().map(tenth_percentile).collect()
}

fn tenth_percentile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 10).copied().unwrap_or_default()
}
