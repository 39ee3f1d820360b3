//! A function in a guarded block that takes a `Verified<_>` is guarded by that parameter.
#![expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the signatures are what the tests are about"
)]

use std::future::ready;

use async_trait::async_trait;
use gatevault::{GateVault, Verified, guarded, protected};

use crate::{Answer, UNAUTHENTICATED, User, access, tokens};

/// Returns the verified claims of a valid token.
fn verified() -> Verified<User> {
    tokens().decode_access_token(&access()).expect("a valid token")
}

#[guarded]
mod handlers {
    use std::future::ready;

    use gatevault::{GateVault, Payload, Verified, guarded, protected};

    use crate::{Answer, User};

    /// Keeps items at the start of its body.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an extractor passes a value")]
    pub(super) fn by_value(who: Verified<User>) -> u64 {
        const ONE: u64 = 1;
        fn incremented(id: u64) -> u64 {
            id.wrapping_add(ONE)
        }
        incremented(who.user_id)
    }

    pub(super) const fn by_reference(_year: u16, who: &Verified<User>) -> &Verified<User> {
        who
    }

    pub(super) async fn later(Wrapper(number): Wrapper, who: Verified<User>) -> Answer {
        #![allow(clippy::large_futures, reason = "an inner attribute is kept")]
        if number == 0 {
            return Ok(0);
        }
        ready(()).await;
        Ok(who.user_id)
    }

    pub(super) fn generic<C>(who: &Verified<C>, _other: Option<Verified<C>>) -> C
    where
        C: Clone,
    {
        (**who).clone()
    }

    pub(super) mod paths {
        pub(in crate::verified) fn written(who: &gatevault::Verified<crate::User>) -> u64 {
            who.user_id
        }
    }

    pub(super) struct Wrapper(pub(super) u64);

    pub(super) struct Desk<C>(pub(super) Option<C>);

    impl<C: Clone> Desk<C> {
        pub(in crate::verified) fn sit(&mut self, who: &Verified<C>) -> &C {
            self.0.insert((**who).clone())
        }
    }

    impl Desk<User> {
        #[protected(gate = gate)]
        pub(in crate::verified) fn check(gate: &GateVault, who: &Verified<User>, payload: Payload) -> Answer {
            drop(payload);
            Ok(who.user_id)
        }

        #[public(reason = "it only compares")]
        pub(in crate::verified) fn is_public(who: &Verified<User>) -> bool {
            who.user_id == 42
        }
    }

    pub(super) trait Room {
        type Guest;

        fn declared(&self, who: &Verified<Self::Guest>) -> u64;

        fn provided(&self, who: &Verified<Self::Guest>) -> u64 {
            self.declared(who)
        }
    }

    #[guarded]
    impl Room for Wrapper {
        type Guest = User;

        fn declared(&self, who: &Verified<Self::Guest>) -> u64 {
            self.0.wrapping_add(who.user_id)
        }
    }
}

struct Shop(GateVault);

/// Settings of a block are not demands.
#[guarded(gate = self.0)]
impl Shop {
    fn order(&self, who: &Verified<User>) -> Answer {
        Ok(who.user_id)
    }

    #[protected]
    fn restock(&self, payload: User) -> Answer {
        Ok(payload.user_id)
    }
}

#[async_trait]
trait Orders {
    async fn first(&self, who: &Verified<User>, order: &str) -> Answer;
    async fn second(&self, who: Verified<User>) -> Answer;
}

#[guarded(guards = ABOVE)]
#[async_trait]
impl Orders for Shop {
    async fn first(&self, who: &Verified<User>, order: &str) -> Answer {
        ready(()).await;
        assert!(!order.is_empty());
        Ok(who.user_id)
    }
    async fn second(&self, who: Verified<User>) -> Answer {
        self.first(&who, "second").await
    }
}

struct Market;

