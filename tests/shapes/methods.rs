//! Methods: every receiver, inherent, of traits and provided by traits.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use gatevault::{GateVault, TokenManager, TokenSource, protected};

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access, tokens};

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

    #[protected(gate = self.gate)]
    async fn awaited(&mut self, payload: User) -> Answer {
        ready(()).await;
        self.served = payload.user_id;
        Ok(self.served)
    }

    #[protected(gate = self.gate)]
    fn lent<'a>(&'a self, name: &str, payload: User) -> Answer<&'a u64>
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

#[test]
fn every_receiver_is_kept() {
    let mut desk = Desk::new();
    assert_eq!(Desk::associated(access()), Ok(42));
    assert_eq!(desk.shared(access(), 1), Ok(43));
    assert_eq!(desk.exclusive(access()), Ok(42));
    assert_eq!(desk.lent(access(), "Ada"), Ok(&42));
    assert_eq!(Pin::new(&mut desk).pinned(access()), Ok(84));
    assert_eq!(pollster::block_on(desk.awaited(access())), Ok(42));
    assert_eq!(desk.consumed(access()), Ok(84));
    assert_eq!(Arc::new(Desk::new()).counted(access()), Ok(42));
}

#[test]
fn every_receiver_is_guarded() {
    let mut desk = Desk::new();
    assert_eq!(Desk::associated(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(desk.shared(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(desk.exclusive(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(desk.lent(FORGED, "Ada"), Err(UNAUTHENTICATED));
    assert_eq!(Pin::new(&mut desk).pinned(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(desk.awaited(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(desk.consumed(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(Arc::new(Desk::new()).counted(FORGED), Err(UNAUTHENTICATED));
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
}
