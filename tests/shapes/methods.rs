//! Methods with every receiver: inherent ones, trait methods, and methods that a trait provides.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use gatevault::{GateVault, TokenManager, TokenSource, protected};

use crate::{Answer, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access, tokens};

struct Desk {
    gate: GateVault,
    served: u64,
}

impl Desk {
    fn new() -> Self {
        Self { gate: GateVault::new(tokens().clone()), served: 0 }
    }

    #[protected]
    fn associated(payload: User) -> Answer {
        Ok(payload.user_id)
    }

    #[protected(gate = self.gate)]
    fn shared(&self, add: u64, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(self.served).wrapping_add(add))
    }

    #[protected(gate = &self.gate)]
    fn exclusive(&mut self, payload: User) -> Answer {
        self.served = self.served.wrapping_add(payload.user_id);
        Ok(self.served)
    }

    #[protected(gate = self.gate)]
    fn consumed(self, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(self.served))
    }

    #[protected(gate = self.gate)]
    fn counted(self: Arc<Self>, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(self.served))
    }

    #[protected(gate = self.gate)]
    fn pinned(self: Pin<&mut Self>, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(self.served))
    }

    #[expect(clippy::boxed_local, reason = "the receiver is what the test is about")]
    #[protected(gate = self.gate)]
    fn boxed(self: Box<Self>, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(self.served))
    }

    #[protected(gate = self.gate)]
    fn spelled_out(self: &Arc<Self>, payload: User) -> Answer<Arc<Self>> {
        (payload.user_id == 42).then(|| Arc::clone(self)).ok_or(UNAUTHENTICATED)
    }

    #[protected(gate = self.gate)]
    fn consumed_to_change(mut self, payload: User) -> Answer<Self> {
        self.served = payload.user_id;
        Ok(self)
    }

    #[protected(gate = self.gate)]
    async fn counted_later(self: Arc<Self>, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(self.served))
    }

    #[protected(gate = self.gate)]
    async fn pinned_later(mut self: Pin<&mut Self>, payload: User) -> Answer {
        self.served = payload.user_id;
        ready(()).await;
        Ok(self.served)
    }

    #[protected(gate = self.gate)]
    async fn awaited(&mut self, payload: User) -> Answer {
        ready(()).await;
        self.served = payload.user_id;
        Ok(self.served)
    }

    #[protected(gate = self.gate)]
    fn borrowed<'a>(&'a self, name: &str, payload: User) -> Answer<&'a u64>
    where
        Self: Sized,
    {
        (name.is_empty() || payload.user_id == 42).then_some(&self.served).ok_or(UNAUTHENTICATED)
    }
}

trait Counter {
    fn manager(&self) -> &TokenManager;

    fn count(&self, token: &str, by: u64) -> Answer;

    fn count_generic(&self, token: impl TokenSource, by: u64) -> Answer;

    async fn count_later(&self, token: impl TokenSource) -> Answer;

    #[protected(gate = self.manager())]
    fn provided(&self, payload: User) -> Answer
    where
        Self: Sized,
    {
        Ok(payload.user_id)
    }

    #[protected(gate = self.manager())]
    async fn provided_later(&self, by: u64, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(by))
    }

    #[protected]
    fn provided_by_the_type(payload: User) -> Answer {
        Ok(payload.user_id)
    }
}

impl Counter for TokenManager {
    fn manager(&self) -> &TokenManager {
        self
    }

    #[protected(gate = self)]
    fn count(&self, token: &str, by: u64, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(by))
    }

    #[protected(gate = self)]
    fn count_generic(&self, by: u64, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(by))
    }

    #[protected(gate = self)]
    async fn count_later(&self, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }
}

/// A dyn-compatible trait with a provided method.
trait Named {
    fn name(&self) -> &str;

    #[protected]
    fn greeting(&self, token: &str, payload: User) -> Answer<String> {
        let _ = token;
        Ok(format!("{} greets {}", self.name(), payload.user_id))
    }
}

impl Named for str {
    fn name(&self) -> &str {
        self
    }
}

struct Bag<T, const N: usize>([T; N]);

impl<T: Clone, const N: usize> Bag<T, N>
where
    T: PartialEq,
{
    #[protected(require = self.0.contains(wanted))]
    fn take<const FROM: usize>(&self, wanted: &T, payload: User) -> Answer<Vec<T>> {
        let User { .. } = payload;
        Ok(self.0.iter().skip(FROM).cloned().collect())
    }
}

