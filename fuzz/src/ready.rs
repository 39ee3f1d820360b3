//! Waits for a store in memory.

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls a future of a store that needs no runtime.
pub(crate) fn ready<T, E: Debug>(future: impl Future<Output = Result<T, E>>) -> T {
    let (mut future, mut context) = (pin!(future), Context::from_waker(Waker::noop()));
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result.expect("a store in memory never fails");
        }
    }
}
