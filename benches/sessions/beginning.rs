//! Sessions that begin without a password: the tokens, and the row in the store.

use std::time::{Duration, Instant};

use gatevault::login::{SessionRequest, StepUpRequest};

use crate::figures::Figures;
use crate::node::{Account, Node};
use crate::operations::{HeldSession, OTHER_USERS};
use crate::servers::{KINDS, Servers, store_at};
use crate::{BenchResult, Rounds};

/// Prints a line for each store: the median of each operation, and of the row alone.
///
/// # Errors
///
/// Returns the errors of the stores.
pub async fn print_beginnings(servers: &Servers, rounds: Rounds) -> BenchResult<()> {
    println!("\nmedian of one client     the row alone   begin_session         refresh         step_up");
    for kind in KINDS {
        let address = servers.address(kind);
        let (store, node) = (store_at(kind, &address).await?, Node::start(kind, &address).await?);
        let [mut row, mut begin, mut refresh, mut step_up] = [(); 4].map(|()| Vec::new());
        for number in 0..u64::from(rounds.users) {
            // One session a user: no limit is near.
            let user = OTHER_USERS.wrapping_mul(2).wrapping_add(number);
            row.push(timed(HeldSession::open(&store, user)).await?.1);
            let account = Account::new(user);
            let request = SessionRequest::new().amr(["hwk", "user"]).acr("phr");
            let (pair, time) = timed(node.oauth.async_begin_session(&account, request)).await?;
            begin.push(time);
            let (pair, time) = timed(node.oauth.async_refresh(&pair.refresh_token)).await?;
            refresh.push(time);
            let request = StepUpRequest::new().amr(["hwk", "otp"]);
            step_up.push(timed(node.oauth.async_step_up(&account, &pair.access_token, request)).await?.1);
        }
        let [row, begin, refresh, step_up] =
            [row, begin, refresh, step_up].map(|times| Figures::of(times).median());
        println!("  {kind:9} {row:>27.1?} {begin:>15.1?} {refresh:>15.1?} {step_up:>15.1?}");
    }
    Ok(())
}

/// Returns the result of an operation, and its time.
async fn timed<T, E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    operation: impl Future<Output = Result<T, E>>,
) -> BenchResult<(T, Duration)> {
    let start = Instant::now();
    let result = operation.await.map_err(Into::into)?;
    Ok((result, start.elapsed()))
}
