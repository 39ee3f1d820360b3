//! The cost of connections that wait for the end of their tokens.

use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use std::{fs, thread};

use allocation_counter::measure;
use gatevault::login::SessionRequest;
use gatevault::{OAuthHandler, Payload, Verified};
use gatevault_tests::{Account, tokens};

const CONNECTIONS: u64 = 10_000;

/// Counts the threads that follow the clock of a manager.
fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("gatevault-conne")).count()
}

#[test]
fn ten_thousand_waiting_connections_need_one_thread_and_less_than_a_kilobyte_each() {
    let tokens = tokens();
    let oauth = OAuthHandler::new(tokens.clone(), |_: &str| None::<Account>);
    let connect = |id: u64| -> Option<Verified<Payload>> {
        let account = Account { id: id.into(), hash: String::new() };
        let pair = oauth.begin_session(&account, SessionRequest::new()).ok()?;
        tokens.decode_access_token(&pair.access_token).ok()
    };
    let callers: Vec<_> = (0..CONNECTIONS).filter_map(connect).collect();
    let mut futures = Vec::with_capacity(callers.len());
    let mut context = Context::from_waker(Waker::noop());
    let allocated = measure(|| {
        for caller in &callers {
            let mut future = Box::new(tokens.invalidated(caller).ignoring_expiry());
            assert!(Pin::new(&mut *future).poll(&mut context).is_pending());
            futures.push(future);
        }
    });
    assert_eq!((futures.len(), threads()), (10_000, 1));
    let bytes = u64::try_from(allocated.bytes_current).unwrap_or(u64::MAX) / CONNECTIONS;
    println!(
        "a waiting connection of a session: {bytes} bytes, {} of them its future",
        size_of_val(&*futures[0])
    );
    assert!(bytes < 1024, "{bytes} bytes");
    drop(futures);
    let deadline = Instant::now() + Duration::from_mins(1);
    while threads() > 0 {
        assert!(Instant::now() < deadline, "the thread has not ended");
        thread::sleep(Duration::from_millis(10));
    }
}
