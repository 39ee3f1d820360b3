//! Guarded calls on an executor while logins saturate the pool of password hashing.

use std::future::ready;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use gatevault::{AuthUser, Claims, GuardError, OAuthHandler, TokenManager, UserId, protected};
use tokio::runtime::Runtime;
use tokio::task::{JoinSet, yield_now};

use crate::figures::Figures;
use crate::{BenchResult, Rounds};

#[derive(Claims, Clone, Copy)]
struct User {
    user_id: u64,
}

#[protected(gate = tokens)]
async fn guarded(tokens: &TokenManager, payload: User) -> Result<u64, GuardError> {
    ready(()).await;
    Ok(payload.user_id)
}

/// A user type without users: each login costs the work of a wrong password.
struct NoUser;

impl AuthUser for NoUser {
    fn id(&self) -> UserId {
        0.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        None
    }
}

/// Prints the time of guarded calls, without and with concurrent logins.
///
/// # Errors
///
/// Returns an error if a guarded call is denied.
pub fn print_saturation(runtime: &Runtime, rounds: Rounds) -> BenchResult<()> {
    let tokens = TokenManager::new([7; 32])?;
    let access = tokens.create_access_token(&User { user_id: 42 })?;
    let (idle, idle_median) = runtime.block_on(calls(tokens.clone(), access.clone(), rounds))?;
    let (is_over, logins) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let oauth = OAuthHandler::new_async(tokens.clone(), |_: &str| ready(None::<NoUser>));
    let oauth = Arc::new(oauth.stateless());
    let (busy, busy_median) = runtime.block_on(async {
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (oauth, is_over, logins) = (Arc::clone(&oauth), Arc::clone(&is_over), Arc::clone(&logins));
            clients.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    drop(oauth.async_login("unknown", "a guess").await);
                    logins.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let figures = calls(tokens, access, rounds).await;
        is_over.store(true, Ordering::Relaxed);
        clients.abort_all();
        figures
    })?;
    let ratio = busy.as_secs_f64() / idle.as_secs_f64();
    println!("\nguarded calls on tokio: p50 {idle_median:?}, p99 {idle:?}");
    println!(
        "  beside {CLIENTS} clients that log in: p50 {busy_median:?}, p99 {busy:?}, {ratio:.2} times idle \
         (must 2, then 1.3); {} logins meanwhile",
        logins.load(Ordering::Relaxed)
    );
    Ok(())
}

/// Returns the 99th percentile and the median of guarded calls, which yield to other tasks in between.
async fn calls(tokens: TokenManager, access: String, rounds: Rounds) -> BenchResult<(Duration, Duration)> {
    let task = tokio::spawn(async move {
        let mut times = Vec::new();
        for _ in 0..rounds.calls {
            let start = Instant::now();
            let user = guarded(access.as_str(), &tokens).await;
            times.push(start.elapsed());
            black_box(user)?;
            yield_now().await;
        }
        let times = Figures::of(times);
        Ok::<_, GuardError>((times.percentile(99), times.median()))
    });
    Ok(task.await??)
}

const CLIENTS: u32 = 48;
