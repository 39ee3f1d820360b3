//! Operations whose futures are dropped.

use gatevault::ApiKeys;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gatevault::session::{RotationOutcome, SessionDetails, SpendToken};
use gatevault_store_tests::{Backend, Fixture, is_revoked};
use tokio::time::sleep;

use crate::direct::Node;

over_every_store!(
    a_refresh_that_is_dropped_at_any_await_leaves_one_valid_token,
    a_logout_that_is_dropped_at_any_await_takes_effect_or_does_not,
    a_login_that_is_dropped_at_any_await_leaves_consistent_sessions,
    a_login_above_the_limit_that_is_dropped_at_any_await_ends_as_many_as_it_adds,
    a_token_whose_spending_is_dropped_at_any_await_is_spent_once_at_most,
    a_step_up_that_is_dropped_at_any_await_takes_effect_or_does_not,
);

/// A future that is dropped after a number of polls.
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

/// More polls than any of the calls needs.
const POLLS: usize = 12;

async fn a_refresh_that_is_dropped_at_any_await_leaves_one_valid_token(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let mut pair = fixture.login(&fixture.add(1)).await;
    for polls in (0..POLLS).cycle().take(6 * POLLS) {
        let dropped = UpTo(polls, Box::pin(fixture.refresh(&pair))).await;
        let next = fixture.refresh(&pair).await.unwrap();
        if let Some(pair) = dropped {
            assert_eq!(pair.unwrap().refresh_token, next.refresh_token);
        }
        // An operation that is still running comes too late to change anything.
        sleep(Duration::from_millis(20)).await;
        assert_eq!(fixture.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
        pair = next;
    }
}

async fn a_logout_that_is_dropped_at_any_await_takes_effect_or_does_not(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    for polls in 0..POLLS {
        let pair = fixture.login(&user).await;
        UpTo(polls, Box::pin(fixture.oauth.async_logout(pair.refresh_token.as_str()))).await;
        sleep(Duration::from_millis(20)).await;
        let outcome = fixture.refresh(&pair).await;
        assert!(outcome.is_ok() || is_revoked(&outcome), "{outcome:?}");
        fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
        assert!(is_revoked(&fixture.refresh(&pair).await));
    }
}

async fn a_login_that_is_dropped_at_any_await_leaves_consistent_sessions(backend: &Backend) {
    let fixture = Fixture::over(&backend.store);
    let user = fixture.add(1);
    let mut returned = 0;
    for polls in 0..POLLS {
        let login = UpTo(polls, Box::pin(fixture.try_login(&user))).await;
        returned += usize::from(login.is_some_and(|pair| pair.is_ok()));
    }
    sleep(Duration::from_millis(300)).await;
    let sessions = fixture.oauth.async_sessions(user.clone()).await.unwrap().len();
    assert!((returned..=POLLS).contains(&sessions), "{sessions} sessions, {returned} returned");
    assert_eq!(fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap(), sessions);
}

async fn a_login_above_the_limit_that_is_dropped_at_any_await_ends_as_many_as_it_adds(backend: &Backend) {
    let fixture = Fixture::with_settings(&backend.store, |oauth| oauth.session_limit(2));
    let user = fixture.add(1);
    for _ in 0..2 {
        fixture.login(&user).await;
    }
    for polls in 0..POLLS {
        UpTo(polls, Box::pin(fixture.try_login(&user))).await;
        sleep(Duration::from_millis(20)).await;
        let pair = fixture.login(&user).await;
        let sessions = fixture.oauth.async_sessions(user.clone()).await.unwrap();
        assert_eq!(sessions.len(), 2, "after {polls} polls");
        assert!(fixture.refresh(&pair).await.is_ok());
    }
}

async fn a_token_whose_spending_is_dropped_at_any_await_is_spent_once_at_most(backend: &Backend) {
    let node = Node::over(backend);
    for polls in 0..POLLS {
        let id = format!("token {polls}");
        let request = SpendToken::new(id.clone(), node.at(60), node.at(0));
        let dropped = UpTo(polls, Box::pin(node.store.spend(request))).await;
        let again = node.spend(&id).await;
        assert!(!again || dropped.is_none_or(|outcome| !outcome.unwrap()), "after {polls} polls");
        assert!(!node.spend(&id).await);
    }
}

async fn a_step_up_that_is_dropped_at_any_await_takes_effect_or_does_not(backend: &Backend) {
    let node = Node::over(backend);
    for polls in 0..POLLS {
        let id = format!("s{polls}");
        node.open(node.session(&id, 1, SessionDetails::new(node.at(-600)))).await;
        let request = node.step_up_to(&id, 1, "stepped");
        UpTo(polls, Box::pin(node.store.step_up(request))).await;
        // It may still be running.
        let found = node.find(&id).await.unwrap();
        assert_eq!(found.details.acr.is_some(), found.ticket.id == "stepped", "after {polls} polls");
        // The caller still has the first token.
        match node.rotate(&id, &format!("{id}-1"), "refreshed").await {
            RotationOutcome::Current(active) => assert!(active.details.acr.is_some()),
            RotationOutcome::Rotated(active) => {
                assert!(active.details.acr.is_none());
                assert_eq!(found.ticket.id, format!("{id}-1"));
            }
            outcome => panic!("{outcome:?}"),
        }
    }
}
