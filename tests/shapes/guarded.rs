//! Every block that `#[guarded]` supports, and the defaults it sets for the functions inside.
#![expect(clippy::indexing_slicing, reason = "an absent claim of a payload reads as null")]
#![expect(dead_code, reason = "some items only show that a guarded block can contain them")]

use std::future::ready;
use std::marker::PhantomData;
use std::time::Duration;

use gatevault::{GateVault, Payload, TokenManager, TokenSource, Verified, guarded, protected};
use gatevault_tests::timed;

use crate::{Answer, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access, refresh, tokens};

struct Shop {
    gate: GateVault,
    /// A manager whose tokens no other gate accepts.
    other: TokenManager,
}

/// A user id that a block can demand of every payload inside.
trait HasUserId {
    fn has_user_id(&self, id: u64) -> bool;
}

impl HasUserId for User {
    fn has_user_id(&self, id: u64) -> bool {
        self.user_id == id
    }
}

impl HasUserId for Payload {
    fn has_user_id(&self, id: u64) -> bool {
        self["user_id"] == id
    }
}

impl Shop {
    fn new() -> Self {
        let other =
            TokenManager::new("another secret, of no fewer than 32 bytes").expect("it is long enough");
        Self { gate: GateVault::new(tokens().clone()), other }
    }
}

#[guarded(gate = self.gate, require = payload.has_user_id(42))]
impl Shop {
    #![allow(clippy::unused_self, reason = "an inner attribute is kept")]

    const SHELVES: [u8; 1 + 1] = { [1, 2] };

    /// Lists the goods.
    #[must_use]
    #[public(reason = "visitors browse before they log in")]
    pub(crate) const fn catalog(&self) -> &'static str {
        "pears"
    }

    #[protected]
    fn order(&self, count: u64, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(count))
    }

    #[protected()]
    async fn order_later(&mut self, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    #[gatevault::protected(gate = &self.other)]
    fn with_another_gate(&self, payload: User) -> Answer {
        Ok(payload.user_id)
    }

    #[protected(require = payload["org_id"] == 7)]
    fn with_another_condition(&self, payload: Payload) -> Answer {
        drop(payload);
        Ok(1)
    }

    #[protected(role = "clerk", require(true, payload["org_id"] == 7,),)]
    fn with_more(&self, payload: Verified<Payload>) -> Answer {
        drop(payload);
        Ok(2)
    }
}

trait Ledger {
    type Entry;
    const PAGES: u64;

    fn read(&self, token: &str) -> Answer<Self::Entry>;
    async fn read_later(&self, token: impl TokenSource) -> Answer;
    fn title(&self) -> String;
}

#[gatevault::guarded]
impl<T: Clone, const N: usize> Ledger for Book<T, { N }>
where
    [T; N]: Clone,
{
    type Entry = T;
    const PAGES: u64 = 3;

    #[protected]
    fn read(&self, token: &str, payload: User) -> Answer<T> {
        assert!(!token.is_empty() && payload.user_id == 42);
        self.entries.first().cloned().ok_or(FORBIDDEN)
    }

    #[protected]
    async fn read_later(&self, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(Self::PAGES))
    }

    #[public(reason = "the title is on the cover")]
    fn title(&self) -> String {
        "Ledger".into()
    }
}

struct Book<T, const N: usize> {
    entries: [T; N],
}

#[guarded]
impl Book<u8, { 1 + 2 }> {
    #[protected]
    fn three(&self) -> Answer {
        self.entries.last().map(|last| u64::from(*last)).ok_or(FORBIDDEN)
    }
}

#[guarded]
trait Counter {
    type Unit: Default;
    const STEP: u64 = { 1 };

    fn declared(&self) -> u64;

    #[public(reason = "a declaration can have the attribute")]
    fn declared_public(&self) -> u64;

    #[protected(payload = who)]
    fn count(&self, who: User) -> Answer
    where
        Self: Sized,
    {
        Ok(who.user_id.wrapping_add(self.declared()))
    }

    #[public(reason = "a unit is not secret")]
    fn unit(&self) -> Self::Unit {
        Self::Unit::default()
    }
}

impl Counter for u64 {
    type Unit = u64;

    fn declared(&self) -> u64 {
        *self
    }
    fn declared_public(&self) -> u64 {
        *self
    }
}

#[guarded(role = "admin", max_age = "5m")]
mod office {
    //! A module with every kind of item.

    use std::fmt::{self, Display};

    use gatevault::{Payload, TokenManager, guarded, protected};

    use crate::Answer;

    const FIRST: fn(u64) -> u64 = <u64 as Leading>::leading_zeros_of;
    static SECOND: [u8; 2] = [1, 2];
    type Third<const N: usize> = [u8; N];

    extern crate core as _;

    macro_rules! number {
        () => {
            7
        };
    }

    pub(super) struct Fourth<const N: usize = { 4 }>;
    struct Fifth(fn() -> u64);
    enum Sixth {
        One = 1,
    }
    union Seventh {
        one: u8,
    }

    trait Leading {
        #[public(reason = "arithmetic is free")]
        fn leading_zeros_of(self) -> u64;
    }

    impl Leading for u64 {
        #[public(reason = "arithmetic is free")]
        fn leading_zeros_of(self) -> u64 {
            u64::from(self.leading_zeros())
        }
    }

    #[protected(gate = tokens)]
    pub(super) fn open(tokens: &TokenManager, payload: Payload) -> Answer {
        drop(payload);
        Ok(number!())
    }

