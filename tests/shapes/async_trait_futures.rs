//! Futures under `#[async_trait]`: what they return, when they verify, and what `#[instrument]` makes of them.
#![expect(clippy::unused_self, reason = "receivers are what the tests are about")]

use std::borrow::Cow;
use std::future::ready;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Context, Waker};

use async_trait::async_trait;
use gatevault::{GuardError, OnDenied, TokenSource, protected};
use tracing::instrument;

use crate::async_traits::{Service, allowed, run};
use crate::log::logged;
use crate::{Answer, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access};

/// A return type that carries a denial without a `Result`.
#[derive(Debug, PartialEq)]
struct Status(u16);

impl OnDenied for Status {
    fn on_denied(denial: GuardError) -> Self {
        Self(denial.status())
    }
}

#[async_trait]
trait Statuses {
    async fn status(&self, token: &str, order: u64) -> Status;

    #[protected(require = allowed(7, order).await)]
    async fn with_an_added_token(&self, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }
}

#[async_trait]
impl Statuses for Service {
    #[protected(gate = self.gate, require = self.is_open(order).await)]
    async fn status(&self, token: &str, order: u64, payload: User) -> Status {
        ready(payload).await;
        Status(200)
    }
}

/// A context that finds its token later.
struct Request(String);

impl Request {
    async fn token(&self) -> Option<&str> {
        ready(()).await;
        Some(&self.0)
    }

    fn count(&self, status: u16) -> u64 {
        u64::from(status).min(1000)
    }
}

#[async_trait]
trait Signatures {
    async fn token_of_a_context(&self, request: &Request) -> Answer;
    async fn nothing(&self, request: &Request, served: &Mutex<u64>);
    async fn number(&self, request: &Request, claims: u64) -> u64;
}

#[async_trait]
impl Signatures for Service {
    #[protected(gate = self.gate, token = request.token().await, payload = who: User, require = who.user_id == 42)]
    async fn token_of_a_context(&self, request: &Request) -> Answer {
        ready(()).await;
        Ok(who.user_id)
    }

    #[protected(gate = self.gate, token = request.token().await, denied = |_| ())]
    async fn nothing(&self, request: &Request, served: &Mutex<u64>) {
        *served.lock().expect("not poisoned") = 1;
    }

    /// The parameter `claims` is not the payload without a name.
    #[protected(gate = self.gate, token = request.0, payload = _: User, denied = |denial| request.count(denial.status()))]
    async fn number(&self, request: &Request, claims: u64) -> u64 {
        ready(()).await;
        claims
    }
}

#[protected(denied = |_| (), payload = _: User)]
fn boxed_by_hand<'f>(token: &str, served: &'f Mutex<u64>) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>> {
    Box::pin(async move { *served.lock().expect("not poisoned") = 1 })
}

#[async_trait(?Send)]
trait Local {
    async fn count(&self, token: &str, of: Rc<u64>) -> Answer;
}

#[async_trait(?Send)]
impl Local for Rc<Service> {
    #[protected(gate = self.gate, require = { let of = Rc::clone(&of); self.is_open(*of).await })]
    async fn count(&self, token: &str, of: Rc<u64>, payload: User) -> Answer {
        let of = Rc::clone(&of);
        ready(()).await;
        Ok(payload.user_id.wrapping_add(*of))
    }
}

#[async_trait]
trait Traced {
    async fn below(&self, token: &str, order: u64) -> Answer;
    async fn above(&self, token: &str, order: u64) -> Answer;
    async fn above_with_results(&self, token: &str, order: u64) -> Answer;
    async fn above_with_the_payload(&self, token: String) -> Answer;
}

