//! Measures the requests per second of a guarded axum route beside those of the bare route and of a guard written by hand:
//! `cargo bench -p gatevault-http-benches`. With `--quick` the load is small, to check that it runs.
//!
//! One thread serves and another one sends requests over 32 connections. The routes take turns, so that a change of the
//! machine's speed meets all of them, and the ratio of each round is taken within the round.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod client;
mod server;

use std::env;
use std::time::Duration;

use self::client::Load;
use self::server::{ROUTES, Server};

type BenchResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> BenchResult<()> {
    let quick = env::args().any(|argument| argument == "--quick");
    let (rounds, length) = if quick { (1, Duration::from_millis(50)) } else { (7, Duration::from_secs(1)) };
    let server = Server::start()?;
    let load = Load::new(&server, 32)?;

    let mut rates = ROUTES.map(|_| Vec::new());
    // The first round warms up.
    for round in 0..=rounds {
        for (route, rates) in ROUTES.iter().zip(&mut rates) {
            let rate = load.rate_of(route.path, length)?;
            if round > 0 {
                rates.push(rate);
            }
        }
    }

    println!("{:<58} {:>12} {:>8}", "route", "requests/s", "/ bare");
    let bare = rates.first().cloned().unwrap_or_default();
    for (route, rates) in ROUTES.iter().zip(rates) {
        let ratios = rates.iter().zip(&bare).map(|(rate, bare)| rate / bare).collect();
        println!("{:<58} {:>12.0} {:>8.3}", route.name, median(rates), median(ratios));
    }
    Ok(())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
