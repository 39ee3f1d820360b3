//! Measures the requests per second of guarded routes of axum and actix-web beside those of the bare route and of a guard written
//! by hand: `cargo bench -p gatevault-http-benches --bench http`. With `--quick` the load is small, to check that it runs.
//!
//! One thread serves and another one sends requests over 32 connections. The routes of both frameworks take turns, so that a
//! change of the machine's speed meets all of them, and the ratio of each round is taken within the round. The last two rows show
//! the parts of a guarded route: what any extractor costs, and the verification alone.
//!
//! axum has no `matched-path` here, a default feature that adds about 600 instructions to the bare route. Behind it, the gate costs
//! about 700 more, because the extensions of the request must grow for it.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod by_hand;
mod client;
mod handlers;
mod server;

use std::env;
use std::time::Duration;

use self::client::Load;
use self::server::{BY_HAND, COPIED, DECODED, ROUTES, Server};

type BenchResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> BenchResult<()> {
    let quick = env::args().any(|argument| argument == "--quick");
    let (rounds, length) =
        if quick { (1, Duration::from_millis(50)) } else { (15, Duration::from_millis(500)) };
    let servers = [Server::axum()?, Server::actix()?];

    let mut rates = [const { [const { Vec::new() }; ROUTES.len()] }; 2];
    // The first round warms up.
    for round in 0..=rounds {
        for (server, rates) in servers.iter().zip(&mut rates) {
            let load = Load::new(server, 32)?;
            for (route, rates) in ROUTES.iter().zip(rates) {
                let rate = load.rate_of(route.path, length)?;
                if round > 0 {
                    rates.push(rate);
                }
            }
        }
    }
    for (server, rates) in servers.iter().zip(&rates) {
        print_table(server.framework, rates, !quick);
    }
    Ok(())
}

/// Prints the rates of a framework's routes and their ratios to the bare route's. With goals, prints whether they are met.
fn print_table(framework: &str, rates: &[Vec<f64>; ROUTES.len()], has_goals: bool) {
    println!("\n{framework:<60} {:>12} {:>8}", "requests/s", "/ bare");
    let [bare, ..] = rates;
    let ratios = rates.each_ref().map(|rates| rates.iter().zip(bare).map(|(rate, bare)| rate / bare));
    for ((route, ratios), rates) in ROUTES.iter().zip(ratios.map(Iterator::collect)).zip(rates) {
        let ratio = median(ratios);
        let is_ours = !matches!(route.name, "bare" | BY_HAND | COPIED | DECODED);
        let verdict = if has_goals && is_ours { verdict(ratio) } else { String::new() };
        println!("  {:<58} {:>12.0} {ratio:>8.3}  {verdict}", route.name, median(rates.clone()));
    }
}

fn verdict(ratio: f64) -> String {
    let verdict = match (ratio >= MUST, ratio >= THEN) {
        (_, true) => "met",
        (true, false) => "must met, then not met",
        (false, false) => "not met",
    };
    format!("(must {MUST}, then {THEN}): {verdict}")
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// The goals for the ratio of a guarded route.
const MUST: f64 = 0.90;
const THEN: f64 = 0.94;
