//! Callers who go away in the middle of it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gatevault_store_tests::{Place, World, is_revoked};
use tokio::time::sleep;

over_every_store!(
    a_refresh_that_is_dropped_at_any_await_leaves_one_token_that_is_good,
    a_logout_that_is_dropped_at_any_await_has_happened_or_has_not,
    a_login_that_is_dropped_at_any_await_leaves_whole_sessions,
);

/// A future that is given up after so many polls.
struct UpTo<F>(usize, Pin<Box<F>>);

impl<F: Future> Future for UpTo<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.0.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.0 = left;
        match self.1.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// More than any of the calls awaits.
const POLLS: usize = 12;

async fn a_refresh_that_is_dropped_at_any_await_leaves_one_token_that_is_good(place: &Place) {
    let world = World::over(&place.store);
    let mut pair = world.login(&world.add(1)).await;
    for polls in (0..POLLS).cycle().take(6 * POLLS) {
        let dropped = UpTo(polls, Box::pin(world.refresh(&pair))).await;
        let next = world.refresh(&pair).await.unwrap();
        if let Some(made) = dropped {
            assert_eq!(made.unwrap().refresh_token, next.refresh_token);
        }
        // Whatever is still under way finds that it is late.
        sleep(Duration::from_millis(20)).await;
        assert_eq!(world.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
        pair = next;
    }
}

async fn a_logout_that_is_dropped_at_any_await_has_happened_or_has_not(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    for polls in 0..POLLS {
        let pair = world.login(&user).await;
        UpTo(polls, Box::pin(world.oauth.async_logout(pair.refresh_token.as_str()))).await;
        sleep(Duration::from_millis(20)).await;
        let outcome = world.refresh(&pair).await;
        assert!(outcome.is_ok() || is_revoked(&outcome), "{outcome:?}");
        world.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
        assert!(is_revoked(&world.refresh(&pair).await));
    }
}

async fn a_login_that_is_dropped_at_any_await_leaves_whole_sessions(place: &Place) {
    let world = World::over(&place.store);
    let user = world.add(1);
    let mut given = 0;
    for polls in 0..POLLS {
        let login = UpTo(polls, Box::pin(world.try_login(&user))).await;
        given += usize::from(login.is_some_and(|pair| pair.is_ok()));
    }
    sleep(Duration::from_millis(300)).await;
    let sessions = world.oauth.async_sessions(user.clone()).await.unwrap().len();
    assert!((given..=POLLS).contains(&sessions), "{sessions} sessions, {given} given");
    assert_eq!(world.oauth.async_logout_everywhere(user).await.unwrap(), sessions);
}