#[async_trait]
impl Traced for Service {
    #[protected(gate = self.gate, require = self.is_open(order).await)]
    #[instrument(skip_all)]
    async fn below(&self, token: &str, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    #[instrument(skip_all, fields(order))]
    #[protected(gate = self.gate, require = self.is_open(order).await)]
    async fn above(&self, token: &str, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    #[instrument(skip_all, err(Debug), ret)]
    #[instrument(skip_all, err(Debug))]
    #[instrument(skip_all, ret)]
    #[protected(gate = self.gate, require = self.is_open(order).await)]
    async fn above_with_results(&self, token: &str, order: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    /// The span records the payload, so the check comes before the span.
    #[instrument(skip(self, token))]
    #[protected(gate = self.gate)]
    async fn above_with_the_payload(&self, token: String, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }
}

/// A token source that counts how often it is asked.
#[derive(Default)]
struct Asked(Mutex<u32>);

impl TokenSource for &Asked {
    fn token(&self) -> Option<Cow<'_, str>> {
        let mut asked = self.0.lock().expect("not poisoned");
        *asked = asked.wrapping_add(1);
        Some(access().into())
    }
}

#[async_trait]
trait Lazy {
    async fn load(&self, token: &Asked) -> Answer;
}

#[async_trait]
impl Lazy for Service {
    #[protected(gate = self.gate)]
    async fn load(&self, token: &Asked, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }
}

#[test]
fn a_denial_is_the_return_type_of_the_method() {
    let service = Service::new();
    assert_eq!(run(service.status(&access(), 7)), Status(200));
    assert_eq!(run(service.status(&access(), 8)), Status(403));
    assert_eq!(run(service.status(FORGED, 7)), Status(401));
}

#[test]
fn the_arguments_leave_the_signature_alone() {
    let service = Service::new();
    let (granted, denied) = (Request(access()), Request(FORGED.into()));
    assert_eq!(run(service.token_of_a_context(&granted)), Ok(42));
    assert_eq!(run(service.token_of_a_context(&denied)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.number(&granted, 7)), 7);
    assert_eq!(run(service.number(&denied, 7)), 401);
}

#[test]
fn a_denial_of_a_method_without_a_result_is_converted() {
    let (service, served) = (Service::new(), Mutex::new(0));
    run(service.nothing(&Request(FORGED.into()), &served));
    run(boxed_by_hand(FORGED, &served));
    assert_eq!(*served.lock().expect("not poisoned"), 0);
    run(service.nothing(&Request(access()), &served));
    assert_eq!(*served.lock().expect("not poisoned"), 1);
    *served.lock().expect("not poisoned") = 0;
    run(boxed_by_hand(&access(), &served));
    assert_eq!(*served.lock().expect("not poisoned"), 1);
}

#[test]
fn a_denial_names_the_type_of_the_method() {
    let service = Service::new();
    let events = logged(|| run(service.above(FORGED, 7)));
    assert!(events.concat().contains("Service::above"), "{events:?}");
}

#[test]
fn a_token_is_added_to_a_provided_method() {
    let service = Service::new();
    assert_eq!(run(service.with_an_added_token(access(), 7)), Ok(42));
    assert_eq!(run(service.with_an_added_token(access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.with_an_added_token(FORGED, 7)), Err(UNAUTHENTICATED));
}

#[test]
fn a_future_of_one_thread_is_guarded() {
    let service = Rc::new(Service::new());
    assert_eq!(pollster::block_on(service.count(&access(), Rc::new(7))), Ok(49));
    assert_eq!(pollster::block_on(service.count(&access(), Rc::new(8))), Err(FORBIDDEN));
    assert_eq!(pollster::block_on(service.count(FORGED, Rc::new(7))), Err(UNAUTHENTICATED));
}

#[test]
fn an_instrumented_method_is_guarded() {
    let service = Service::new();
    assert_eq!(run(service.below(&access(), 7)), Ok(42));
    assert_eq!(run(service.below(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.below(FORGED, 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.above(&access(), 7)), Ok(42));
    assert_eq!(run(service.above(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.above(FORGED, 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.above_with_results(&access(), 7)), Ok(42));
    assert_eq!(run(service.above_with_results(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(run(service.above_with_results(FORGED, 7)), Err(UNAUTHENTICATED));
    assert_eq!(run(service.above_with_the_payload(access())), Ok(42));
    assert_eq!(run(service.above_with_the_payload(FORGED.into())), Err(UNAUTHENTICATED));
}

#[test]
fn the_token_is_verified_at_the_first_poll() {
    let (service, asked) = (Service::new(), Asked::default());
    let times = || *asked.0.lock().expect("not poisoned");
    let mut future = pin!(service.load(&asked));
    assert_eq!(times(), 0, "at the call");
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(times(), 1, "at the first poll");
}

#[test]
fn a_future_that_is_never_polled_verifies_nothing() {
    let (service, asked) = (Service::new(), Asked::default());
    let events = logged(|| {
        drop(service.load(&asked));
        drop(service.above(FORGED, 7));
    });
    assert_eq!(events, [""; 0]);
    assert_eq!(*asked.0.lock().expect("not poisoned"), 0);
}
