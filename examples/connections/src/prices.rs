//! What the connections carry: a price each 100 ms.

use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use gatevault::token::Invalidation;
use tokio::time::{Interval, interval};

/// An event of a stream: its name and its data.
pub(crate) type Event = (&'static str, String);

/// Returns the times of new prices.
pub(crate) fn ticks() -> Interval {
    interval(Duration::from_millis(100))
}

/// Returns prices until the end. The last event is the reason.
pub(crate) fn events(end: Invalidation) -> impl Stream<Item = Event> {
    unfold(Some((ticks(), end, 0_u32)), async |state| {
        let (mut ticks, mut end, price) = state?;
        tokio::select! {
            biased; // no price after the end
            reason = &mut end => Some((("end", reason.to_string()), None)),
            _ = ticks.tick() => Some((("price", price.to_string()), Some((ticks, end, price.wrapping_add(1))))),
        }
    })
}
