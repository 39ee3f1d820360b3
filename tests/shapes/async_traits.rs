//! Methods under `#[async_trait]`: the check runs when the future is first polled, where every parameter has its name.

use std::future::ready;

use async_trait::async_trait;
use gatevault::{GateVault, protected};

use crate::{Answer, Denied, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access, tokens};

/// A number in a pattern.
struct Path(u64);

/// The methods, with every receiver and parameter.
#[async_trait]
trait Orders {
    async fn shared(&self, token: &str, order: u64) -> Answer;
    async fn exclusive(&mut self, token: &str, order: u64) -> Answer;
    async fn consumed(self, token: &str) -> Answer
    where
        Self: Sized;
    async fn boxed(self: Box<Self>, token: &str) -> Answer;
    async fn associated(token: String, order: u64) -> Answer
    where
        Self: Sized;
    async fn pattern(&self, token: &str, path: Path, pair: (u64, u64)) -> Answer;
    async fn generic<'o, T>(&self, token: &str, of: &'o T, text: &str) -> Answer<&'o T>
    where
        T: Sync;
    async fn owned(&self, token: String) -> Answer;
    async fn changed(&self, token: &str) -> Answer;
    async fn without_payload(&self, token: &str) -> Answer;

    #[protected(require = allowed(self.opened(), order).await)]
    async fn provided(&self, token: &str, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(self.opened()))
    }

    fn opened(&self) -> u64;
}

/// A service with a gate of its own and a database of what is open.
pub(crate) struct Service {
    pub(crate) gate: GateVault,
    open: u64,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self { gate: GateVault::new(tokens().clone()), open: 7 }
    }

    /// Reads from the database, as a policy does.
    pub(crate) async fn is_open(&self, order: u64) -> bool {
        allowed(self.open, order).await
    }
}

/// Waits, as a database does.
pub(crate) async fn allowed(open: u64, order: u64) -> bool {
    tokio::task::yield_now().await;
    open == order
}

/// Waits and can fail.
async fn found(order: u64) -> Answer<bool> {
    tokio::task::yield_now().await;
    if order == 404 { Err(Denied(404)) } else { Ok(true) }
}

/// A condition on something, for conditions with a function within.
trait Rule {
    fn get(&self) -> u64;
}

#[async_trait]
impl Orders for Service {
    #[protected(gate = self.gate, require(self.is_open(order).await, found(order).await?))]
    async fn shared(&self, token: &str, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(order))
    }

    #[protected(gate = self.gate, require = found(order).await? && self.is_open(order).await)]
    async fn exclusive(&mut self, token: &str, order: u64, payload: User) -> Answer {
        self.open = payload.user_id;
        ready(()).await;
        Ok(self.open.wrapping_add(order))
    }

    #[protected(gate = self.gate, require = self.is_open(7).await)]
    async fn consumed(mut self, token: &str, payload: User) -> Answer {
        self.open = payload.user_id;
        ready(()).await;
        Ok(self.open)
    }

    #[protected(gate = self.gate, require = self.is_open(7).await)]
    async fn boxed(self: Box<Self>, token: &str, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    #[protected(require = allowed(7, order).await)]
    async fn associated(token: String, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(order))
    }

    #[protected(require = payload.org_id == Some(id) && allowed(a, b).await)]
    async fn pattern(&self, token: &str, Path(id): Path, (a, mut b): (u64, u64), payload: User) -> Answer {
        b = b.wrapping_add(a);
        ready(()).await;
        Ok(payload.user_id.wrapping_add(id).wrapping_add(b))
    }

    #[protected(gate = self.gate, require = allowed(self.open, u64::from(text == "seven").wrapping_mul(7)).await)]
    async fn generic<'o, T>(&self, token: &str, of: &'o T, text: &str, payload: User) -> Answer<&'o T>
    where
        T: Sync,
    {
        ready(payload).await;
        Ok(of)
    }

    #[protected(gate = self.gate)]
    async fn owned(&self, token: String, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    #[protected(gate = self.gate, require = {
        struct Wrapped(u64);
        impl Rule for Wrapped {
            fn get(&self) -> u64 {
                self.0
            }
        }
        self.is_open(Wrapped(self.open).get()).await && is_seven(self.open)
    })]
    async fn changed(&self, token: &str, mut payload: User) -> Answer {
        payload.user_id = payload.user_id.wrapping_add(self.open);
        ready(()).await;
        Ok(payload.user_id)
    }

    #[protected(gate = self.gate, require = self.is_open(7).await)]
    async fn without_payload(&self, token: &str) -> Answer {
        ready(()).await;
        Ok(self.open)
    }

    fn opened(&self) -> u64 {
        self.open
    }
}

fn is_seven(number: u64) -> bool {
    number == 7
}

/// Runs a future, which a multi-threaded runtime could run too.
pub(crate) fn run<F: Future + Send>(future: F) -> F::Output {
    pollster::block_on(future)
}

#[test]
fn a_policy_of_an_async_trait_can_wait() {
    let service = Service::new();
    assert_eq!(run(service.shared(&access(), 7)), Ok(49));
    assert_eq!(run(service.shared(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.shared(FORGED, 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.provided(&access(), 7)), Ok(49));
    assert_eq!(run(service.provided(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.provided(FORGED, 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(Service::associated(access(), 7)), Ok(49));
    assert_eq!(run(Service::associated(access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(Service::associated(FORGED.into(), 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.without_payload(&access())), Ok(7));
    assert_eq!(run(service.without_payload(FORGED)), Err(UNAUTHENTICATED));
}

#[test]
fn an_error_of_a_policy_leaves_the_method() {
    let mut service = Service { open: 404, ..Service::new() };
    assert_eq!(run(service.shared(&access(), 404)), Err(Denied(404)));
    assert_eq!(run(service.exclusive(&access(), 404)), Err(Denied(404)));
}

#[test]
fn every_receiver_is_visible_to_the_check() {
    let mut service = Service::new();
    assert_eq!(run(service.exclusive(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.exclusive(FORGED, 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.exclusive(&access(), 7)), Ok(49));
    assert_eq!(run(Box::new(Service::new()).boxed(&access())), Ok(42));
    assert_eq!(run(Box::new(service).boxed(&access())), Err(FORBIDDEN));
    assert_eq!(run(Service::new().consumed(&access())), Ok(42));
    assert_eq!(run(Service::new().consumed(FORGED)), Err(UNAUTHENTICATED));
}

#[test]
fn every_parameter_is_visible_to_the_check() {
    let service = Service::new();
    assert_eq!(run(service.pattern(&access(), Path(7), (1, 1))), Ok(51));
    assert_eq!(run(service.pattern(&access(), Path(8), (1, 1))), Err(FORBIDDEN));
    assert_eq!(run(service.pattern(&access(), Path(7), (1, 2))), Err(FORBIDDEN));
    assert_eq!(run(service.pattern(FORGED, Path(7), (1, 1))), Err(UNAUTHENTICATED));
    assert_eq!(run(service.generic(&access(), &'a', "seven")), Ok(&'a'));
    assert_eq!(run(service.generic(&access(), &'a', "eight")), Err(FORBIDDEN));
    assert_eq!(run(service.owned(access())), Ok(42));
    assert_eq!(run(service.owned(FORGED.into())), Err(UNAUTHENTICATED));
}

#[test]
fn a_function_within_a_condition_keeps_its_self() {
    assert_eq!(run(Service::new().changed(&access())), Ok(49));
    assert_eq!(run(Service { open: 8, ..Service::new() }.changed(&access())), Err(FORBIDDEN));
}