#[async_trait]
#[guarded(guards = BELOW)]
impl Orders for Market {
    async fn first(&self, who: &Verified<User>, order: &str) -> Answer {
        ready(()).await;
        assert!(!order.is_empty());
        Ok(who.user_id)
    }
    async fn second(&self, who: Verified<User>) -> Answer {
        self.first(&who, "second").await
    }
}

#[test]
fn a_function_with_a_verified_parameter_needs_no_attribute() {
    use handlers::Room as _;
    let who = verified();
    assert_eq!(handlers::by_value(verified()), 43);
    assert_eq!(handlers::by_reference(2026, &who).user_id, 42);
    assert_eq!(pollster::block_on(handlers::later(handlers::Wrapper(1), verified())), Ok(42));
    assert_eq!(handlers::generic(&who, None).user_id, 42);
    assert_eq!(handlers::paths::written(&who), 42);
    assert_eq!(handlers::Desk(None).sit(&who).user_id, 42);
    assert_eq!(handlers::Wrapper(1).provided(&who), 43);
    let shop = Shop(GateVault::new(tokens().clone()));
    assert_eq!((shop.order(&who), shop.restock(access())), (Ok(42), Ok(42)));
    let all: [&dyn Orders; 2] = [&shop, &Market];
    for orders in all {
        assert_eq!(pollster::block_on(orders.first(&who, "first")), Ok(42));
        assert_eq!(pollster::block_on(orders.second(verified())), Ok(42));
    }
}

/// An alias of the type, under its name.
mod aliased {
    pub(super) type Verified<T> = gatevault::Verified<T>;
}

/// Writes a block whose function has this type of parameter.
macro_rules! block {
    ($name:ident, $ty:ty) => {
        #[guarded]
        mod $name {
            #[expect(unused_imports, reason = "the type may have a path")]
            use super::{User, Verified, aliased};

            pub(super) fn open(who: &$ty) -> u64 {
                /// Hides the type from the body only.
                struct Verified<T>(T);
                Verified(who.user_id).0
            }
        }
    };
}

block!(written_by_a_macro, Verified<User>);
block!(of_an_alias, aliased::Verified<User>);

#[test]
fn an_alias_and_a_type_from_a_macro_are_the_type() {
    let who = verified();
    assert_eq!((written_by_a_macro::open(&who), of_an_alias::open(&who)), (42, 42));
}

#[test]
fn an_attribute_beside_a_verified_parameter_keeps_its_meaning() {
    let (who, gate) = (verified(), GateVault::new(tokens().clone()));
    assert_eq!(handlers::Desk::check(access(), &gate, &who), Ok(42));
    assert_eq!(handlers::Desk::check("", &gate, &who), Err(UNAUTHENTICATED));
    assert!(handlers::Desk::is_public(&who));
}

#[test]
fn guards_lists_the_claims_as_written_and_no_demand() {
    let shown: Vec<_> = handlers::GUARDS
        .iter()
        .chain(Shop::GUARDS)
        .chain(ABOVE)
        .map(|record| {
            assert!(record.demands.is_empty() && !record.optional && !record.refresh);
            (record.name, record.claims, record.public)
        })
        .collect();
    let guarded = |name, claims| (name, Some(claims), None);
    assert_eq!(
        shown,
        [
            guarded("by_value", "User"),
            guarded("by_reference", "User"),
            guarded("later", "User"),
            guarded("generic", "C"),
            guarded("written", "crate::User"),
            guarded("sit", "C"),
            guarded("check", "Payload"),
            ("is_public", None, Some("it only compares")),
            guarded("provided", "Self::Guest"),
            guarded("declared", "Self::Guest"),
            guarded("order", "User"),
            guarded("restock", "User"),
            guarded("first", "User"),
            guarded("second", "User"),
        ]
    );
    assert_eq!(BELOW.len(), ABOVE.len());
    let order = Shop::GUARDS.first().expect("one function");
    assert_eq!(order.to_string(), "shapes::verified::Shop::order: access token");
}