#[test]
fn every_receiver_is_kept() {
    let mut desk = Desk::new();
    assert_eq!(Desk::associated(access()), Ok(42));
    assert_eq!(desk.shared(access(), 1), Ok(43));
    assert_eq!(desk.exclusive(access()), Ok(42));
    assert_eq!(desk.borrowed(access(), "Ada"), Ok(&42));
    assert_eq!(Pin::new(&mut desk).pinned(access()), Ok(84));
    assert_eq!(pollster::block_on(desk.awaited(access())), Ok(42));
    assert_eq!(desk.consumed(access()), Ok(84));
    assert_eq!(Arc::new(Desk::new()).counted(access()), Ok(42));
    assert_eq!(Box::new(Desk::new()).boxed(access()), Ok(42));
    assert!(Arc::new(Desk::new()).spelled_out(access()).is_ok());
    assert_eq!(Desk::new().consumed_to_change(access()).map(|desk| desk.served), Ok(42));
    assert_eq!(pollster::block_on(Arc::new(Desk::new()).counted_later(access())), Ok(42));
    assert_eq!(pollster::block_on(Pin::new(&mut Desk::new()).pinned_later(access())), Ok(42));
}

#[test]
fn every_receiver_is_guarded() {
    let mut desk = Desk::new();
    assert_eq!(Desk::associated(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(desk.shared(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(desk.exclusive(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(desk.borrowed(FORGED, "Ada"), Err(UNAUTHENTICATED));
    assert_eq!(Pin::new(&mut desk).pinned(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(desk.awaited(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(desk.consumed(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(Arc::new(Desk::new()).counted(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(Box::new(Desk::new()).boxed(FORGED), Err(UNAUTHENTICATED));
    assert!(Arc::new(Desk::new()).spelled_out(FORGED).is_err_and(|denial| denial == UNAUTHENTICATED));
    assert!(Desk::new().consumed_to_change(FORGED).is_err_and(|denial| denial == UNAUTHENTICATED));
    assert_eq!(pollster::block_on(Arc::new(Desk::new()).counted_later(FORGED)), Err(UNAUTHENTICATED));
    let mut desk = Desk::new();
    assert_eq!(pollster::block_on(Pin::new(&mut desk).pinned_later(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(desk.served, 0);
}

#[test]
fn a_trait_is_implemented_by_guarded_methods() {
    let tokens = tokens();
    let access = access();
    assert_eq!(tokens.count(&access, 1), Ok(43));
    assert_eq!(tokens.count_generic(&access, 1), Ok(43));
    assert_eq!(pollster::block_on(tokens.count_later(&access)), Ok(42));
    assert_eq!(tokens.provided(&access), Ok(42));

    assert_eq!(tokens.count(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(tokens.count_generic(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(tokens.count_later(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(tokens.provided(FORGED), Err(UNAUTHENTICATED));

    assert_eq!(pollster::block_on(tokens.provided_later(&access, 1)), Ok(43));
    assert_eq!(pollster::block_on(tokens.provided_later(FORGED, 1)), Err(UNAUTHENTICATED));
    assert_eq!(TokenManager::provided_by_the_type(&access), Ok(42));
    assert_eq!(TokenManager::provided_by_the_type(FORGED), Err(UNAUTHENTICATED));
}

#[test]
fn a_trait_that_is_called_through_dyn_is_guarded() {
    struct Clerk;
    impl Named for Clerk {
        fn name(&self) -> &'static str {
            "Bob"
        }
    }
    let clerk: &dyn Named = &Clerk;
    assert_eq!(clerk.greeting(&access()), Ok("Bob greets 42".into()));
    assert_eq!(clerk.greeting(FORGED), Err(UNAUTHENTICATED));
    assert_eq!("Ada".greeting(FORGED), Err(UNAUTHENTICATED));
}

#[test]
fn methods_of_generic_types_are_guarded() {
    let bag = Bag(["a", "b", "c"]);
    assert_eq!(bag.take::<1>(access(), &"a"), Ok(vec!["b", "c"]));
    assert_eq!(bag.take::<1>(access(), &"d"), Err(FORBIDDEN));
    assert_eq!(bag.take::<1>(FORGED, &"a"), Err(UNAUTHENTICATED));
}