    #[protected(gate = tokens, any_role("admin", "guest"), max_age = "10m")]
    pub(super) fn lobby(tokens: &TokenManager, payload: Payload) -> Answer {
        drop(payload);
        Ok(number!())
    }

    pub(super) mod back {
        pub(in crate::guarded) struct Desk<'t>(pub(in crate::guarded) &'t gatevault::TokenManager);

        impl Desk<'_> {
            #[gatevault::protected(gate = self.0)]
            pub(in crate::guarded) fn sit(&self, payload: gatevault::Payload) -> crate::Answer {
                drop(payload);
                Ok(8)
            }
        }
    }

    pub(super) struct Sign;

    #[guarded]
    impl Display for Sign {
        #[public(reason = "the sign hangs outside")]
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("open")
        }
    }

    #[cfg(test)]
    mod tests {
        fn free_of_attributes() -> bool {
            true
        }

        #[test]
        fn tests_need_no_attribute() {
            assert!(free_of_attributes());
        }
    }
}

#[guarded]
#[allow(clippy::needless_pass_by_value, reason = "an attribute below is kept")]
impl<T> Cell<T> {
    /// Keeps its qualifiers and other attributes.
    #[protected]
    #[inline]
    pub(crate) extern "Rust" fn foreign(token: &str, _: PhantomData<T>) -> Answer {
        Ok(5)
    }
}

struct Cell<T>(T);

#[test]
fn the_arguments_of_a_block_are_defaults_for_its_functions() {
    let mut shop = Shop::new();
    assert_eq!(shop.catalog(), "pears");
    assert_eq!(shop.order(access(), 1), Ok(43));
    assert_eq!(pollster::block_on(shop.order_later(access())), Ok(42));
    let stranger = tokens().create_access_token(&User { user_id: 1, org_id: Some(7) }).expect("valid claims");
    assert_eq!(shop.order(&stranger, 1), Err(FORBIDDEN));
    assert_eq!(pollster::block_on(shop.order_later(&stranger)), Err(FORBIDDEN));
    assert_eq!(shop.order(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(shop.order(refresh(), 1), Err(UNAUTHENTICATED));
}

#[test]
fn a_setting_of_a_function_replaces_that_of_its_block_and_a_demand_is_added() {
    let shop = Shop::new();
    let other = shop.other.create_access_token(&User { user_id: 42, org_id: None }).expect("valid claims");
    assert_eq!(shop.with_another_gate(&other), Ok(42));
    assert_eq!(shop.with_another_gate(access()), Err(UNAUTHENTICATED));
    assert_eq!(shop.order(&other, 1), Err(UNAUTHENTICATED));

    let stranger = tokens().create_access_token(&User { user_id: 1, org_id: Some(7) }).expect("valid claims");
    assert_eq!(shop.with_another_condition(&stranger), Err(FORBIDDEN), "the block demands user 42");
    assert_eq!(shop.with_another_condition(access()), Ok(1));
    let clerk = |user_id| {
        let clerk = Payload::new(user_id).with("role", "clerk").with("org_id", 7);
        tokens().create_access_token(&clerk).expect("valid claims")
    };
    assert_eq!(shop.with_more(clerk(42)), Ok(2));
    assert_eq!(shop.with_more(clerk(1)), Err(FORBIDDEN), "the block demands user 42");
    assert_eq!(shop.with_more(access()), Err(FORBIDDEN));
}

#[test]
fn traits_and_their_implementations_are_guarded() {
    let book = Book { entries: [7_u8, 8, 9] };
    assert_eq!(book.read(&access()), Ok(7));
    assert_eq!(book.read(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(book.read_later(access())), Ok(45));
    assert_eq!(pollster::block_on(book.read_later(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(book.title(), "Ledger");
    assert_eq!((book.three(access()), book.three("")), (Ok(9), Err(UNAUTHENTICATED)));

    assert_eq!((1_u64.count(access()), 1_u64.count(FORGED)), (Ok(43), Err(UNAUTHENTICATED)));
    assert_eq!((1_u64.declared_public(), 1_u64.unit()), (1, 0));
}

#[test]
fn the_arguments_of_a_module_apply_to_everything_in_it() {
    let (builder, clock) = timed();
    let tokens = builder.build().expect("valid settings");
    let token =
        |role| tokens.create_access_token(&Payload::new(42).with("role", role)).expect("valid claims");
    let (admin, guest, desk) = (token("admin"), token("guest"), office::back::Desk(&tokens));
    assert_eq!((office::open(&admin, &tokens), office::open(&guest, &tokens)), (Ok(7), Err(FORBIDDEN)));
    assert_eq!((office::lobby(&admin, &tokens), office::lobby(&guest, &tokens)), (Ok(7), Err(FORBIDDEN)));
    assert_eq!((desk.sit(&admin), desk.sit(&guest)), (Ok(8), Err(FORBIDDEN)));

    clock.advance(Duration::from_secs(301));
    assert_eq!(office::open(&admin, &tokens), Err(UNAUTHENTICATED));
    assert_eq!(desk.sit(&admin), Err(UNAUTHENTICATED));
    assert_eq!(office::lobby(&admin, &tokens), Err(UNAUTHENTICATED), "five minutes, not ten");
    assert_eq!(office::Sign.to_string(), "open");
}

#[test]
fn a_function_keeps_its_qualifiers_and_attributes() {
    assert_eq!(Cell::<u8>::foreign(&access(), PhantomData), Ok(5));
    assert_eq!(Cell::<u8>::foreign(FORGED, PhantomData), Err(UNAUTHENTICATED));
}
